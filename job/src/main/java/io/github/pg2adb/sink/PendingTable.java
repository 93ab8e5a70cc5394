package io.github.pg2adb.sink;

import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a batch does to one table: perhaps empty it first, then one net effect after the other. */
final class PendingTable {

  private final TableName table;
  private final List<TableChanges> steps = new ArrayList<>(1);
  private @Nullable SourceTable newest;
  private boolean truncated;

  PendingTable(TableName table) {
    this.table = table;
  }

  TableName table() {
    return table;
  }

  boolean truncated() {
    return truncated;
  }

  /** More than one only where the table's shape changed within the batch. */
  List<TableChanges> steps() {
    return steps;
  }

  void truncate() {
    truncated = true;
    steps.clear();
  }

  void add(SourceTable source, RowChange change, boolean replay) {
    if (steps.isEmpty() || newest != source) {
      steps.add(TableChanges.of(source));
      newest = source;
    }
    // after a truncate the destination holds nothing that the WAL did not put there
    steps.get(steps.size() - 1).add(change, replay && !truncated);
  }
}
