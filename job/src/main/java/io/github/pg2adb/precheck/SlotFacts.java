package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The task's slot.
 *
 * @param plugin the output plugin, null for a physical slot
 * @param database its database, null for a physical slot
 * @param activePid who reads it, null for nobody
 * @param confirmedFlush up to where it was acknowledged
 * @param walStatus {@code lost} if the server has given it up; null before PostgreSQL 13
 */
record SlotFacts(
    @Nullable String plugin,
    @Nullable String database,
    @Nullable Integer activePid,
    Lsn confirmedFlush,
    @Nullable String walStatus) {

  static Optional<SlotFacts> ask(Connection source, String name) throws SQLException {
    return Query.all(
            source,
            "SELECT plugin, database, active_pid, confirmed_flush_lsn::text, to_jsonb(s) ->> 'wal_status'"
                + " FROM pg_replication_slots s WHERE slot_name = ?",
            row -> {
              int pid = row.getInt(3);
              Integer activePid = row.wasNull() ? null : Integer.valueOf(pid);
              String confirmed = row.getString(4);
              return new SlotFacts(
                  row.getString(1),
                  row.getString(2),
                  activePid,
                  confirmed == null ? Lsn.NONE : Lsn.parse(confirmed),
                  row.getString(5));
            },
            name)
        .stream()
        .findFirst();
  }
}
