package io.github.pg2adb.sink;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Transaction;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The net effect of whole source transactions, or of one piece of a large one. Filled by the task
 * thread, then handed to the worker and not touched again.
 */
final class PendingBatch {

  /** Bounds that a batch reports about itself, for errors, the ledger and metrics. */
  record Extent(
      Lsn firstCommit,
      Lsn lastCommit,
      Lsn position,
      long commitTimeMicros,
      long transactions,
      long changes,
      long bytes) {}

  private final Map<TableName, PendingTable> tables = new HashMap<>();
  private Lsn firstCommit = Lsn.NONE;
  private Lsn lastCommit = Lsn.NONE;
  private Lsn position = Lsn.NONE;
  private long commitTimeMicros;
  private long transactions;
  private long changes;
  private long bytes;
  private boolean restartIdentity;
  private boolean open;

  /** Counts the transaction in. Its changes are added one by one. */
  void begin(Transaction transaction) {
    firstCommit = firstCommit.isSet() ? firstCommit : transaction.commitLsn();
    lastCommit = transaction.commitLsn();
    commitTimeMicros = Math.max(commitTimeMicros, transaction.commitTimeMicros());
    open = !transaction.last();
    if (transaction.last()) {
      transactions++;
      moveTo(transaction.endLsn());
    }
  }

  void add(SourceTable source, RowChange change, boolean replay) {
    table(source.relation().table()).add(source, change, replay);
    changes++;
    bytes += change.weight();
  }

  void truncate(TableName table, boolean restart) {
    table(table).truncate();
    restartIdentity |= restart;
    changes++;
  }

  /** Where the source goes on after this batch. */
  void moveTo(Lsn lsn) {
    position = Lsn.max(position, lsn);
  }

  /**
   * Whether the destination transaction stays open for the next piece of the same source
   * transaction.
   */
  boolean leavesOpen() {
    return open;
  }

  boolean isEmpty() {
    return firstCommit.equals(Lsn.NONE) && position.equals(Lsn.NONE);
  }

  long changes() {
    return changes;
  }

  long bytes() {
    return bytes;
  }

  boolean restartsIdentity() {
    return restartIdentity;
  }

  Extent extent() {
    return new Extent(
        firstCommit, lastCommit, position, commitTimeMicros, transactions, changes, bytes);
  }

  /** The tables in the one order in which every batch touches them. */
  List<PendingTable> tables() {
    return tables.values().stream().sorted(Comparator.comparing(PendingTable::table)).toList();
  }

  private PendingTable table(TableName name) {
    return tables.computeIfAbsent(name, PendingTable::new);
  }
}
