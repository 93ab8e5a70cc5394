package io.github.pg2adb.precheck;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The source server and the role there.
 *
 * @param versionNumber as {@code server_version_num} has it: 160004 for 16.4
 * @param isStandby whether it is in recovery
 * @param role the role's name
 * @param settings settings by name: numbers in the setting's own unit
 */
record SourceServer(
    int versionNumber, boolean isStandby, String role, Map<String, String> settings) {

  private static final int MAJOR = 10_000;

  static SourceServer ask(Connection connection) throws SQLException {
    Map<String, String> settings = new HashMap<>();
    Query.all(
        connection,
        "SELECT name, setting FROM pg_settings WHERE category ~ '^(Replication|Resource|Write-Ahead|Connections|Preset)'"
            + " OR name IN ('server_encoding', 'lc_monetary')",
        row -> settings.put(row.getString("name"), row.getString("setting")));
    return Query.one(
        connection,
        "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_user",
        row ->
            new SourceServer(
                row.getInt(1), row.getBoolean(2), row.getString(3), Map.copyOf(settings)));
  }

  /** The major release: 16 for 16.4, 9 for 9.6. */
  int major() {
    return versionNumber / MAJOR;
  }

  String setting(String name) {
    return settings.getOrDefault(name, "");
  }

  /** A setting's number, or the given one if this release has no such setting. */
  long number(String name, long otherwise) {
    String value = settings.get(name);
    return value == null ? otherwise : Long.parseLong(value);
  }
}
