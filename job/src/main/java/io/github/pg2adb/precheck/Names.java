package io.github.pg2adb.precheck;

import io.github.pg2adb.model.NameFindings;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Whether the names that routes and case policy give the destination can be had. */
final class Names implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.NAMES_COLLIDE,
        PrecheckCode.NAME_LENGTH,
        PrecheckCode.ROUTE_COLUMNS,
        PrecheckCode.ROUTE_CHANGED,
        PrecheckCode.ROUTE_UNUSED);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings =
        assess(NameFindings.of(inspection.schema(), inspection.options().routes()));
    if (inspection.options().phases().contains(Phase.SCHEMA)) {
      assessIndexes(indexes(inspection), inspection.routed()).ifPresent(findings::add);
      assessPartitions(inspection).ifPresent(findings::add);
    }
    try {
      assessChanged(
              RouteRecord.of(inspection.schema(), inspection.options().routes()),
              inspection.ledger(),
              inspection.options().phases(),
              inspection.sinkTables().keySet())
          .ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.ROUTE_CHANGED, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  private static final String INDEXES =
      """
      SELECT n.nspname, c.relname, x.relname, i.indisunique
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_class c ON c.oid = selected.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisprimary
        JOIN pg_class x ON x.oid = i.indexrelid
       ORDER BY 1, 2, 3
      """;

  /**
   * An index of the source.
   *
   * @param table its table
   * @param name its name
   * @param unique whether it allows a value once
   */
  record Index(TableName table, String name, boolean unique) {}

  private static List<Index> indexes(Inspection inspection) throws SQLException, SkippedException {
    return Query.all(
        inspection.source(),
        INDEXES,
        row ->
            new Index(
                new TableName(row.getString(1), row.getString(2)),
                row.getString(3),
                row.getBoolean(4)),
        (Object) inspection.tableOids());
  }

  /** The pure part: indexes that get a number, since another has their name. */
  static Optional<Finding> assessIndexes(List<Index> indexes, RoutedSchema routed) {
    Map<TableName, List<String>> owners = new TreeMap<>();
    routed.takenNames().forEach((name, owner) -> owners.put(name, new ArrayList<>(List.of(owner))));
    for (Index index : indexes) {
      TableRoute route = routed.route(index.table());
      boolean isFirst =
          routed.sources().getOrDefault(route.target(), List.of()).stream()
              .limit(1)
              .allMatch(first -> first.name().equals(index.table()));
      // an index of one of several tables that meet in one is left out if it is not true of all
      if (isFirst && !(index.unique() && route.constant().isPresent())) {
        owners
            .computeIfAbsent(
                new TableName(
                    route.target().schema(), routed.routes().nameCase().part(index.name())),
                name -> new ArrayList<>())
            .add("index " + index.name() + " of " + index.table());
      }
    }
    List<String> objects =
        owners.entrySet().stream()
            .filter(name -> name.getValue().size() > 1)
            .map(name -> name.getKey() + " (" + String.join(", ", name.getValue()) + ")")
            .toList();
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                PrecheckCode.NAMES_COLLIDE,
                objects,
                "These would have one name in the destination: all indexes but the first get a number.",
                Mend.inTaskFile(
                    "route: sink-tables in schemas of their own; or nothing, if names of indexes do not matter")));
  }

  private static Optional<Finding> assessPartitions(Inspection inspection) throws SQLException {
    List<String> collisions;
    try {
      Set<TableName> there = inspection.sinkTables().keySet();
      collisions =
          inspection
              .forms()
              .partitionCollisions(
                  inspection.routed().target().tables().stream()
                      .filter(table -> !there.contains(table.name()))
                      .toList(),
                  inspection.routed().takenNames());
    } catch (SkippedException e) {
      // what is wrong with the destination is said elsewhere
      return Optional.empty();
    }
    return collisions.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.NAMES_COLLIDE,
                collisions,
                "Partitions stay in the schema of their table and keep their names.",
                Mend.inTaskFile("sink.partitions: plain; or another sink-table for these tables")));
  }

  /**
   * The pure part.
   *
   * @param routes what the task file says of the selected tables
   * @param there the destination's tables
   */
  static Optional<Finding> assessChanged(
      List<RouteRecord> routes, LedgerState ledger, Set<Phase> phases, Set<TableName> there) {
    Set<TableName> written =
        RouteRecord.written(ledger.loaded(), ledger.position(), ledger.routes().keySet(), phases);
    List<String> objects = new ArrayList<>();
    for (RouteRecord route : routes) {
      if (!written.contains(route.source())) {
        continue;
      }
      RouteRecord before = ledger.routes().get(route.source());
      List<String> changes = before == null ? List.of() : before.changesTo(route);
      if (!changes.isEmpty()) {
        objects.add(route.source() + " (" + String.join(", ", changes) + ")");
      } else if (!there.contains(route.target())) {
        objects.add(route.source() + " (there is no " + route.target() + ")");
      }
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.ROUTE_CHANGED,
                objects,
                "The task has written into these tables under other routes, or the destination's tables are gone.",
                Mend.inTaskFile(
                    "route, sink.name-case: as they were when the tables were loaded")));
  }

  static List<Finding> assess(NameFindings names) {
    List<Finding> findings = new ArrayList<>();
    add(
        findings,
        PrecheckCode.NAMES_COLLIDE,
        names.collisions(),
        "These would have one name in the destination, or cannot meet in one table.",
        "route: give them names of their own, or a constant-column; sink.name-case: as-source");
    add(
        findings,
        PrecheckCode.NAME_LENGTH,
        names.tooLong(),
        "These names are empty or too long.",
        "route: a shorter name");
    add(
        findings,
        PrecheckCode.ROUTE_COLUMNS,
        names.columns(),
        "Routes leave out columns that are needed, or add some that cannot be had.",
        "route: columns with those of the key, constant-value of constant-type");
    add(
        findings,
        PrecheckCode.ROUTE_UNUSED,
        names.unused(),
        "These routes, or parts of them, match nothing. Upper and lower case differ.",
        "route: correct or remove them");
    return findings;
  }

  private static void add(
      List<Finding> findings, PrecheckCode code, List<String> objects, String why, String mend) {
    if (!objects.isEmpty()) {
      findings.add(Finding.of(code, objects, why, Mend.inTaskFile(mend)));
    }
  }
}
