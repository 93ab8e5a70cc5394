package io.github.pg2adb.precheck;

import io.github.pg2adb.model.TaskLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The session of the destination that holds the task's lock, and so the run that is alive.
 *
 * @param name its application name
 * @param silentSeconds since its last statement; negative where the role may not see that
 */
record LockHolder(int pid, String name, double silentSeconds) {

  private static final String HOLDER =
      """
      SELECT a.pid, coalesce(a.application_name, ''),
        coalesce(extract(epoch FROM clock_timestamp() - a.query_start), -1)
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::bigint = ? AND l.objid::bigint = ?
      LIMIT 1
      """;

  static Optional<LockHolder> ask(Connection sink, PrecheckOptions options) throws SQLException {
    TaskLock lock = TaskLock.of(options.ledgerSchema(), options.task());
    return Query.all(
            sink,
            HOLDER,
            row -> new LockHolder(row.getInt(1), row.getString(2), row.getDouble(3)),
            lock.classId(),
            lock.objectId())
        .stream()
        .findFirst();
  }

  /**
   * Whether its process must be taken for dead, since it shows every few seconds that it is not.
   */
  boolean isSilent() {
    return silentSeconds > TaskLock.SILENCE.toSeconds();
  }
}
