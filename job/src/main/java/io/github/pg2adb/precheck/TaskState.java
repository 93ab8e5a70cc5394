package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether slot, publications and ledger tell one story. */
final class TaskState implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.TASK_SLOT, PrecheckCode.TASK_RUNNING, PrecheckCode.TASK_TABLES);
  }

  private static final String PLUGIN = "pgoutput";

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    LedgerState ledger = inspection.ledger();
    List<Finding> findings = new ArrayList<>();
    try {
      assessTables(ledger, inspection.tableNames(), inspection.options()).ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.TASK_TABLES, String.valueOf(e.getMessage())));
    }
    try {
      inspection.requireIncremental();
      TaskNames names = inspection.names();
      Optional<SlotFacts> slot = inspection.slot();
      boolean isPublished =
          Query.one(
              inspection.source(),
              "SELECT count(*) = 2 FROM pg_publication WHERE pubname IN (?, ?)",
              row -> row.getBoolean(1),
              names.publication(),
              names.insertPublication());
      assess(slot, isPublished, ledger, names, inspection.options()).ifPresent(findings::add);
      assessReader(slot, LockHolder.ask(inspection.sink(), inspection.options()), names)
          .ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.TASK_SLOT, String.valueOf(e.getMessage())));
      findings.add(Finding.skipped(PrecheckCode.TASK_RUNNING, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  /** The pure part: what makes it impossible to go on from where the destination is. */
  static Optional<Finding> assess(
      Optional<SlotFacts> slot,
      boolean isPublished,
      LedgerState ledger,
      TaskNames names,
      PrecheckOptions options) {
    boolean anyLoaded = !ledger.loaded().isEmpty();
    Optional<Lsn> position = ledger.position();
    String database = options.source().database();
    if (slot.isEmpty()) {
      return position.isPresent() || anyLoaded
          ? Optional.of(
              finding(
                  names,
                  position.isPresent()
                      ? "The destination is at "
                          + position.get()
                          + " and the source has no slot, so the changes since then are gone. The slot was"
                          + " dropped, or the source is a promoted standby or a restored backup, which have none."
                      : "The destination has rows of this task that were loaded without a slot.",
                  startAnew(names, ledger, options)))
          : Optional.empty();
    }
    SlotFacts found = slot.get();
    if (!PLUGIN.equals(found.plugin()) || !database.equals(found.database())) {
      return Optional.of(
          finding(
              names,
              "The source's slot of that name has plugin "
                  + found.plugin()
                  + " and database "
                  + found.database()
                  + " instead of "
                  + PLUGIN
                  + " and "
                  + database
                  + ".",
              Mend.inTaskFile("pipeline.name: another one")));
    }
    if ("lost".equals(found.walStatus())) {
      return Optional.of(
          finding(
              names,
              "The source has removed WAL that the slot needed (wal_status is lost).",
              startAnew(names, ledger, options)));
    }
    if (position.isPresent() && found.confirmedFlush().isAfter(position.get())) {
      return Optional.of(
          finding(
              names,
              "The slot was acknowledged up to "
                  + found.confirmedFlush()
                  + ", past "
                  + position.get()
                  + " where the destination is.",
              startAnew(names, ledger, options)));
    }
    if (!isPublished) {
      return Optional.of(
          finding(
              names,
              "The slot's publications are gone, and the WAL since then cannot be decoded.",
              position.isPresent() || anyLoaded
                  ? startAnew(names, ledger, options)
                  : release(names)));
    }
    return position.isEmpty() && anyLoaded
        ? Optional.of(
            finding(
                names,
                "The destination has rows of this task and does not say which WAL they go with.",
                startAnew(names, ledger, options)))
        : Optional.empty();
  }

  private static Finding finding(TaskNames names, String why, Mend mend) {
    return Finding.of(PrecheckCode.TASK_SLOT, List.of("slot " + names.slot()), why, mend);
  }

  private static Mend release(TaskNames names) {
    return Mend.onSource(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = "
            + Sql.literal(names.slot()),
        "DROP PUBLICATION IF EXISTS "
            + Sql.quote(names.publication())
            + ", "
            + Sql.quote(names.insertPublication()));
  }

  private static Mend startAnew(TaskNames names, LedgerState ledger, PrecheckOptions options) {
    List<String> steps = new ArrayList<>();
    release(names).steps().forEach(step -> steps.add("On the source: " + step + ";"));
    // several of the source's tables may have met in one
    ledger.loaded().stream()
        .map(table -> options.routes().of(table).target())
        .distinct()
        .forEach(
            target -> steps.add("On the destination: TRUNCATE TABLE " + Sql.quote(target) + ";"));
    for (String table : ledger.present()) {
      if (table.equals("event")) {
        continue;
      }
      steps.add(
          "On the destination: DELETE FROM "
              + Sql.quote(options.ledgerSchema())
              + "."
              + table
              + " WHERE task = "
              + Sql.literal(options.task())
              + ";");
    }
    return Mend.byHand(steps.toArray(String[]::new));
  }

  /** The pure part: only a process that no run needs may be ended. */
  static Optional<Finding> assessReader(
      Optional<SlotFacts> slot, Optional<LockHolder> holder, TaskNames names) {
    return slot.map(SlotFacts::activePid)
        .map(
            pid -> {
              String sends = "Process " + pid + " of the source sends the slot's changes";
              boolean isAlive = holder.isPresent() && !holder.get().isSilent();
              return Finding.of(
                  PrecheckCode.TASK_RUNNING,
                  List.of("slot " + names.slot()),
                  isAlive
                      ? sends
                          + " to a job that runs: session "
                          + holder.get().pid()
                          + " of the destination (\""
                          + holder.get().name()
                          + "\") holds the task's lock. Stop that job before this one starts; do not end its processes."
                      : sends
                          + ", and no run that is alive holds the task's lock in the destination: its job is gone. The"
                          + " process would end by itself after wal_sender_timeout.",
                  isAlive
                      ? Mend.byHand(
                          "deploy/pg2adb flink list",
                          "deploy/pg2adb flink stop --savepointPath DIRECTORY JOB_ID (or Ctrl-C where `pg2adb run` is)")
                      : Mend.onSource("SELECT pg_terminate_backend(" + pid + ")"));
            });
  }

  static Optional<Finding> assessTables(
      LedgerState ledger, List<TableName> tables, PrecheckOptions options) {
    List<String> shared =
        tables.stream()
            .filter(ledger.others()::containsKey)
            .map(table -> table + " (task " + String.join(", ", others(ledger, table)) + ")")
            .toList();
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.TASK_TABLES,
                shared,
                "Other tasks have loaded rows into these tables. Forget it if they are given up; exclude the tables here"
                    + " otherwise.",
                Mend.onSink(forget(ledger, tables, options))));
  }

  private static List<String> forget(
      LedgerState ledger, List<TableName> tables, PrecheckOptions options) {
    List<String> statements = new ArrayList<>();
    for (TableName table : tables) {
      for (String task : others(ledger, table)) {
        statements.add(
            "DELETE FROM "
                + Sql.quote(options.ledgerSchema())
                + ".chunk WHERE task = "
                + Sql.literal(task)
                + " AND \"schema\" = "
                + Sql.literal(table.schema())
                + " AND \"table\" = "
                + Sql.literal(table.name()));
      }
    }
    return statements;
  }

  private static Set<String> others(LedgerState ledger, TableName table) {
    return ledger.others().getOrDefault(table, Set.of());
  }
}
