package io.github.pg2adb.sink;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.SQLException;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Errors of the destination without the values of rows. */
final class SinkErrors {

  private SinkErrors() {}

  /**
   * The error to throw to Flink: one after which trying again would fail again stops the job, any
   * other restarts it as configured.
   */
  static RuntimeException toFlink(RuntimeException error) {
    if (error instanceof MigrationException migration) {
      return switch (migration.kind()) {
        case FAIL, OPERATOR -> new SuppressRestartsException(migration);
        case RETRY_CONNECTION, RETRY_TRANSACTION -> migration;
      };
    }
    return error;
  }

  /**
   * The error with what was tried. The messages of SQLSTATE class 22 (data exceptions) quote the
   * value that was refused, so they are replaced together with the exception that carries them.
   */
  static MigrationException of(String attempt, String hint, SQLException error) {
    String state = error.getSQLState();
    if (state == null || !state.startsWith("22")) {
      return SqlErrors.wrap(attempt, hint, error);
    }
    SQLException withheld =
        new SQLException(
            "the destination refuses a value that it does not take for its type", state);
    withheld.setStackTrace(error.getStackTrace());
    return SqlErrors.wrap(attempt, hint, withheld);
  }
}
