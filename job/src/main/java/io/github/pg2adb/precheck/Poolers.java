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
      int told = connection.unwrap(PGConnection.class).getBackendPID();
      int answering =
          Query.one(connection, "SELECT pg_backend_pid()", row -> Integer.valueOf(row.getInt(1)));
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
                Mend.inTaskFile(section + ".hostname and .port: the server's own")));
      }
    } catch (SkippedException e) {
      findings.add(Finding.skipped(code, String.valueOf(e.getMessage())));
    }
  }
}
