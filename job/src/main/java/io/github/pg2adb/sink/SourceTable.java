package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * A source table as the task thread knows it: its present shape, its key, and what its snapshot
 * holds.
 */
final class SourceTable {

  /** What to do with a transaction's changes of this table. */
  enum Verdict {
    /** The snapshot has them. */
    SKIP,
    /** The destination has nothing of them. */
    APPLY,
    /** The destination may have some of them, or later ones; applying again converges. */
    REPLAY
  }

  private final Relation relation;
  private final int[] key;
  private final int[] written;
  private final @Nullable HandOff handOff;
  private Lsn judged = Lsn.NONE;
  private Verdict verdict = Verdict.APPLY;

  /**
   * @param key the numbers of the columns that identify a row; none if only the whole row does
   * @param written the numbers of the columns that the destination has
   * @param handOff what the snapshot holds, null if the table was not loaded by this task
   */
  SourceTable(Relation relation, int[] key, int[] written, @Nullable HandOff handOff) {
    this.relation = relation;
    this.key = key;
    this.written = written;
    this.handOff = handOff;
  }

  Relation relation() {
    return relation;
  }

  int[] key() {
    return key;
  }

  int[] written() {
    return written;
  }

  /** Judged once per transaction. */
  Verdict judge(Transaction transaction) {
    if (!judged.equals(transaction.commitLsn())) {
      verdict = judge(handOff, transaction);
      judged = transaction.commitLsn();
      if (verdict == Verdict.REPLAY && key.length == 0) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot apply changes to table \""
                + relation.table()
                + "\": it was loaded in several chunks and has no key in the destination by which changes could be applied twice",
            "Give the destination table the primary key, or load the table in one chunk.");
      }
    }
    return verdict;
  }

  static Verdict judge(@Nullable HandOff handOff, Transaction transaction) {
    if (handOff == null) {
      return Verdict.APPLY;
    }
    if (handOff.has(transaction)) {
      return Verdict.SKIP;
    }
    return handOff.mayHavePartOf(transaction) ? Verdict.REPLAY : Verdict.APPLY;
  }
}
