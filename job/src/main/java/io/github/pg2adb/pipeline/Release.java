package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.source.ReplicationSlot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a task at the source. */
public final class Release {

  private static final Logger LOG = LoggerFactory.getLogger(Release.class);

  private Release() {}

  /**
   * Drops the task's replication slot and publications, as far as they exist. Goes on when the
   * destination cannot be asked whether the task runs: it may be gone for good, and the source must
   * not keep WAL for it.
   *
   * @throws MigrationException if the task runs, or the role may not
   */
  public static void run(TaskConfig config) {
    try (MigrationLedger.Claim claim = claim(config)) {
      LOG.debug("Releasing task {} under {}", config.pipeline().name(), claim);
      new ReplicationSlot(config.source().endpoint(), config.pipeline().name()).release();
    }
  }

  private static MigrationLedger.Claim claim(TaskConfig config) {
    try {
      return Migration.ledger(config).claim();
    } catch (MigrationException e) {
      if (e.getCause() == null) {
        throw e;
      }
      LOG.warn("Cannot tell whether the task runs: {}", e.getMessage());
      return () -> {};
    }
  }
}
