package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as {@code pg_replication_slots} shows it.
 *
 * @param plugin the decoding plugin, null for a physical slot
 * @param database the database it decodes, null for a physical slot
 * @param activePid the server process that uses it, null if none
 * @param confirmedFlush everything before this was acknowledged and is never sent again
 * @param walStatus on 13 and later: reserved, extended, unreserved or lost; null before
 * @see <a
 *     href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">pg_replication_slots</a>
 */
record SlotState(
    @Nullable String plugin,
    @Nullable String database,
    @Nullable Integer activePid,
    Lsn confirmedFlush,
    @Nullable String walStatus) {

  boolean isLost() {
    return "lost".equals(walStatus);
  }
}
