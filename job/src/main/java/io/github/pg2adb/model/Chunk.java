package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a table that the snapshot reads in one transaction: the rows whose key is above {@code
 * lower} and not above {@code upper}. Bounds are the text forms of the key columns' values, in key
 * order; only the source server ever compares them.
 *
 * @param table the table, or the root of a partitioned one
 * @param id the chunk's number within its table, counted from 0 in key order
 * @param lower the exclusive lower bound, null for none
 * @param upper the inclusive upper bound, null for none
 */
public record Chunk(
    TableName table, int id, @Nullable List<String> lower, @Nullable List<String> upper)
    implements Serializable {

  public Chunk {
    lower = lower == null ? null : List.copyOf(lower);
    upper = upper == null ? null : List.copyOf(upper);
  }

  /** The one chunk of a table that is read as a whole. */
  public static Chunk whole(TableName table) {
    return new Chunk(table, 0, null, null);
  }

  @Override
  public String toString() {
    return table + ":" + id;
  }
}
