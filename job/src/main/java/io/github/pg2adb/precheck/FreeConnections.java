package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether readers and writers can all log in at once. */
final class FreeConnections implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_CONNECTIONS, PrecheckCode.SINK_CONNECTIONS);
  }

  /** Enumerator, observer, progress and row lookups, besides the readers. */
  private static final int SOURCE_WATCHERS = 4;

  /** Ledger of enumerator and reader, the task's lock, observer, progress, besides the writers. */
  private static final int SINK_WATCHERS = 5;

  private static final String USE =
      """
      SELECT current_setting('max_connections')::int AS max,
             (SELECT COALESCE(sum(setting::int), 0) FROM pg_settings
               WHERE name IN ('superuser_reserved_connections', 'reserved_connections')) AS reserved,
             (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL) AS used,
             d.datconnlimit, (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) AS used_database,
             r.rolconnlimit, (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid AND datid IS NOT NULL) AS used_role,
             r.rolname, d.datname, r.rolsuper
        FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user
      """;

  /** How many connections there may be and are; -1 stands for no limit. */
  record Use(
      int max,
      int reserved,
      int used,
      int databaseLimit,
      int usedByDatabase,
      int roleLimit,
      int usedByRole,
      String role,
      String database,
      boolean isSuperuser) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    int parallelism = inspection.options().parallelism();
    // indexes are created beside idle writers
    int creating = inspection.options().phases().contains(Phase.SCHEMA) ? parallelism + 2 : 0;
    look(
        PrecheckCode.SOURCE_CONNECTIONS,
        inspection::source,
        parallelism + SOURCE_WATCHERS,
        Mend::onSource,
        findings);
    look(
        PrecheckCode.SINK_CONNECTIONS,
        inspection::sink,
        parallelism + SINK_WATCHERS + creating,
        Mend::onSink,
        findings);
    return findings;
  }

  private static void look(
      PrecheckCode code,
      Once.Question<Connection> connection,
      int needed,
      java.util.function.Function<String, Mend> mend,
      List<Finding> findings)
      throws SQLException {
    try {
      Use use =
          Query.one(
              connection.ask(),
              USE,
              row ->
                  new Use(
                      row.getInt("max"),
                      row.getInt("reserved"),
                      row.getInt("used"),
                      row.getInt("datconnlimit"),
                      row.getInt("used_database"),
                      row.getInt("rolconnlimit"),
                      row.getInt("used_role"),
                      row.getString("rolname"),
                      row.getString("datname"),
                      row.getBoolean("rolsuper")));
      findings.addAll(assess(code, use, needed, mend));
    } catch (SkippedException e) {
      findings.add(Finding.skipped(code, String.valueOf(e.getMessage())));
    }
  }

  /** The pure part. Limits of roles and databases do not bind superusers. */
  static List<Finding> assess(
      PrecheckCode code, Use use, int needed, java.util.function.Function<String, Mend> mend) {
    List<Finding> findings = new ArrayList<>();
    int free = use.max() - (use.isSuperuser() ? 0 : use.reserved()) - use.used();
    if (free < needed) {
      findings.add(
          finding(
              code,
              "max_connections = " + use.max(),
              free,
              needed,
              Mend.byHand(
                  "ALTER SYSTEM SET max_connections = " + (use.max() + needed) + ";",
                  "Restart the server; on Greenplum use gpconfig. Or lower pipeline.parallelism.")));
    }
    if (use.roleLimit() >= 0 && !use.isSuperuser() && use.roleLimit() - use.usedByRole() < needed) {
      findings.add(
          finding(
              code,
              "role " + use.role() + ", limit " + use.roleLimit(),
              use.roleLimit() - use.usedByRole(),
              needed,
              mend.apply(
                  "ALTER ROLE "
                      + Sql.quote(use.role())
                      + " CONNECTION LIMIT "
                      + (use.usedByRole() + 2 * needed))));
    }
    if (use.databaseLimit() >= 0
        && !use.isSuperuser()
        && use.databaseLimit() - use.usedByDatabase() < needed) {
      findings.add(
          finding(
              code,
              "database " + use.database() + ", limit " + use.databaseLimit(),
              use.databaseLimit() - use.usedByDatabase(),
              needed,
              mend.apply(
                  "ALTER DATABASE "
                      + Sql.quote(use.database())
                      + " CONNECTION LIMIT "
                      + (use.usedByDatabase() + 2 * needed))));
    }
    return findings;
  }

  private static Finding finding(
      PrecheckCode code, String object, int free, int needed, Mend mend) {
    return Finding.of(
        code,
        List.of(object),
        "There is room for "
            + Math.max(0, free)
            + " connections more, and the task may need "
            + needed
            + ".",
        mend);
  }
}
