package io.github.pg2adb.model;

import io.github.pg2adb.model.TableSchema.ColumnSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a table of the source is called in the destination, as the ledger keeps it: rows that are
 * loaded stay as they are, whatever the task file says later.
 *
 * @param source the table in the source
 * @param target the table in the destination
 * @param columns the destination's names of its columns by the source's, {@link #LEFT_OUT} for
 *     those that are not migrated
 * @param constant its constant column with type and value, empty without one
 */
public record RouteRecord(
    TableName source, TableName target, Map<String, String> columns, String constant) {

  /** Stands for the name of a column that the destination has not; no column is called so. */
  public static final String LEFT_OUT = "";

  public RouteRecord {
    columns = Map.copyOf(columns);
  }

  /** With the columns as two lists, one beside the other. */
  public static RouteRecord of(
      TableName source,
      TableName target,
      List<String> columns,
      List<String> sinkColumns,
      String constant) {
    Map<String, String> names = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      names.put(columns.get(i), sinkColumns.get(i));
    }
    return new RouteRecord(source, target, names, constant);
  }

  /** What the routes make of the tables. */
  public static List<RouteRecord> of(SourceSchema schema, Routes routes) {
    return schema.tables().stream().map(table -> of(table, routes.of(table.name()))).toList();
  }

  private static RouteRecord of(TableSchema table, TableRoute route) {
    Map<String, String> columns = new TreeMap<>();
    for (ColumnSchema column : table.columns()) {
      columns.put(column.name(), route.column(column.name()).orElse(LEFT_OUT));
    }
    return new RouteRecord(
        route.source(),
        route.target(),
        columns,
        route
            .constant()
            .map(
                constant ->
                    constant.name() + " " + constant.type().word() + " = " + constant.value())
            .orElse(""));
  }

  /**
   * The tables into which a task has written, as far as the ledger tells: those of which rows are
   * loaded, and for a task that copies none all that are recorded once changes are applied.
   *
   * @param loaded the tables of which rows are loaded
   * @param position up to where the WAL is applied
   * @param recorded the tables whose routes are recorded
   */
  public static Set<TableName> written(
      Set<TableName> loaded, Optional<Lsn> position, Set<TableName> recorded, Set<Phase> phases) {
    return phases.contains(Phase.FULL) || position.isEmpty() ? loaded : recorded;
  }

  /**
   * What would be otherwise under another route, as parts of a sentence. Columns that the source
   * has got or lost meanwhile do not count.
   */
  public List<String> changesTo(RouteRecord now) {
    List<String> changes = new ArrayList<>();
    if (!target.equals(now.target())) {
      changes.add("was " + target + " and would be " + now.target());
    }
    new TreeMap<>(columns)
        .forEach(
            (column, name) -> {
              String other = now.columns().getOrDefault(column, name);
              if (!name.equals(other)) {
                changes.add(
                    "column " + column + " was " + words(name) + " and would be " + words(other));
              }
            });
    if (!constant.equals(now.constant())) {
      changes.add("had " + constantWords() + " and would have " + now.constantWords());
    }
    return changes;
  }

  private static String words(String name) {
    return name.equals(LEFT_OUT) ? "left out" : name;
  }

  private String constantWords() {
    return constant.isEmpty() ? "no constant" : constant;
  }
}
