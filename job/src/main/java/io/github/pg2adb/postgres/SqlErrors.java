package io.github.pg2adb.postgres;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.sql.SQLException;

/**
 * Turns a server's or driver's error into ours, by SQLSTATE and never by message text.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
 *     codes</a>
 */
public final class SqlErrors {

  private SqlErrors() {}

  /** What to do after this error. */
  public static ErrorKind kind(SQLException error) {
    String state = error.getSQLState();
    if (error.getCause() instanceof IOException) {
      return ErrorKind.RETRY_CONNECTION;
    }
    if (state == null) {
      return ErrorKind.FAIL;
    }
    if (state.startsWith("08") || state.startsWith("57P") || state.equals("53300")) {
      return ErrorKind.RETRY_CONNECTION;
    }
    // a limit that the server's configuration sets, such as max_replication_slots
    if (state.equals("53400")) {
      return ErrorKind.OPERATOR;
    }
    // out of disk, memory or lock slots, an operating system error, and what Greenplum reports when
    // it lost a segment
    if (state.startsWith("53") || state.startsWith("58") || state.startsWith("XX")) {
      return ErrorKind.RETRY_TRANSACTION;
    }
    return switch (state) {
      // serialization failure, deadlock, lock timeout, read-only server, a slot that the process of
      // a lost connection still holds; query cancelled is what Greenplum's global deadlock detector
      // does to its victim, and whoever cancels a query of its own must not ask for its kind
      case "40001", "40P01", "55P03", "25006", "55006", "57014" -> ErrorKind.RETRY_TRANSACTION;
      // login refused, unknown role or database: the task file is wrong
      case "28000", "28P01", "3D000" -> ErrorKind.OPERATOR;
      default -> ErrorKind.FAIL;
    };
  }

  /**
   * The error with what was tried.
   *
   * @param attempt {@code Cannot <verb> <object "name">}, to which the server's reason and SQLSTATE
   *     are added
   * @param hint what to do, empty if there is nothing
   */
  public static MigrationException wrap(String attempt, String hint, SQLException error) {
    String state = error.getSQLState() == null ? "none" : error.getSQLState();
    return new MigrationException(
        kind(error), attempt + ": " + reason(error) + " (SQLSTATE " + state + ")", hint, error);
  }

  /** The server's primary message alone: its detail may quote row values. */
  public static String reason(SQLException error) {
    if (error instanceof org.postgresql.util.PSQLException psql
        && psql.getServerErrorMessage() != null
        && psql.getServerErrorMessage().getMessage() != null) {
      return psql.getServerErrorMessage().getMessage();
    }
    return String.valueOf(error.getMessage());
  }
}
