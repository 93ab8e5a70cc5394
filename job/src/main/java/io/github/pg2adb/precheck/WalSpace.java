package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the source's disk will hold the WAL that the task's slot keeps. */
final class WalSpace implements Item {

  private static final double MIB = 1 << 20;

  private final long heldLimit;

  /** {@code heldLimit}: another slot that keeps fewer bytes of WAL is not reported. */
  WalSpace(long heldLimit) {
    this.heldLimit = heldLimit;
  }

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.WAL_SPACE);
  }

  /** The data directory is for superusers and pg_read_all_settings to see. */
  private static final String SETTINGS =
      """
      SELECT pg_size_bytes(current_setting('max_wal_size')) AS usual,
             COALESCE(pg_size_bytes(current_setting('wal_keep_size', true)),
                      current_setting('wal_keep_segments', true)::int8 * pg_size_bytes(current_setting('wal_segment_size'))) AS kept,
             pg_size_bytes(COALESCE(current_setting('max_slot_wal_keep_size', true), '-1')) AS kept_for_slots,
             (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS folder,
             current_setting('archive_mode') <> 'off'
               AND a.last_failed_time > COALESCE(a.last_archived_time, '-infinity') AS failing,
             a.last_failed_wal, a.last_failed_time
        FROM pg_stat_archiver a
      """;

  private static final String HELD =
      """
      SELECT h.slot_name, h.active, h.bytes
        FROM (SELECT s.slot_name, s.active,
                     CASE WHEN NOT pg_is_in_recovery()
                          THEN pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::int8 END AS bytes
                FROM pg_replication_slots s WHERE NOT s.temporary) h
       WHERE h.slot_name <> ? AND h.bytes >= ?
       ORDER BY h.bytes DESC, h.slot_name
      """;

  /**
   * What the server says of its WAL, in bytes.
   *
   * @param usual max_wal_size
   * @param kept what is kept for standbys without a slot
   * @param keptForSlots the most that is kept for slots, negative for no limit
   * @param folder the data directory, null if the role may not know
   * @param present how much WAL there is, empty if the role may not know
   * @param failure which file could not be archived and when, null if archiving works or is off
   */
  record Wal(
      long usual,
      long kept,
      long keptForSlots,
      @Nullable String folder,
      OptionalLong present,
      @Nullable String failure) {}

  /** Another slot and how many bytes of WAL it keeps. */
  record Held(String slot, boolean isActive, long bytes) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    Connection source = inspection.source();
    List<Held> held =
        Query.all(
            source,
            HELD,
            row -> new Held(row.getString(1), row.getBoolean(2), row.getLong(3)),
            inspection.names().slot(),
            heldLimit);
    return assess(ask(source), held, bytesToCopy(inspection), inspection.sourceServer().role());
  }

  private static Wal ask(Connection source) throws SQLException {
    boolean mayList =
        Query.one(
            source,
            "SELECT has_function_privilege('pg_ls_waldir()', 'EXECUTE')",
            row -> row.getBoolean(1));
    OptionalLong present =
        mayList
            ? OptionalLong.of(
                Query.one(
                    source,
                    "SELECT COALESCE(sum(size), 0)::int8 FROM pg_ls_waldir()",
                    row -> row.getLong(1)))
            : OptionalLong.empty();
    return Query.one(
        source,
        SETTINGS,
        row ->
            new Wal(
                row.getLong("usual"),
                row.getLong("kept"),
                row.getLong("kept_for_slots"),
                row.getString("folder"),
                present,
                row.getBoolean("failing")
                    ? row.getString("last_failed_wal") + " at " + row.getString("last_failed_time")
                    : null));
  }

  private static long bytesToCopy(Inspection inspection) throws SQLException {
    try {
      return inspection.tables().stream().mapToLong(TableSchema::bytes).sum();
    } catch (SkippedException e) {
      // TABLES_SELECTED has said so
      return 0;
    }
  }

  static List<Finding> assess(Wal wal, List<Held> held, long bytesToCopy, String role) {
    List<Finding> findings = new ArrayList<>();
    if (wal.failure() != null) {
      findings.add(
          Finding.of(
              PrecheckCode.WAL_SPACE,
              List.of("WAL file " + wal.failure()),
              "The server failed to archive it and keeps it, and all WAL since then, until it is archived.",
              Mend.byHand(
                  "Make archive_command work: the server's log says what it failed with.",
                  "SELECT * FROM pg_stat_archiver;")));
    }
    if (!held.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.WAL_SPACE,
              held.stream()
                  .map(
                      slot ->
                          "slot "
                              + slot.slot()
                              + (slot.isActive() ? ", which is read" : ", which nobody reads")
                              + ": "
                              + mib(slot.bytes()))
                  .toList(),
              "So much WAL is kept for others already.",
              mendOf(held)));
    }
    if (findings.isEmpty() && !isAsLargeAsItGets(wal)) {
      findings.add(Finding.skipped(PrecheckCode.WAL_SPACE, reason(wal, bytesToCopy, role)));
    }
    return findings;
  }

  private static Mend mendOf(List<Held> held) {
    List<String> drops =
        held.stream()
            .filter(slot -> !slot.isActive())
            .map(slot -> "SELECT pg_drop_replication_slot(" + Sql.literal(slot.slot()) + ")")
            .toList();
    return drops.isEmpty()
        ? Mend.byHand(
            "Let those who read the slots catch up first: SELECT * FROM pg_replication_slots;")
        : Mend.onSource(drops);
  }

  private static boolean isAsLargeAsItGets(Wal wal) {
    return wal.keptForSlots() >= 0
        && wal.present().isPresent()
        && wal.present().getAsLong() >= most(wal);
  }

  private static long most(Wal wal) {
    return wal.usual() + Math.max(wal.kept(), wal.keptForSlots());
  }

  private static String reason(Wal wal, long bytesToCopy, String role) {
    return "PostgreSQL cannot be asked how much room its disk has: compare `df -h "
        + (wal.folder() == null ? "DATA_DIRECTORY" : wal.folder())
        + "/pg_wal` with "
        + (wal.keptForSlots() < 0
            ? "all WAL that is written while "
                + mib(bytesToCopy)
                + " are copied (max_slot_wal_keep_size sets no limit)"
            : mib(most(wal)) + " (max_wal_size and what max_slot_wal_keep_size may add)")
        + (wal.present().isPresent()
            ? ". There are " + mib(wal.present().getAsLong()) + " of WAL now"
            : ". How much WAL there is now shows with: GRANT pg_monitor TO " + Sql.quote(role));
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%.0f MB", bytes / MIB);
  }
}
