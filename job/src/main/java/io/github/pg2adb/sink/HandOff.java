package io.github.pg2adb.sink;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionSnapshot;

/**
 * Which transactions of the WAL a table's loaded chunks have already.
 *
 * <p>A transaction is in the table exactly when every chunk's snapshot saw it. The others are
 * applied. For a table of one chunk that is exact. For several, a row of one chunk may already be
 * in the state of a transaction that another chunk did not see; it is applied again, and so is
 * every later one that touches the same row: a transaction that changes what another one wrote had
 * to wait until that one was visible, so no snapshot sees the later and not the earlier. The row
 * therefore ends as the last of them left it. (Comparing with the smallest xmin instead would skip
 * a later transaction with a small xid and replay an earlier one with a larger xid.)
 *
 * <p>The WAL has 32 bits of a transaction id. Positions bound their use: a transaction that commits
 * at or after a chunk's snapshot position was not seen by it, so no id is compared once the WAL is
 * past all chunks.
 *
 * @param common what all chunks saw
 * @param from the smallest of the chunks' snapshot positions
 * @param to the largest of them
 * @param chunks how many chunks are loaded
 */
record HandOff(TransactionSnapshot common, Lsn from, Lsn to, int chunks) {

  static HandOff of(TransactionSnapshot snapshot, Lsn snapshotLsn) {
    return new HandOff(snapshot, snapshotLsn, snapshotLsn, 1);
  }

  HandOff and(HandOff other) {
    return new HandOff(
        common.and(other.common),
        other.from.isBefore(from) ? other.from : from,
        Lsn.max(to, other.to),
        chunks + other.chunks);
  }

  /** Whether the table has the transaction's changes. */
  boolean has(Transaction transaction) {
    return transaction.commitLsn().isBefore(from) && common.sees(transaction.xid());
  }

  /**
   * Whether some rows may have the transaction's changes, or later ones, although {@link #has} is
   * false: rows that it inserts may be there and rows that it updates may be gone.
   */
  boolean mayHavePartOf(Transaction transaction) {
    return chunks > 1 && transaction.commitLsn().isBefore(to);
  }
}
