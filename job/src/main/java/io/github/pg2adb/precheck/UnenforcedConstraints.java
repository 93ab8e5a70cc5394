package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which of the source's unique and exclusion constraints segments cannot enforce. */
final class UnenforcedConstraints implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.CONSTRAINT_LEFT_OUT);
  }

  private static final String CONSTRAINTS =
      """
      SELECT c.oid::int8 AS oid, k.conname, k.contype = 'x' AS excludes,
             ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(attnum, position)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.attnum
                    ORDER BY key.position) AS columns
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_class c ON c.oid = selected.oid
        JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('u', 'x')
       ORDER BY c.oid, k.conname
      """;

  /**
   * A constraint of the source.
   *
   * @param table its table's oid
   * @param name its name
   * @param excludes whether it is an exclusion constraint
   * @param columns its columns
   */
  record Constraint(long table, String name, boolean excludes, List<String> columns) {

    /** Rows that are alike meet on one segment if they are alike in what distributes them. */
    private boolean isEnforceable(List<String> distribution) {
      return !excludes && columns.containsAll(distribution);
    }

    private String words() {
      return excludes
          ? "exclusion constraint " + name
          : "unique (" + String.join(", ", columns) + ") " + name;
    }
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireDistributed();
    Map<TableName, SinkTable> there = inspection.sinkTables();
    List<TableSchema> absent =
        inspection.tables().stream()
            .filter(
                table ->
                    !there.containsKey(inspection.options().routes().of(table.name()).target()))
            .toList();
    List<Constraint> constraints =
        Query.all(
            inspection.source(),
            CONSTRAINTS,
            row ->
                new Constraint(
                    row.getLong("oid"),
                    row.getString("conname"),
                    row.getBoolean("excludes"),
                    Query.strings(row, "columns")),
            (Object) absent.stream().map(TableSchema::oid).toArray(Long[]::new));
    return assess(absent, constraints);
  }

  /** The pure part: a table with a primary key is distributed by it. */
  static List<Finding> assess(List<TableSchema> absent, List<Constraint> constraints) {
    Map<Long, TableSchema> tables = new HashMap<>();
    absent.forEach(table -> tables.put(table.oid(), table));
    List<String> objects = new ArrayList<>();
    for (Constraint constraint : constraints) {
      TableSchema table = Objects.requireNonNull(tables.get(constraint.table()));
      if (!constraint.isEnforceable(table.primaryKey())) {
        objects.add(table.name() + " (" + constraint.words() + ")");
      }
    }
    return objects.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.CONSTRAINT_LEFT_OUT,
                objects,
                "These constraints cannot be had in the destination: they are exclusion constraints, or lack a column of the"
                    + " distribution key.",
                Mend.inTaskFile("pipeline.ignore: [CONSTRAINT_LEFT_OUT]")));
  }
}
