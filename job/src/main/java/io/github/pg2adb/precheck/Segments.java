package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether writers beside each other wait for one another on Greenplum. */
final class Segments implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.DEADLOCK_DETECTOR, PrecheckCode.RESOURCE_LIMIT);
  }

  private static final int WATCHERS = 1;

  private static final String SETTINGS =
      """
      SELECT COALESCE((SELECT setting FROM pg_settings WHERE name = 'gp_enable_global_deadlock_detector'), 'on'),
             COALESCE((SELECT setting FROM pg_settings WHERE name = 'gp_resource_manager'), 'none')
      """;

  private static final String QUEUE =
      """
      SELECT q.rsqname, q.rsqcountlimit::int AS most FROM pg_roles r JOIN pg_resqueue q ON q.oid = r.rolresqueue
       WHERE r.rolname = current_user AND NOT r.rolsuper
      """;

  private static final String GROUP =
      """
      SELECT g.groupname, g.concurrency::int AS most
        FROM pg_roles r JOIN gp_toolkit.gp_resgroup_config g ON g.groupid = r.rolresgroup
       WHERE r.rolname = current_user
      """;

  /**
   * What bounds the role's statements.
   *
   * @param kind {@code QUEUE} or {@code GROUP}
   * @param name its name
   * @param most how many at once, -1 for no limit
   */
  record Limit(String kind, String name, int most) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireDistributed();
    Connection sink = inspection.sink();
    List<String> settings =
        Query.one(sink, SETTINGS, row -> List.of(row.getString(1), row.getString(2)));
    List<Finding> findings = new ArrayList<>();
    if (inspection.options().isIncremental()) {
      assessDetector(settings.get(0)).ifPresent(findings::add);
    } else {
      findings.add(
          Finding.skipped(PrecheckCode.DEADLOCK_DETECTOR, "the task has no phase incremental"));
    }
    String manager = settings.get(1);
    int needed = inspection.options().parallelism() + WATCHERS;
    for (Limit limit : limits(sink, manager)) {
      assessLimit(limit, needed).ifPresent(findings::add);
    }
    return findings;
  }

  private static List<Limit> limits(Connection sink, String manager) throws SQLException {
    if (manager.startsWith("queue")) {
      return Query.all(sink, QUEUE, row -> new Limit("QUEUE", row.getString(1), row.getInt(2)));
    }
    return manager.startsWith("group")
        ? Query.all(sink, GROUP, row -> new Limit("GROUP", row.getString(1), row.getInt(2)))
        : List.of();
  }

  static Optional<Finding> assessDetector(String setting) {
    return setting.equals("on")
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.DEADLOCK_DETECTOR,
                List.of("gp_enable_global_deadlock_detector = " + setting),
                "Updates and deletes lock whole tables.",
                Mend.byHand("gpconfig -c gp_enable_global_deadlock_detector -v on", "gpstop -ra")));
  }

  static Optional<Finding> assessLimit(Limit limit, int needed) {
    if (limit.most() < 0 || limit.most() >= needed) {
      return Optional.empty();
    }
    boolean isQueue = limit.kind().equals("QUEUE");
    return Optional.of(
        Finding.of(
            PrecheckCode.RESOURCE_LIMIT,
            List.of("resource " + limit.kind().toLowerCase(Locale.ROOT) + " " + limit.name()),
            "It lets "
                + limit.most()
                + " statements of its roles run at once, and the task may run "
                + needed
                + ".",
            Mend.onSink(
                "ALTER RESOURCE "
                    + limit.kind()
                    + " "
                    + Sql.quote(limit.name())
                    + (isQueue
                        ? " WITH (ACTIVE_STATEMENTS = " + needed + ")"
                        : " SET CONCURRENCY " + needed))));
  }
}
