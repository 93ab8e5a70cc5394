package io.github.pg2adb.model;

import java.util.List;

/**
 * Source transactions in commit order: any number of whole ones, or one piece of a large one.
 * Batching here only saves overhead; it says nothing about destination transactions.
 *
 * @param transactions the transactions, at least one
 * @param position where the source would have to start again after this batch: the end of the
 *     newest whole transaction
 */
public record TransactionBatch(List<Transaction> transactions, Lsn position) implements Change {

  public TransactionBatch {
    transactions = List.copyOf(transactions);
    if (transactions.isEmpty()) {
      throw new IllegalArgumentException("A batch without a transaction");
    }
    if (transactions.size() > 1 && !transactions.stream().allMatch(Transaction::isWhole)) {
      throw new IllegalArgumentException("A piece of a large transaction among others");
    }
  }

  /** The number of rows changed and tables truncated. */
  public long changes() {
    long changes = 0;
    for (Transaction transaction : transactions) {
      changes += transaction.events().size();
    }
    return changes;
  }

  /** All WAL changes go to one lane, which writer 0 serves. */
  @Override
  public int writer() {
    return 0;
  }

  @Override
  public <E extends Exception> void accept(Visitor<E> visitor) throws E {
    visitor.visit(this);
  }
}
