package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.postgres.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whom the creation of the slot would wait for. */
final class OpenTransactions implements Item {

  private final Duration limit;

  /** {@code limit}: a younger transaction is not reported. */
  OpenTransactions(Duration limit) {
    this.limit = limit;
  }

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.OPEN_TRANSACTION, PrecheckCode.PREPARED_TRANSACTION);
  }

  /**
   * Everybody may see who holds a transaction's lock, which each has that has written. Since when a
   * transaction of another role is open only pg_read_all_stats shows.
   */
  private static final String OPEN =
      """
      SELECT DISTINCT a.pid, format('pid %s, role %s, application %s, %s, open for %s s, since %s, last statement at %s',
               a.pid, a.usename, COALESCE(NULLIF(a.application_name, ''), '-'), a.state,
               extract(epoch FROM clock_timestamp() - a.xact_start)::int8, a.xact_start, a.query_start) AS object
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
         AND a.xact_start <= clock_timestamp() - ? * interval '1 second'
       ORDER BY a.pid
      """;

  private static final String HIDDEN =
      """
      SELECT DISTINCT a.pid, format('pid %s, role %s, application %s', a.pid, COALESCE(a.usename, '-'),
                             COALESCE(NULLIF(a.application_name, ''), '-')) AS object
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
         AND a.xact_start IS NULL AND NOT COALESCE(pg_has_role(a.usesysid, 'USAGE'), false)
         AND NOT pg_has_role('pg_read_all_stats', 'USAGE')
       ORDER BY a.pid
      """;

  private static final String PREPARED =
      """
      SELECT gid, format('%s, database %s, role %s, since %s', gid, database, owner, prepared) AS object
        FROM pg_prepared_xacts WHERE prepared <= clock_timestamp() - ? * interval '1 second' ORDER BY gid
      """;

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    if (inspection.slot().isPresent()) {
      throw new SkippedException("the task's slot is there already");
    }
    List<Finding> findings = new ArrayList<>();
    List<Blocker> open = Query.all(inspection.source(), OPEN, Blocker::read, limit.toSeconds());
    if (!open.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.OPEN_TRANSACTION,
              open.stream().map(Blocker::object).toList(),
              "These transactions have written and were open for "
                  + limit.toSeconds()
                  + " s or more.",
              Mend.onSource(
                  open.stream()
                      .map(blocker -> "SELECT pg_terminate_backend(" + blocker.id() + ")")
                      .toList())));
    }
    List<Blocker> hidden = Query.all(inspection.source(), HIDDEN, Blocker::read);
    if (!hidden.isEmpty()) {
      String role = inspection.sourceServer().role();
      findings.add(
          Finding.of(
              PrecheckCode.OPEN_TRANSACTION,
              hidden.stream().map(Blocker::object).toList(),
              "These transactions have written, and role "
                  + role
                  + " may not see since when they are open.",
              Mend.onSource("GRANT pg_read_all_stats TO " + Sql.quote(role))));
    }
    List<Blocker> prepared =
        Query.all(inspection.source(), PREPARED, Blocker::read, limit.toSeconds());
    if (!prepared.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.PREPARED_TRANSACTION,
              prepared.stream().map(Blocker::object).toList(),
              "These transactions were prepared "
                  + limit.toSeconds()
                  + " s ago or more; commit them, or roll them back if their coordinator says so.",
              Mend.onSource(
                  prepared.stream()
                      .map(blocker -> "COMMIT PREPARED " + Sql.literal(blocker.id()))
                      .toList())));
    }
    return findings;
  }

  /** Who is waited for, by the id that ends it. */
  private record Blocker(String id, String object) {
    private static Blocker read(ResultSet row) throws SQLException {
      return new Blocker(row.getString(1), row.getString(2));
    }
  }
}
