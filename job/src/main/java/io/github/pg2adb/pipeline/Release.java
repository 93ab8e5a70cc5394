package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.source.ReplicationSlot;

/** Ends a task at the source. */
public final class Release {

  private Release() {}

  /**
   * Drops the task's replication slot and publications, as far as they exist.
   *
   * @throws io.github.pg2adb.model.MigrationException if a job still reads the slot, or the role
   *     may not
   */
  public static void run(TaskConfig config) {
    new ReplicationSlot(config.source().endpoint(), config.pipeline().name()).release();
  }
}
