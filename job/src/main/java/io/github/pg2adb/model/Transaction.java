package io.github.pg2adb.model;

import java.util.List;

/**
 * A committed source transaction, whole or in pieces. A transaction within the reader's buffer is
 * one value with both flags set. A larger one is a row of pieces with the same {@code xid} and
 * {@code commitLsn}, {@code first} set on the first and {@code last} on the last; nothing else
 * comes between them.
 *
 * @param xid the lower 32 bits of the transaction's id
 * @param commitLsn where the commit record starts (BEGIN's final LSN): the transaction is applied
 *     exactly when this is before the ledger's position
 * @param endLsn where the commit record ends, the position after this transaction; {@link Lsn#NONE}
 *     in every piece but the last
 * @param commitTimeMicros when it committed at the source, microseconds since 1970-01-01 UTC
 * @param events the rows and truncates in WAL order
 * @param first whether nothing of this transaction came before
 * @param last whether nothing of this transaction follows
 */
public record Transaction(
    int xid,
    Lsn commitLsn,
    Lsn endLsn,
    long commitTimeMicros,
    List<TransactionEvent> events,
    boolean first,
    boolean last) {

  public Transaction {
    if (last != endLsn.isSet()) {
      throw new IllegalArgumentException(
          "A transaction's last piece and no other has an end LSN: last="
              + last
              + " end="
              + endLsn);
    }
  }

  /** Whether the value is the transaction as a whole. */
  public boolean isWhole() {
    return first && last;
  }
}
