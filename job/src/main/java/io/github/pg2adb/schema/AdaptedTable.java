package io.github.pg2adb.schema;

import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TablePartitions;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as the destination can hold it.
 *
 * @param table the table without what the destination has not
 * @param storage the clause that says how its rows are stored, empty where nothing needs to be said
 * @param distribution how its rows are spread, null for a destination without segments
 * @param differences what differs from the source
 */
record AdaptedTable(
    TableSchema table,
    String storage,
    @Nullable SinkDistribution distribution,
    List<Entry> differences) {

  AdaptedTable {
    differences = List.copyOf(differences);
  }

  /**
   * Finds the form for the destination.
   *
   * @param hashable the types, as {@code format_type} spells them, by which rows can be spread over
   *     segments
   * @param rules what the task asks of its tables
   */
  static AdaptedTable of(
      TableSchema source, Destination destination, Set<String> hashable, SchemaRules rules) {
    List<Entry> differences = new ArrayList<>();
    List<ColumnSchema> columns =
        source.columns().stream()
            .filter(column -> mayHave(source, column, destination.target(), differences))
            .map(column -> column(source, column, destination, differences))
            .toList();
    TableForms forms = rules.forms(destination.target(), hashable);
    forms
        .partOfKey(source)
        .ifPresent(
            key ->
                differences.add(
                    new Entry(
                        Outcome.ADAPTED,
                        "table " + source.name(),
                        "Distributed by ("
                            + Sql.quoteAll(key)
                            + ") alone: the other primary key columns have types by which rows cannot be distributed.")));
    Optional<String> whyNoKey = forms.whyNoPrimaryKey(source);
    whyNoKey.ifPresent(
        reason ->
            differences.add(
                new Entry(Outcome.LEFT_OUT, "primary key of " + source.name(), reason)));
    List<String> primaryKey = whyNoKey.isPresent() ? List.of() : source.primaryKey();
    Partitioning partitioning = null;
    if (source.kind() == TableSchema.Kind.PARTITIONED) {
      TablePartitions partitions = forms.partitions(source);
      differences.add(new Entry(Outcome.ADAPTED, "table " + source.name(), partitions.detail()));
      partitioning = partitions.partitioning();
    }
    return new AdaptedTable(
        with(source, columns, primaryKey, partitioning),
        storageClause(forms.storage(source), destination),
        forms.distribution(source).orElse(null),
        differences);
  }

  /** Generated columns are left out where there are none: their values are not copied. */
  private static boolean mayHave(
      TableSchema table, ColumnSchema column, Target target, List<Entry> differences) {
    if (target.generatedColumns() || !isGenerated(column)) {
      return true;
    }
    differences.add(
        new Entry(
            Outcome.LEFT_OUT,
            "column " + table.name() + "." + column.name(),
            "The destination has no generated columns, and generated values are not copied; a view can have it as "
                + column.defaultExpression()
                + "."));
    return false;
  }

  /** Whether the server computes the column's values. */
  static boolean isGenerated(ColumnSchema column) {
    return column.generation() == Generation.STORED || column.generation() == Generation.VIRTUAL;
  }

  private static String storageClause(SinkStorage storage, Destination destination) {
    Target target = destination.target();
    if (!target.distributed() || storage.word().equals(destination.defaultStorage())) {
      return "";
    }
    if (target.accessMethods()) {
      return "USING " + storage.word();
    }
    return switch (storage) {
      case HEAP, BEAM -> "WITH (appendonly=false)";
      case AO_ROW -> "WITH (appendonly=true)";
      case AO_COLUMN -> "WITH (appendonly=true, orientation=column)";
    };
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

  /** CREATE TABLE, with its partitions. */
  String statement() {
    return Ddl.createTable(table, storage, Ddl.distributed(distribution));
  }

  /** The same without the columns' defaults. */
  String bareStatement() {
    return Ddl.createTable(withoutDefaults(), storage, Ddl.distributed(distribution));
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
    return with(table, columns, table.primaryKey(), table.partitioning());
  }

  private static TableSchema with(
      TableSchema table,
      List<ColumnSchema> columns,
      List<String> primaryKey,
      @Nullable Partitioning partitioning) {
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
        table.estimatedRows(),
        partitioning);
  }
}
