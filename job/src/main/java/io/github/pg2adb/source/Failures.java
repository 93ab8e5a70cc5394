package io.github.pg2adb.source;

import io.github.pg2adb.model.MigrationException;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Errors as Flink must see them. */
final class Failures {

  private Failures() {}

  /**
   * The error to throw to Flink: one after which trying again would fail again stops the job, any
   * other restarts it as configured. An {@link Error} becomes an exception, since Flink CDC's
   * fetchers hand on nothing else.
   */
  static Exception toFlink(Throwable error) {
    if (error instanceof MigrationException migration) {
      return toFlink(migration);
    }
    return error instanceof Exception exception
        ? exception
        : new IllegalStateException("The reader ended with " + error, error);
  }

  /** As {@link #toFlink(Throwable)}, where only unchecked errors can be thrown. */
  static RuntimeException toFlink(MigrationException error) {
    return switch (error.kind()) {
      case FAIL, OPERATOR -> new SuppressRestartsException(error);
      case RETRY_CONNECTION, RETRY_TRANSACTION -> error;
    };
  }
}
