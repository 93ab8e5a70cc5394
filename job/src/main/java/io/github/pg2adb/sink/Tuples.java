package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;

/** Puts rows together out of others. */
final class Tuples {

  private Tuples() {}

  /**
   * The row with its unchanged values taken from {@code source}, where they may be unchanged too.
   *
   * @param columns the columns to fill
   */
  static Tuple fill(Tuple row, Tuple source, int[] columns) {
    int extra = 0;
    boolean any = false;
    for (int column : columns) {
      if (row.isUnchanged(column) && !source.isUnchanged(column)) {
        any = true;
        extra += Math.max(source.length(column), 0);
      }
    }
    return any ? copy(row, source, columns, extra) : row;
  }

  private static Tuple copy(Tuple row, Tuple source, int[] columns, int extra) {
    int width = row.size();
    boolean[] filled = new boolean[width];
    for (int column : columns) {
      filled[column] = row.isUnchanged(column) && !source.isUnchanged(column);
    }
    byte[] buffer = new byte[Math.toIntExact(row.byteCount() + extra)];
    int[] starts = new int[width];
    int[] lengths = new int[width];
    int size = 0;
    for (int column = 0; column < width; column++) {
      Tuple from = filled[column] ? source : row;
      int length = from.length(column);
      starts[column] = size;
      lengths[column] = length;
      if (length > 0) {
        System.arraycopy(from.buffer(), from.start(column), buffer, size, length);
        size += length;
      }
    }
    return new Tuple(buffer, starts, lengths);
  }
}
