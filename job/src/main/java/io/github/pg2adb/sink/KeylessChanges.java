package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.Tuple;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The net effect on a table without a key: per row image how many more or fewer of it there shall
 * be. Exact only for changes that the destination has not got.
 */
final class KeylessChanges implements TableChanges {

  private final Relation relation;
  private final int[] all;
  private final Map<Tuple, Integer> counts = new HashMap<>();

  KeylessChanges(Relation relation) {
    this.relation = relation;
    this.all = TableChanges.allColumns(relation);
  }

  @Override
  public Relation relation() {
    return relation;
  }

  @Override
  public int size() {
    return counts.size();
  }

  /** Row images with how many rows to add, or to remove where negative; never 0. */
  Map<Tuple, Integer> counts() {
    return counts;
  }

  @Override
  public void add(RowChange change, boolean replay) {
    Tuple oldRow = change.oldRow();
    Tuple newRow = change.newRow();
    if (change.operation() != RowChange.Operation.INSERT) {
      if (oldRow == null || !change.oldRowIsWhole()) {
        throw TableChanges.unknown(change, "the whole old row, and the table has no key");
      }
      count(oldRow, -1);
    }
    if (newRow != null) {
      count(complete(change, newRow, oldRow), 1);
    }
  }

  private Tuple complete(RowChange change, Tuple newRow, @Nullable Tuple oldRow) {
    Tuple image = oldRow == null ? newRow : Tuples.fill(newRow, oldRow, all);
    if (image.hasUnchanged()) {
      throw TableChanges.unknown(change, "a value of the new row");
    }
    return image;
  }

  private void count(Tuple image, int by) {
    counts.merge(image, by, (had, more) -> had + more == 0 ? null : Integer.valueOf(had + more));
  }
}
