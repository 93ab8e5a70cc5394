package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;

/**
 * Reads rows again from the source by key: the way out for an update that carries only the changed
 * columns when the destination has no such row. Serializable; each call uses a connection of its
 * own.
 */
public interface RowLookup extends Serializable {

  /**
   * The present rows with these keys, in any order; a key that the source no longer has yields
   * nothing.
   *
   * @param table the table, or the root of a partitioned one
   * @param columns the columns wanted, in order
   * @param keyColumns the key's columns
   * @param keys one tuple per row, one value per key column
   */
  List<Tuple> read(
      TableName table, List<String> columns, List<String> keyColumns, List<Tuple> keys);
}
