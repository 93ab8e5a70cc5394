package io.github.pg2adb.verify;

import io.github.pg2adb.model.TableName;
import java.util.List;

/**
 * What the comparison of one table found.
 *
 * @param table the table
 * @param sourceRows its rows in the source
 * @param targetRows its rows in the destination
 * @param equal whether both hold the same rows, each as often
 * @param missing how many rows the destination lacks
 * @param extra how many rows only the destination has
 * @param different how many rows have the same key and other values
 * @param sample some of the differing rows
 */
public record TableResult(
    TableName table,
    long sourceRows,
    long targetRows,
    boolean equal,
    long missing,
    long extra,
    long different,
    List<RowDifference> sample) {

  public TableResult {
    sample = List.copyOf(sample);
  }

  /** How many rows are not the same. */
  public long differences() {
    return missing + extra + different;
  }

  /** For people: the table and whether it is equal, or how it is not. */
  @Override
  public String toString() {
    return equal
        ? table + ": equal, " + sourceRows + " rows"
        : table
            + ": NOT EQUAL, "
            + sourceRows
            + " rows in the source, "
            + targetRows
            + " in the destination, "
            + missing
            + " missing, "
            + extra
            + " extra, "
            + different
            + " different: "
            + sample;
  }
}
