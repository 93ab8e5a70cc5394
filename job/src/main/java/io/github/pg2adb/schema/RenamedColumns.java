package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a destination table that have other names in the source. Expressions name them as
 * the source does, and the server keeps an expression by its columns' numbers: while a table's
 * columns have the source's names, within a transaction, what is created means the right ones.
 *
 * @param table the destination's table
 * @param sourceNames the source's names, by the destination's
 */
record RenamedColumns(TableName table, Map<String, String> sourceNames) {

  /** What a column is called between two names, so that names can be swapped. */
  private static final String BETWEEN = "pg2adb_column_";

  static RenamedColumns of(RoutedSchema routed, TableSchema table) {
    return new RenamedColumns(table.name(), routed.renamedColumns(table.name()));
  }

  /**
   * CREATE TABLE. A table with generated columns gets its columns' names last.
   *
   * @param storage the clause that says how rows are stored, or empty
   * @param distribution how its rows are spread, null for a destination without segments
   */
  String createTable(TableSchema schema, String storage, @Nullable SinkDistribution distribution) {
    boolean generated =
        schema.columns().stream()
            .map(ColumnSchema::generation)
            .anyMatch(g -> g == Generation.STORED || g == Generation.VIRTUAL);
    if (sourceNames.isEmpty() || !generated) {
      return Ddl.createTable(schema, storage, Ddl.distributed(distribution));
    }
    SinkDistribution named =
        distribution == null || distribution.columns().isEmpty()
            ? distribution
            : SinkDistribution.by(named(distribution.columns()));
    List<String> statements = new ArrayList<>();
    statements.add(Ddl.createTable(named(schema), storage, Ddl.distributed(named)));
    statements.addAll(Undoable.undone(steps()));
    return String.join(";\n", statements);
  }

  private TableSchema named(TableSchema schema) {
    return new TableSchema(
        schema.oid(),
        schema.name(),
        schema.kind(),
        schema.columns().stream()
            .map(
                column ->
                    new ColumnSchema(
                        column.attnum(),
                        named(column.name()),
                        column.type(),
                        column.notNull(),
                        column.collation(),
                        column.defaultExpression(),
                        column.generation()))
            .toList(),
        named(schema.primaryKey()),
        schema.replicaIdentity(),
        schema.identityKey(),
        schema.chunkKey(),
        schema.uniqueKeys(),
        schema.leaves(),
        schema.bytes(),
        schema.estimatedRows(),
        schema.partitioning());
  }

  private List<String> named(List<String> columns) {
    return columns.stream().map(this::named).toList();
  }

  private String named(String column) {
    return sourceNames.getOrDefault(column, column);
  }

  /** The statement, with the columns under the source's names meanwhile. */
  String around(String statement) {
    if (sourceNames.isEmpty()) {
      return statement;
    }
    List<String> statements = new ArrayList<>();
    statements.add("LOCK TABLE " + Sql.quote(table) + " IN ACCESS EXCLUSIVE MODE");
    statements.addAll(Undoable.around(steps(), List.of(statement)));
    return String.join(";\n", statements);
  }

  /**
   * Gives the columns the source's names, through others where a new name is an old one of another.
   */
  List<Undoable> steps() {
    List<Undoable> first = new ArrayList<>();
    List<Undoable> second = new ArrayList<>();
    new TreeMap<>(sourceNames)
        .forEach(
            (target, source) -> {
              if (sourceNames.containsKey(source)) {
                String between = BETWEEN + second.size();
                first.add(rename(target, between));
                second.add(rename(between, source));
              } else {
                first.add(rename(target, source));
              }
            });
    first.addAll(second);
    return first;
  }

  private Undoable rename(String from, String to) {
    String alter = "ALTER TABLE " + Sql.quote(table) + " RENAME COLUMN ";
    return new Undoable(
        alter + Sql.quote(from) + " TO " + Sql.quote(to),
        alter + Sql.quote(to) + " TO " + Sql.quote(from));
  }
}
