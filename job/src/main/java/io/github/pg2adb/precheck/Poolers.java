package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.postgresql.PGConnection;

/** Whether the process that was logged in to is the one that answers. */
final class Poolers implements Item {

  private static final String PROTOCOL_VIOLATION = "08P01";

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_POOLER, PrecheckCode.SINK_POOLER);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    look(
        PrecheckCode.SOURCE_POOLER,
        inspection::source,
        inspection.options().source(),
        "source",
        findings);
    look(PrecheckCode.SINK_POOLER, inspection::sink, inspection.options().sink(), "sink", findings);
    return findings;
  }

  /**
   * A pooler invents the process id that it sends at login: it is there for cancelling, and no
   * server process has it.
   */
  private static void look(
      PrecheckCode code,
      Once.Question<Connection> question,
      Endpoint endpoint,
      String section,
      List<Finding> findings)
      throws SQLException {
    try {
      Connection connection = question.ask();
      int told = told(connection);
      int answering = answering(connection);
      if (told != answering) {
        findings.add(
            Finding.of(
                code,
                List.of(endpoint.toString()),
                "Process "
                    + told
                    + " was logged in to and process "
                    + answering
                    + " answers: a pooler is between.",
                mend(section)));
      }
    } catch (SkippedException e) {
      findings.add(
          refusesOptions(e) && isPooled(endpoint)
              ? Finding.of(
                  code,
                  List.of(endpoint.toString()),
                  "Sessions with settings of their own are refused, and one without is answered by another process than was"
                      + " logged in to: a pooler is between.",
                  mend(section))
              : Finding.skipped(code, String.valueOf(e.getMessage())));
    }
  }

  private static Mend mend(String section) {
    return Mend.inTaskFile(section + ".hostname and .port: the server's own");
  }

  /** PgBouncer's default is to refuse the startup parameter {@code options} as unsupported. */
  private static boolean refusesOptions(SkippedException e) {
    return e.refusal() != null
        && e.refusal().getCause() instanceof SQLException cause
        && PROTOCOL_VIOLATION.equals(cause.getSQLState());
  }

  private static boolean isPooled(Endpoint endpoint) throws SQLException {
    try (Connection connection = PlainSession.open(endpoint)) {
      return told(connection) != answering(connection);
    }
  }

  private static int told(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  private static int answering(Connection connection) throws SQLException {
    return Query.one(connection, "SELECT pg_backend_pid()", row -> Integer.valueOf(row.getInt(1)));
  }
}
