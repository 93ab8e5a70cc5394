package io.github.pg2adb.config;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.WithoutIdentity;
import java.util.List;

/**
 * Where the rows come from: a PostgreSQL database.
 *
 * @param endpoint the database and how to log in to it
 * @param tables the patterns of the selected tables, each well-formed
 * @param excludedTables the patterns of what is left out of them, each well-formed
 * @param withoutIdentity what to do with tables whose updates and deletes cannot be published
 * @param chunkSize how much of a table is read in one transaction
 * @param transactionBuffer how much of a transaction is held before it is handed on in pieces
 * @param decodingMemory how much memory the source takes to decode transactions before it writes
 *     them to its disk
 */
public record SourceSection(
    Endpoint endpoint,
    List<String> tables,
    List<String> excludedTables,
    WithoutIdentity withoutIdentity,
    MemorySize chunkSize,
    MemorySize transactionBuffer,
    MemorySize decodingMemory) {

  public SourceSection {
    tables = List.copyOf(tables);
    excludedTables = List.copyOf(excludedTables);
  }

  /** Which tables the task is about. */
  public TableSelection selection() {
    return TableSelection.parse(tables, excludedTables);
  }
}
