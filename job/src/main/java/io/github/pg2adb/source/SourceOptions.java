package io.github.pg2adb.source;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Retries;
import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * What to read and how.
 *
 * @param task the task's name, which names slot and publications
 * @param endpoint the source database
 * @param tables the selected tables, at least one
 * @param chunkBytes a table larger than this on disk is read in chunks of about this size, if it
 *     has a key
 * @param transactionBufferBytes a transaction larger than this in memory is handed on in pieces
 * @param decodingMemoryBytes what the server may take to decode transactions before it writes them
 *     to its disk, where it lets itself be told
 * @param snapshot whether to read the rows that are there
 * @param incremental whether to follow the changes; without it the source is bounded and needs no
 *     slot
 * @param waitsForSchema whether changes are read only when the ledger says that the destination is
 *     ready for them
 * @param retry for how long to try again after failures
 * @param routes which columns are migrated, and what is added to the rows
 * @param binaryTables the tables whose columns the destination has with the same types, all of them
 *     {@linkplain io.github.pg2adb.model.BinaryTypes safe} to travel in binary form
 */
public record SourceOptions(
    String task,
    Endpoint endpoint,
    List<TableSchema> tables,
    long chunkBytes,
    long transactionBufferBytes,
    long decodingMemoryBytes,
    boolean snapshot,
    boolean incremental,
    boolean waitsForSchema,
    RetryLimits retry,
    Routes routes,
    Set<TableName> binaryTables)
    implements Serializable {

  /** Four times what PostgreSQL takes by itself. */
  private static final long DECODING_MEMORY_BYTES = 256L << 20;

  /** Options with {@link RetryLimits#DEFAULT}, all columns, and all rows as text. */
  public SourceOptions(
      String task,
      Endpoint endpoint,
      List<TableSchema> tables,
      long chunkBytes,
      long transactionBufferBytes,
      boolean snapshot,
      boolean incremental) {
    this(
        task,
        endpoint,
        tables,
        chunkBytes,
        transactionBufferBytes,
        snapshot,
        incremental,
        false,
        RetryLimits.DEFAULT);
  }

  /** Options with all columns, and all rows as text. */
  public SourceOptions(
      String task,
      Endpoint endpoint,
      List<TableSchema> tables,
      long chunkBytes,
      long transactionBufferBytes,
      boolean snapshot,
      boolean incremental,
      boolean waitsForSchema,
      RetryLimits retry) {
    this(
        task,
        endpoint,
        tables,
        chunkBytes,
        transactionBufferBytes,
        DECODING_MEMORY_BYTES,
        snapshot,
        incremental,
        waitsForSchema,
        retry,
        Routes.AS_SOURCE,
        Set.of());
  }

  public SourceOptions {
    tables = List.copyOf(tables);
    binaryTables = Set.copyOf(binaryTables);
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

  /**
   * The count of the failures of one part of this source.
   *
   * @param part which, such as {@code reader 0}
   */
  Retries retries(String part) {
    return Retries.of("Task " + task + " reading " + endpoint + " (" + part + ")", retry);
  }
}
