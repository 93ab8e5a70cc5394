package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;

/**
 * Some columns of a row as the key of a map, compared by the bytes of their values.
 *
 * <p>The text of one stored value is always the same, so equal bytes mean the same row; values that
 * are equal and look different (numeric 1.0 and 1.00) are told apart here, and the SQL deletes
 * before it inserts.
 *
 * <p>The order, shorter values first, is that of whole numbers from zero on. It says where a row
 * probably lies in its table and is good for nothing else.
 */
final class RowKey implements Comparable<RowKey> {

  private final Tuple tuple;
  private final int[] columns;
  private final int hash;

  private RowKey(Tuple tuple, int[] columns, int hash) {
    this.tuple = tuple;
    this.columns = columns;
    this.hash = hash;
  }

  static RowKey of(Tuple tuple, int[] columns) {
    byte[] buffer = tuple.buffer();
    int hash = 1;
    for (int column : columns) {
      int length = tuple.length(column);
      hash = 31 * hash + length;
      int start = tuple.start(column);
      for (int i = 0; i < length; i++) {
        hash = 31 * hash + buffer[start + i];
      }
    }
    return new RowKey(tuple, columns, hash);
  }

  /** The row that the key was taken from; only the key's columns are sure to be there. */
  Tuple tuple() {
    return tuple;
  }

  @Override
  public boolean equals(Object object) {
    if (!(object instanceof RowKey other) || hash != other.hash) {
      return false;
    }
    for (int i = 0; i < columns.length; i++) {
      if (!tuple.sameValue(columns[i], other.tuple, other.columns[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int compareTo(RowKey other) {
    for (int i = 0; i < columns.length; i++) {
      int order = tuple.compareValue(columns[i], other.tuple, other.columns[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
