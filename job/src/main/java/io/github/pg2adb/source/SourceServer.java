package io.github.pg2adb.source;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.SourceIdentity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The server behind a replication connection, as it names itself.
 *
 * @param identity its cluster and timeline
 * @param end where its flushed WAL ends
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html">IDENTIFY_SYSTEM</a>
 */
record SourceServer(SourceIdentity identity, Lsn end) {

  private static final String WAY_OUT =
      "Empty the destination tables and start anew under a new pipeline name.";

  /**
   * Asks the server. Its own functions would tell the timeline of the last checkpoint, which for a
   * while after a promotion is the old one.
   *
   * @param connection a replication connection
   */
  static SourceServer identify(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("IDENTIFY_SYSTEM")) {
      result.next();
      return new SourceServer(
          new SourceIdentity(result.getString("systemid"), result.getInt("timeline")),
          Lsn.parse(result.getString("xlogpos")));
    }
  }

  /**
   * Refuses a server on which the task's positions mean something else.
   *
   * @param recorded what the ledger's positions belong to
   * @param position where the task has to go on
   */
  void check(String task, SourceIdentity recorded, Lsn position) {
    if (!identity.system().equals(recorded.system())) {
      throw refusal(
          task,
          "its system identifier is "
              + identity.system()
              + " and that of the server this task began with was "
              + recorded.system()
              + ", so it is another server or was made anew from a dump",
          "Correct the source's address if this is not the server you mean. Otherwise empty the destination tables"
              + " and start anew under a new pipeline name.");
    }
    if (identity.timeline() != recorded.timeline()) {
      throw refusal(
          task,
          "its timeline is "
              + identity.timeline()
              + " and was "
              + recorded.timeline()
              + " when this task began, so a standby was promoted or a backup restored, and changes that the"
              + " destination has may be missing here",
          WAY_OUT);
    }
    if (end.isBefore(position)) {
      throw refusal(
          task,
          "its WAL ends at "
              + end
              + " and the destination has changes up to "
              + position
              + ", so the server was set back to an older state",
          WAY_OUT);
    }
  }

  private static MigrationException refusal(String task, String reason, String hint) {
    return new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot go on with the source of task \"" + task + "\": " + reason,
        hint);
  }
}
