package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.Tuple;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The net effect on a table whose rows a key identifies: per key the row that shall be there, or
 * that none shall.
 *
 * <p>Values that an update did not carry (unchanged TOAST values) are taken from the old row where
 * the WAL has it whole, else from an earlier image in the same batch. What is still unknown then is
 * named by its {@linkplain Row#origin origin}: the key under which the destination has the row
 * before the batch.
 */
final class KeyedChanges implements TableChanges {

  /** What is known of one key. */
  static final class Row {
    private @Nullable Tuple image;
    private @Nullable RowKey origin;
    private boolean existed;
    private boolean replay;

    private Row(boolean existed, boolean replay) {
      this.existed = existed;
      this.replay = replay;
    }

    /** The row that shall be there, perhaps with unchanged values; null if none shall. */
    @Nullable Tuple image() {
      return image;
    }

    /** Where the destination has the unchanged values before the batch; null if there are none. */
    @Nullable RowKey origin() {
      return origin;
    }

    /** Whether the destination had no row of this key before the batch. */
    boolean isNew() {
      return !existed && !replay;
    }

    /** Whether any change of this row was one that the destination may have had already. */
    boolean replay() {
      return replay;
    }
  }

  private final Relation relation;
  private final int[] key;
  private final int[] all;
  private final int[] written;
  private final Map<RowKey, Row> rows = new HashMap<>();
  private boolean replay;

  KeyedChanges(Relation relation, int[] key) {
    this(relation, key, TableChanges.allColumns(relation));
  }

  /**
   * @param written the numbers of the columns that the destination has; no other value is missed
   */
  KeyedChanges(Relation relation, int[] key, int[] written) {
    this.relation = relation;
    this.key = key;
    this.all = TableChanges.allColumns(relation);
    this.written = written;
  }

  @Override
  public Relation relation() {
    return relation;
  }

  @Override
  public int size() {
    return rows.size();
  }

  /** The key's columns, by their number in the relation. */
  int[] key() {
    return key;
  }

  /** The net effect by key. */
  Map<RowKey, Row> rows() {
    return rows;
  }

  /** Whether the destination may have had any of the changes already. */
  boolean replay() {
    return replay;
  }

  @Override
  public void add(RowChange change, boolean replayed) {
    replay |= replayed;
    Tuple newRow = change.newRow();
    Tuple oldRow = change.oldRow();
    if (newRow == null) {
      RowKey gone = keyOf(change, oldRow);
      remove(gone, rows.get(gone), change);
    } else if (change.operation() == RowChange.Operation.INSERT) {
      place(keyOf(change, newRow), newRow, null, replayed, replayed);
    } else {
      update(change, newRow, oldRow, replayed);
    }
  }

  private void update(RowChange change, Tuple newRow, @Nullable Tuple oldRow, boolean replayed) {
    Tuple image =
        oldRow == null ? newRow : Tuples.fill(newRow, oldRow, change.oldRowIsWhole() ? all : key);
    RowKey newKey = keyOf(change, image);
    RowKey oldKey = oldRow == null ? newKey : keyOf(change, oldRow);
    Row old = rows.get(oldKey);
    RowKey origin = oldKey;
    boolean uncertain = replayed;
    if (old != null) {
      uncertain |= old.replay;
      if (old.image != null) {
        image = Tuples.fill(image, old.image, all);
        origin = old.origin == null ? oldKey : old.origin;
      }
    }
    if (!oldKey.equals(newKey)) {
      remove(oldKey, old, change);
      place(newKey, image, origin, replayed, uncertain);
    } else {
      place(newKey, image, origin, true, uncertain);
    }
  }

  /** {@code existed} counts for a key of which nothing is known yet. */
  private void place(
      RowKey at, Tuple image, @Nullable RowKey origin, boolean existed, boolean replayed) {
    Row row = rows.computeIfAbsent(at, absent -> new Row(existed, replayed));
    row.image = image;
    row.origin = isIncomplete(image) ? origin : null;
    row.replay |= replayed;
  }

  private boolean isIncomplete(Tuple image) {
    if (written.length == all.length || !image.hasUnchanged()) {
      return image.hasUnchanged();
    }
    for (int column : written) {
      if (image.isUnchanged(column)) {
        return true;
      }
    }
    return false;
  }

  private void remove(RowKey from, @Nullable Row row, RowChange change) {
    if (row == null) {
      rows.put(from, new Row(true, false));
    } else if (isAnotherRow(row, change)) {
      row.existed = true;
    } else if (row.existed) {
      row.image = null;
      row.origin = null;
    } else {
      rows.remove(from);
    }
  }

  /**
   * With a deferrable key two rows may share it for a moment inside a transaction. Such tables have
   * REPLICA IDENTITY FULL, so the old row tells whether the removed row is the one placed here in
   * this batch or the one from before.
   */
  private static boolean isAnotherRow(Row row, RowChange change) {
    Tuple removed = change.oldRow();
    return removed != null
        && change.oldRowIsWhole()
        && row.image != null
        && !row.image.hasUnchanged()
        && !row.image.equals(removed);
  }

  private RowKey keyOf(RowChange change, @Nullable Tuple tuple) {
    if (tuple == null) {
      throw TableChanges.unknown(change, "the old row");
    }
    for (int column : key) {
      if (tuple.isUnchanged(column)) {
        throw TableChanges.unknown(change, "the key");
      }
    }
    return RowKey.of(tuple, key);
  }
}
