package io.github.pg2adb.model;

import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What sequences are called in the destination: one that belongs to a column is in the schema of
 * that column's table, any other where the case policy has it.
 */
final class RoutedSequences {

  private final Routes routes;
  private final Map<TableName, TableName> targets = new HashMap<>();
  private final Set<TableName> tables = new HashSet<>();

  private RoutedSequences(Routes routes) {
    this.routes = routes;
  }

  static RoutedSequences of(SourceSchema schema, Routes routes) {
    RoutedSequences sequences = new RoutedSequences(routes);
    schema.tables().forEach(table -> sequences.tables.add(table.name()));
    schema.needs().sequences().forEach(sequences::add);
    schema.tables().forEach(sequences::addUnknown);
    return sequences;
  }

  private void add(SequenceSchema sequence) {
    ColumnName owner = sequence.owner();
    if (owner != null && tables.contains(owner.table())) {
      targets.put(sequence.name(), beside(owner.table(), sequence.name()));
    } else {
      targets.put(sequence.name(), routes.spelled(sequence.name()));
    }
  }

  /** Before release 10 the catalog does not tell; a sequence beside its table stays beside it. */
  private void addUnknown(TableSchema table) {
    for (ColumnSchema column : table.columns()) {
      if (column.generation() == ColumnSchema.Generation.NONE
          && column.defaultExpression() != null) {
        for (TableName sequence : SequenceNames.in(column.defaultExpression())) {
          if (sequence.schema().equals(table.name().schema())) {
            targets.computeIfAbsent(sequence, name -> beside(table.name(), name));
          }
        }
      }
    }
  }

  private TableName beside(TableName table, TableName sequence) {
    return new TableName(
        routes.of(table).target().schema(), routes.nameCase().relation(sequence.name()));
  }

  /** The sequence in the destination. */
  TableName target(TableName sequence) {
    TableName target = targets.get(sequence);
    return target == null ? routes.spelled(sequence) : target;
  }

  /** Whether it is created: not if it belongs to one of several tables that meet in one. */
  boolean isMigrated(SequenceSchema sequence) {
    ColumnName owner = sequence.owner();
    return owner == null
        || !tables.contains(owner.table())
        || (routes.of(owner.table()).constant().isEmpty()
            && routes.of(owner.table()).column(owner.column()).isPresent());
  }
}
