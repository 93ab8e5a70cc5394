package io.github.pg2adb.sink;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.model.Tuple;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source's WAL, written by hand: transaction after transaction, each 100 bytes long. */
final class Wal {

  /** Stands for a TOAST value that an update did not change. */
  static final String UNCHANGED = "\u0000unchanged";

  static final Lsn START = new Lsn(1_000);

  private static final long COMMIT_TIME_MICROS = 1_700_000_000_123_456L;

  private long end = START.value();
  private int xid = 700;

  /** A table whose names with a star are its identity; all of them for FULL. */
  static Relation relation(TableName table, ReplicaIdentity identity, String... columns) {
    return new Relation(
        1,
        table,
        identity,
        Arrays.stream(columns)
            .map(
                name ->
                    new Relation.Column(
                        name.replace("*", ""),
                        identity == ReplicaIdentity.FULL || name.endsWith("*"),
                        25,
                        -1))
            .toList());
  }

  static Relation keyed(String table, String... columns) {
    return relation(new TableName("public", table), ReplicaIdentity.DEFAULT, columns);
  }

  static Relation full(String table, String... columns) {
    return relation(new TableName("public", table), ReplicaIdentity.FULL, columns);
  }

  static Tuple row(@Nullable String... values) {
    Tuple plain = Tuple.of(values);
    int[] starts = new int[values.length];
    int[] lengths = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      starts[i] = plain.start(i);
      lengths[i] = UNCHANGED.equals(values[i]) ? Tuple.UNCHANGED : plain.length(i);
    }
    return new Tuple(plain.buffer(), starts, lengths);
  }

  static RowChange insert(Relation relation, @Nullable String... values) {
    return RowChange.insert(relation, row(values));
  }

  static RowChange update(Relation relation, @Nullable String... values) {
    return new RowChange(RowChange.Operation.UPDATE, relation, null, false, row(values));
  }

  static RowChange update(Relation relation, Tuple old, Tuple now) {
    boolean whole = relation.identity() == ReplicaIdentity.FULL;
    return new RowChange(RowChange.Operation.UPDATE, relation, old, whole, now);
  }

  static RowChange delete(Relation relation, @Nullable String... values) {
    boolean whole = relation.identity() == ReplicaIdentity.FULL;
    return new RowChange(RowChange.Operation.DELETE, relation, row(values), whole, null);
  }

  static Truncate truncate(String... tables) {
    return new Truncate(
        Arrays.stream(tables).map(table -> new TableName("public", table)).toList(), false);
  }

  /** The end of the newest transaction. */
  Lsn end() {
    return new Lsn(end);
  }

  /** Lets the WAL grow without a transaction of ours. */
  Lsn idle() {
    end += 50;
    return end();
  }

  /** A whole transaction with the next xid. */
  Change transaction(TransactionEvent... events) {
    return transaction(xid++, events);
  }

  Change transaction(int id, TransactionEvent... events) {
    return batch(piece(id, true, true, events));
  }

  /** A piece of the large transaction that is under way. */
  Change piece(boolean first, boolean last, TransactionEvent... events) {
    Change piece = batch(piece(xid, first, last, events));
    xid += last ? 1 : 0;
    return piece;
  }

  private Transaction piece(int id, boolean first, boolean last, TransactionEvent... events) {
    Lsn commit = new Lsn(end + 60);
    if (last) {
      end += 100;
    }
    return new Transaction(
        id, commit, last ? end() : Lsn.NONE, COMMIT_TIME_MICROS, List.of(events), first, last);
  }

  private TransactionBatch batch(Transaction transaction) {
    return new TransactionBatch(List.of(transaction), end());
  }
}
