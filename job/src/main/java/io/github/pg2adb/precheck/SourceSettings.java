package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the source can keep and send WAL for one task more. */
final class SourceSettings implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.WAL_LEVEL,
        PrecheckCode.FREE_SLOT,
        PrecheckCode.FREE_WALSENDER,
        PrecheckCode.WAL_SENDER_TIMEOUT,
        PrecheckCode.WAL_RETENTION,
        PrecheckCode.DECODING_MEMORY,
        PrecheckCode.SOURCE_FAILOVER);
  }

  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(30);
  private static final int ENOUGH_DECODING_KIB = 64 * 1024;
  private static final long LEAST_RETENTION_MIB = 1024;
  private static final long MIB = 1L << 20;

  /** Since when standbys can have a primary's logical slots. */
  private static final int SYNCHRONIZED_SLOTS = 17;

  /** Since when a role can have a timeout of its own. */
  private static final int TIMEOUT_OF_ROLE = 12;

  private static final String USE =
      """
      SELECT (SELECT count(*) FROM pg_replication_slots) AS slots,
             ARRAY(SELECT slot_name::text FROM pg_replication_slots WHERE active_pid IS NULL ORDER BY 1)
               AS unused,
             (SELECT count(*) FROM pg_stat_replication) AS walsenders,
             ARRAY(SELECT 'slot ' || slot_name FROM pg_replication_slots
                    WHERE slot_type = 'physical' AND NOT temporary
                   UNION
                   SELECT 'walreceiver ' || COALESCE(NULLIF(r.application_name, ''), r.pid::text)
                     FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
                    WHERE s.slot_type IS DISTINCT FROM 'logical' AND r.state IS DISTINCT FROM 'backup'
                      AND r.application_name NOT LIKE 'pg2adb%'
                   ORDER BY 1) AS standbys,
             EXISTS (SELECT 1 FROM pg_replication_slots s
                      WHERE slot_name = ? AND (to_jsonb(s) ->> 'failover')::boolean) AS failover
      """;

  /**
   * How the server is used.
   *
   * @param slots how many slots there are
   * @param unused the slots that nobody reads
   * @param walsenders how many walsenders run
   * @param standbys who follows the server as a standby
   * @param hasFailoverSlot whether the task's slot is there and standbys have it too
   */
  record Use(
      int slots,
      List<String> unused,
      int walsenders,
      List<String> standbys,
      boolean hasFailoverSlot) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    Use use =
        Query.one(
            inspection.source(),
            USE,
            row ->
                new Use(
                    row.getInt("slots"),
                    Query.strings(row, "unused"),
                    row.getInt("walsenders"),
                    Query.strings(row, "standbys"),
                    row.getBoolean("failover")),
            inspection.names().slot());
    Optional<SlotFacts> slot = inspection.slot();
    SourceServer server = inspection.sourceServer();
    List<Finding> findings = new ArrayList<>();
    assessLevel(server).ifPresent(findings::add);
    if (slot.isEmpty()) {
      assessSlots(server, use).ifPresent(findings::add);
    }
    if (slot.isEmpty() || slot.get().activePid() == null) {
      assessWalsenders(server, use).ifPresent(findings::add);
    }
    assessTimeout(server).ifPresent(findings::add);
    findings.addAll(assessRetention(server, bytesToCopy(inspection)));
    assessMemory(server).ifPresent(findings::add);
    assessFailover(server, use, inspection.names().slot()).ifPresent(findings::add);
    return findings;
  }

  private static long bytesToCopy(Inspection inspection) throws SQLException {
    try {
      return inspection.tables().stream().mapToLong(TableSchema::bytes).sum();
    } catch (SkippedException e) {
      // TABLES_SELECTED has said so; the least that is asked for does not depend on the tables
      return 0;
    }
  }

  static Optional<Finding> assessLevel(SourceServer server) {
    return server.setting("wal_level").equals("logical")
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.WAL_LEVEL,
                List.of("wal_level = " + server.setting("wal_level")),
                "The WAL has too little for decoding changes.",
                Mend.byHand("ALTER SYSTEM SET wal_level = 'logical';", "Restart the source.")));
  }

  static Optional<Finding> assessSlots(SourceServer server, Use use) {
    long max = server.number("max_replication_slots", 0);
    return use.slots() < max
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.FREE_SLOT,
                use.unused().stream().map(name -> "slot " + name + ", which nobody reads").toList(),
                "All " + max + " slots of max_replication_slots are taken.",
                Mend.byHand(
                    "ALTER SYSTEM SET max_replication_slots = " + (max + 10) + ";",
                    "Restart the source."
                        + use.unused().stream()
                            .findFirst()
                            .map(
                                slot ->
                                    " Or drop a slot that nobody needs, such as with SELECT pg_drop_replication_slot("
                                        + Sql.literal(slot)
                                        + "), if it is one.")
                            .orElse(""))));
  }

  static Optional<Finding> assessWalsenders(SourceServer server, Use use) {
    long max = server.number("max_wal_senders", 0);
    return use.walsenders() < max
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.FREE_WALSENDER,
                List.of("max_wal_senders = " + max),
                "All walsenders are in use.",
                Mend.byHand(
                    "ALTER SYSTEM SET max_wal_senders = " + (max + 10) + ";",
                    "Restart the source.")));
  }

  static Optional<Finding> assessTimeout(SourceServer server) {
    long millis = server.number("wal_sender_timeout", 0);
    if (millis == 0 || millis >= SHORTEST_TIMEOUT.toMillis()) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.of(
            PrecheckCode.WAL_SENDER_TIMEOUT,
            List.of("wal_sender_timeout = " + millis + "ms"),
            "It is less than "
                + SHORTEST_TIMEOUT.toSeconds()
                + " s: a pause of the network or of the job ends the connection.",
            server.major() >= TIMEOUT_OF_ROLE
                ? ofRole(server, "wal_sender_timeout = '60s'")
                : Mend.onSource(
                    "ALTER SYSTEM SET wal_sender_timeout = '60s'", "SELECT pg_reload_conf()")));
  }

  private static Mend ofRole(SourceServer server, String setting) {
    return Mend.onSource("ALTER ROLE " + Sql.quote(server.role()) + " SET " + setting);
  }

  static List<Finding> assessRetention(SourceServer server, long bytesToCopy) {
    List<Finding> findings = new ArrayList<>();
    long neededMib = Math.max(LEAST_RETENTION_MIB, bytesToCopy / MIB);
    long keptMib = server.number("max_slot_wal_keep_size", -1);
    if (keptMib >= 0 && keptMib < neededMib) {
      findings.add(
          Finding.of(
              PrecheckCode.WAL_RETENTION,
              List.of("max_slot_wal_keep_size = " + keptMib + "MB"),
              "There may be "
                  + neededMib
                  + " MB to copy, and as much WAL may be written meanwhile.",
              Mend.onSource(
                  "ALTER SYSTEM SET max_slot_wal_keep_size = '" + 2 * neededMib + "MB'",
                  "SELECT pg_reload_conf()")));
    }
    long idle = server.number("idle_replication_slot_timeout", 0);
    if (idle > 0) {
      findings.add(
          Finding.of(
              PrecheckCode.WAL_RETENTION,
              List.of("idle_replication_slot_timeout = " + idle),
              "A slot that is not read for that long, while the job is stopped, is given up.",
              Mend.onSource(
                  "ALTER SYSTEM SET idle_replication_slot_timeout = 0",
                  "SELECT pg_reload_conf()")));
    }
    return findings;
  }

  static Optional<Finding> assessMemory(SourceServer server) {
    long kib = server.number("logical_decoding_work_mem", ENOUGH_DECODING_KIB);
    return kib >= ENOUGH_DECODING_KIB
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.DECODING_MEMORY,
                List.of("logical_decoding_work_mem = " + kib + "kB"),
                "Transactions of more changes than that are written to disk by the source first.",
                ofRole(server, "logical_decoding_work_mem = '64MB'")));
  }

  static Optional<Finding> assessFailover(SourceServer server, Use use, String slot) {
    if (use.standbys().isEmpty()) {
      return Optional.empty();
    }
    String why;
    if (use.hasFailoverSlot()) {
      why =
          "The source has standbys. Those with sync_replication_slots have slot "
              + slot
              + " too, but what the destination has may not have reached the one that is promoted, and the task refuses to"
              + " go on with it: after a failover it must start anew.";
    } else if (server.major() >= SYNCHRONIZED_SLOTS) {
      why =
          "The source has standbys, and slot "
              + slot
              + " is not made for failover, so that they do not have it: after a failover the task must start anew.";
    } else {
      why =
          "The source has standbys, which cannot have slot "
              + slot
              + " before PostgreSQL "
              + SYNCHRONIZED_SLOTS
              + ": after a failover the task must start anew.";
    }
    return Optional.of(
        Finding.of(
            PrecheckCode.SOURCE_FAILOVER,
            use.standbys(),
            why,
            Mend.inTaskFile("pipeline.ignore: [SOURCE_FAILOVER]")));
  }
}
