package io.github.pg2adb.source;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.TableSchema;
import java.io.Serializable;
import java.util.List;

/**
 * What to read and how.
 *
 * @param task the task's name, which names slot and publications
 * @param endpoint the source database
 * @param tables the selected tables, at least one
 * @param chunkBytes a table larger than this on disk is read in chunks of about this size, if it
 *     has a key
 * @param transactionBufferBytes a transaction larger than this in memory is handed on in pieces
 * @param snapshot whether to read the rows that are there
 * @param incremental whether to follow the changes; without it the source is bounded and needs no
 *     slot
 */
public record SourceOptions(
    String task,
    Endpoint endpoint,
    List<TableSchema> tables,
    long chunkBytes,
    long transactionBufferBytes,
    boolean snapshot,
    boolean incremental)
    implements Serializable {

  public SourceOptions {
    tables = List.copyOf(tables);
    if (tables.isEmpty()) {
      throw new IllegalArgumentException("No table is selected");
    }
    if (!snapshot && !incremental) {
      throw new IllegalArgumentException("Neither snapshot nor incremental");
    }
    if (chunkBytes < 1 || transactionBufferBytes < 1) {
      throw new IllegalArgumentException(
          "chunkBytes is " + chunkBytes + ", transactionBufferBytes " + transactionBufferBytes);
    }
  }
}
