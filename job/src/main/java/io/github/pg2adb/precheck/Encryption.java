package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether others on the way can read what is sent. */
final class Encryption implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_TLS, PrecheckCode.SINK_TLS);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    look(
        PrecheckCode.SOURCE_TLS,
        inspection::source,
        inspection.options().source(),
        "source",
        findings);
    look(PrecheckCode.SINK_TLS, inspection::sink, inspection.options().sink(), "sink", findings);
    return findings;
  }

  private static void look(
      PrecheckCode code,
      Once.Question<Connection> connection,
      Endpoint endpoint,
      String section,
      List<Finding> findings)
      throws SQLException {
    try {
      Query.one(
              connection.ask(),
              "SELECT inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr(),"
                  + " EXISTS (SELECT 1 FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl)",
              row ->
                  assess(
                      code,
                      endpoint,
                      section,
                      row.getBoolean(1) || isLoopback(endpoint.host()),
                      row.getBoolean(2)))
          .ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(code, String.valueOf(e.getMessage())));
    }
  }

  /** A forwarded port, such as a container's, is on this machine although the addresses differ. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  /** The pure part. */
  static Optional<Finding> assess(
      PrecheckCode code, Endpoint endpoint, String section, boolean isLocal, boolean isEncrypted) {
    return isLocal || isEncrypted
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                code,
                List.of(endpoint.toString()),
                "The connection is not encrypted, although the server is on another machine.",
                Mend.byHand(
                    "Put a certificate and its key into the server's data directory: server.crt, server.key (mode 0600).",
                    "ALTER SYSTEM SET ssl = on;",
                    "SELECT pg_reload_conf();",
                    "In the task file: " + section + ".tls.mode: require")));
  }
}
