package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether sessions have the settings that decide how values look as text. */
final class SessionSettings implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_SESSION, PrecheckCode.SINK_SESSION);
  }

  private static final Map<String, String> EXPECTED =
      Map.of(
          "DateStyle", "ISO, YMD",
          "IntervalStyle", "postgres",
          "TimeZone", "UTC",
          "extra_float_digits", "3",
          "bytea_output", "hex",
          "client_encoding", "UTF8",
          "statement_timeout", "0");

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    look(PrecheckCode.SOURCE_SESSION, inspection::source, findings);
    look(PrecheckCode.SINK_SESSION, inspection::sink, findings);
    return findings;
  }

  private static void look(
      PrecheckCode code, Once.Question<Connection> connection, List<Finding> findings)
      throws SQLException {
    try {
      Map<String, String> actual = new HashMap<>();
      Query.all(
          connection.ask(),
          "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (?)",
          row -> actual.put(row.getString(1), row.getString(2)),
          (Object) EXPECTED.keySet().toArray(String[]::new));
      assess(code, actual).ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(code, String.valueOf(e.getMessage())));
    }
  }

  /** The pure part: what differs from what was asked for at login. */
  static Optional<Finding> assess(PrecheckCode code, Map<String, String> actual) {
    List<String> wrong =
        EXPECTED.entrySet().stream()
            .filter(setting -> !setting.getValue().equals(actual.get(setting.getKey())))
            .map(setting -> setting.getKey() + " = " + actual.get(setting.getKey()))
            .sorted()
            .toList();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                code,
                wrong,
                "The session was opened with other settings and does not have them.",
                Mend.byHand(
                    "Connect to the server itself, without a pooler or gateway that drops them.")));
  }
}
