package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the destination can hold it.
 *
 * @param table the table without what the destination has not
 * @param distribution how its rows are spread, null for a destination without segments
 * @param differences what differs from the source
 */
record AdaptedTable(
    TableSchema table, @Nullable Distribution distribution, List<Entry> differences) {

  AdaptedTable {
    differences = List.copyOf(differences);
  }

  /**
   * Finds the form for the destination.
   *
   * @param hashable the types, as {@code format_type} spells them, by which rows can be spread over
   *     segments
   */
  static AdaptedTable of(TableSchema source, Destination destination, Set<String> hashable) {
    List<Entry> differences = new ArrayList<>();
    if (source.kind() == TableSchema.Kind.PARTITIONED) {
      differences.add(
          new Entry(
              Outcome.ADAPTED,
              "table " + source.name(),
              "One plain table holds the rows of all partitions, of which there are "
                  + source.leaves().size()
                  + " now."));
    }
    List<ColumnSchema> columns =
        source.columns().stream()
            .map(column -> column(source, column, destination, differences))
            .toList();
    List<String> primaryKey = source.primaryKey();
    Distribution distribution = null;
    if (destination.target().distributed()) {
      List<String> key = distributionKey(source, hashable);
      if (key.isEmpty() && !primaryKey.isEmpty()) {
        // a unique index on segments exists only where equal keys meet on one segment
        differences.add(
            new Entry(
                Outcome.LEFT_OUT,
                "primary key of " + source.name(),
                "No column of ("
                    + Sql.quoteAll(primaryKey)
                    + ") has a type by which rows can be distributed, so the rows are distributed randomly."));
        primaryKey = List.of();
      } else if (key.size() < primaryKey.size()) {
        differences.add(
            new Entry(
                Outcome.ADAPTED,
                "table " + source.name(),
                "Distributed by ("
                    + Sql.quoteAll(key)
                    + ") alone: the other primary key columns have types by which rows cannot be distributed."));
      }
      distribution = key.isEmpty() ? Distribution.RANDOM : Distribution.by(key);
    }
    return new AdaptedTable(with(source, columns, primaryKey), distribution, differences);
  }

  private static List<String> distributionKey(TableSchema table, Set<String> hashable) {
    Map<String, String> types =
        table.columns().stream().collect(Collectors.toMap(ColumnSchema::name, ColumnSchema::type));
    return table.primaryKey().stream()
        .filter(column -> hashable.contains(types.getOrDefault(column, "")))
        .toList();
  }

  private static ColumnSchema column(
      TableSchema table, ColumnSchema column, Destination destination, List<Entry> differences) {
    String object = "column " + table.name() + "." + column.name();
    String collation = column.collation();
    if (collation != null && !destination.collations().contains(collation)) {
      differences.add(
          new Entry(
              Outcome.LEFT_OUT,
              object,
              "Collation "
                  + collation
                  + " does not exist in the destination, the default one sorts it."));
      collation = null;
    }
    Generation generation = column.generation();
    if (generation == Generation.VIRTUAL) {
      differences.add(
          new Entry(Outcome.ADAPTED, object, "The virtual generated column is a stored one."));
      generation = Generation.STORED;
    }
    boolean identity =
        generation == Generation.IDENTITY_ALWAYS || generation == Generation.IDENTITY_BY_DEFAULT;
    if (identity && !destination.target().identityColumns()) {
      differences.add(
          new Entry(
              Outcome.ADAPTED,
              object,
              "The destination has no identity columns: the source's values arrive, new ones are not made."));
      generation = Generation.NONE;
    }
    return new ColumnSchema(
        column.attnum(),
        column.name(),
        column.type(),
        column.notNull(),
        collation,
        column.defaultExpression(),
        generation);
  }

  /** The DISTRIBUTED clause, empty for a destination without segments. */
  String distributionClause() {
    return distribution == null ? "" : distribution.clause();
  }

  /** The table without the columns' defaults; what the server generates stays. */
  TableSchema withoutDefaults() {
    List<ColumnSchema> columns =
        table.columns().stream()
            .map(
                column ->
                    Ddl.hasDefault(column)
                        ? new ColumnSchema(
                            column.attnum(),
                            column.name(),
                            column.type(),
                            column.notNull(),
                            column.collation(),
                            null,
                            column.generation())
                        : column)
            .toList();
    return with(table, columns, table.primaryKey());
  }

  private static TableSchema with(
      TableSchema table, List<ColumnSchema> columns, List<String> primaryKey) {
    return new TableSchema(
        table.oid(),
        table.name(),
        table.kind(),
        columns,
        primaryKey,
        table.replicaIdentity(),
        table.identityKey(),
        table.chunkKey(),
        table.uniqueKeys(),
        table.leaves(),
        table.bytes(),
        table.estimatedRows());
  }
}
