package io.github.pg2adb.source.wal;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.model.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together to what flows to the writers. Whole transactions are collected into
 * batches as long as more is waiting to be read or may come at any moment; a transaction above the
 * buffer is handed on in pieces that all carry the position before it, so memory has a bound. A
 * transaction without rows of the task's tables only moves the position. For one thread.
 */
public final class TransactionAssembler implements PgOutputMessage.Visitor {

  private static final long POSITION_INTERVAL_NANOS = 1_000_000_000L;

  /**
   * For how long a batch waits for more. A reader that is faster than the server finds nothing to
   * read after each transaction or two, and handing a batch on costs more than they do.
   */
  private static final long LINGER_NANOS = 5_000_000L;

  /** What follows the first piece of a large transaction need not be as large as that. */
  private static final long FOLLOWING_PIECE_BYTES = 1 << 20;

  private final ReplicatedTables tables;
  private final long transactionBufferBytes;
  private final long batchBytes;
  private final LongSupplier nanoTime;
  private final Consumer<Change> output;

  private final Map<Integer, TableName> sourceNames = new HashMap<>();
  private final Map<Integer, Relation> relations = new HashMap<>();

  private List<Transaction> batch = new ArrayList<>();
  private long batchWeight;
  private long batchBegunAt;
  private @Nullable OpenTransaction open;
  private Lsn position;
  private Lsn sentPosition;
  private long sentPositionAt;

  /**
   * An assembler that starts between two transactions.
   *
   * @param tables the relations to take; all others are ignored
   * @param position where reading starts
   * @param transactionBufferBytes how much of one transaction is held before it is handed on in
   *     pieces
   * @param batchBytes how much is collected into one batch
   * @param nanoTime the clock
   * @param output takes the changes in order
   */
  public TransactionAssembler(
      ReplicatedTables tables,
      Lsn position,
      long transactionBufferBytes,
      long batchBytes,
      LongSupplier nanoTime,
      Consumer<Change> output) {
    this.tables = tables;
    this.position = position;
    this.sentPosition = position;
    this.transactionBufferBytes = transactionBufferBytes;
    this.batchBytes = batchBytes;
    this.nanoTime = nanoTime;
    this.output = output;
    this.sentPositionAt = nanoTime.getAsLong();
  }

  /**
   * Nothing waits to be read: hands on what is complete and has waited for more, and the position
   * now and then. To be called again and again.
   *
   * @param received up to where the server says that it has sent everything
   */
  public void idle(Lsn received) {
    if (open != null || (!batch.isEmpty() && nanoTime.getAsLong() - batchBegunAt < LINGER_NANOS)) {
      return;
    }
    position = Lsn.max(position, received);
    flush();
    sendPosition();
  }

  /** Where reading would have to start again: the end of the newest whole transaction. */
  public Lsn position() {
    return position;
  }

  /** Up to where everything was handed on. */
  public Lsn handedOn() {
    return sentPosition;
  }

  /** Whether a part of a transaction was handed on and its end was not. */
  public boolean isWithinPieces() {
    return open != null && open.isPiecemeal();
  }

  @Override
  public void visit(PgOutputMessage.Begin begin) {
    if (open != null) {
      throw unexpected("BEGIN inside transaction " + Integer.toUnsignedString(open.begin.xid()));
    }
    open = new OpenTransaction(begin);
  }

  @Override
  public void visit(PgOutputMessage.Commit commit) {
    OpenTransaction transaction = transaction("COMMIT");
    if (!commit.commitLsn().equals(transaction.begin.commitLsn())) {
      throw unexpected(
          "COMMIT at "
              + commit.commitLsn()
              + " of a transaction that commits at "
              + transaction.begin.commitLsn());
    }
    if (transaction.isPiecemeal()) {
      send(List.of(transaction.piece(commit.endLsn())));
      // not before: whoever does not take the last piece has a part of the transaction
      open = null;
      position = commit.endLsn();
      return;
    }
    open = null;
    if (transaction.isEmpty()) {
      position = commit.endLsn();
      if (batch.isEmpty()) {
        sendPosition();
      }
    } else {
      position = commit.endLsn();
      if (batch.isEmpty()) {
        batchBegunAt = nanoTime.getAsLong();
      }
      batchWeight += transaction.weight;
      batch.add(transaction.piece(commit.endLsn()));
      if (batchWeight >= batchBytes) {
        flush();
      }
    }
  }

  /** Where a transaction came from makes no difference to what it did. */
  @Override
  public void visit(PgOutputMessage.Origin origin) {}

  @Override
  public void visit(PgOutputMessage.RelationDefinition definition) {
    Relation relation = definition.relation();
    sourceNames.put(relation.id(), relation.table());
    TableName table = tables.of(relation.table());
    if (table == null) {
      relations.remove(relation.id());
    } else {
      relations.put(
          relation.id(),
          new Relation(relation.id(), table, relation.identity(), relation.columns()));
    }
  }

  /** Values travel as text, for which the type's name is of no use. */
  @Override
  public void visit(PgOutputMessage.TypeDefinition definition) {}

  @Override
  public void visit(PgOutputMessage.Insert insert) {
    Relation relation = relation(insert.relationId(), "INSERT");
    if (relation != null) {
      check(relation, insert.newRow());
      add(RowChange.insert(relation, insert.newRow()));
    }
  }

  @Override
  public void visit(PgOutputMessage.Update update) {
    Relation relation = relation(update.relationId(), "UPDATE");
    if (relation != null) {
      check(relation, update.newRow());
      check(relation, update.oldRow());
      add(
          new RowChange(
              RowChange.Operation.UPDATE,
              relation,
              update.oldRow(),
              update.oldRowIsWhole(),
              update.newRow()));
    }
  }

  @Override
  public void visit(PgOutputMessage.Delete delete) {
    Relation relation = relation(delete.relationId(), "DELETE");
    if (relation != null) {
      check(relation, delete.oldRow());
      add(
          new RowChange(
              RowChange.Operation.DELETE, relation, delete.oldRow(), delete.oldRowIsWhole(), null));
    }
  }

  /**
   * Emptied leaves are an emptied root only if they are all of its leaves; a single emptied
   * partition has no counterpart among the changes.
   */
  @Override
  public void visit(PgOutputMessage.TruncateTables truncate) {
    transaction("TRUNCATE");
    Map<TableName, Set<TableName>> truncated = new LinkedHashMap<>();
    for (int id : truncate.relationIds()) {
      Relation relation = relation(id, "TRUNCATE");
      TableName sourceName = sourceNames.get(id);
      if (relation != null && sourceName != null) {
        truncated.computeIfAbsent(relation.table(), table -> new HashSet<>()).add(sourceName);
      }
    }
    truncated.forEach(this::checkTruncatedAsWhole);
    if (!truncated.isEmpty()) {
      add(new Truncate(List.copyOf(truncated.keySet()), truncate.restartIdentity()));
    }
  }

  private void checkTruncatedAsWhole(TableName table, Set<TableName> relations) {
    if (!tables.isWhole(table, relations)) {
      throw new MigrationException(
          ErrorKind.FAIL,
          "Cannot replicate TRUNCATE of partitions "
              + relations
              + " of table \""
              + table
              + "\" after "
              + position
              + ": the table is replicated through its root, and other partitions keep their rows",
          "Delete those rows in the destination, and start the task again under a new name.");
    }
  }

  /** Nobody asks the server for logical messages, and they change no table. */
  @Override
  public void visit(PgOutputMessage.LogicalMessage message) {}

  private void add(TransactionEvent event) {
    OpenTransaction transaction = transaction("A change");
    transaction.add(event);
    long limit =
        transaction.isPiecemeal()
            ? Math.min(transactionBufferBytes, FOLLOWING_PIECE_BYTES)
            : transactionBufferBytes;
    if (transaction.weight >= limit) {
      flush();
      send(List.of(transaction.piece(Lsn.NONE)));
    }
  }

  private void flush() {
    if (!batch.isEmpty()) {
      List<Transaction> complete = batch;
      batch = new ArrayList<>();
      batchWeight = 0;
      send(complete);
    }
  }

  /**
   * The position is the end of the newest transaction handed on, not of an empty one after it: the
   * ledger moves with transactions and positions, and the slot must never be acknowledged past it.
   */
  private void send(List<Transaction> transactions) {
    Transaction newest = transactions.get(transactions.size() - 1);
    Lsn reached = newest.last() ? newest.endLsn() : sentPosition;
    output.accept(new TransactionBatch(transactions, reached));
    // not before: what was not taken must be read again
    sentPosition = reached;
  }

  private void sendPosition() {
    long now = nanoTime.getAsLong();
    if (position.isAfter(sentPosition) && now - sentPositionAt >= POSITION_INTERVAL_NANOS) {
      output.accept(new Position(position));
      sentPosition = position;
      sentPositionAt = now;
    }
  }

  private OpenTransaction transaction(String what) {
    if (open == null) {
      throw unexpected(what + " outside a transaction");
    }
    return open;
  }

  /** The relation with this id, null if it is not the task's. */
  private @Nullable Relation relation(int id, String what) {
    transaction(what);
    if (!sourceNames.containsKey(id)) {
      throw unexpected(
          what + " of relation " + Integer.toUnsignedString(id) + ", which was never described");
    }
    return relations.get(id);
  }

  private void check(Relation relation, @Nullable Tuple tuple) {
    if (tuple != null && tuple.size() != relation.columns().size()) {
      throw unexpected(
          "a row of table \""
              + relation.table()
              + "\" with "
              + tuple.size()
              + " values for "
              + relation.columns().size()
              + " columns");
    }
  }

  private MigrationException unexpected(String what) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot follow the WAL after LSN " + position + ": " + what,
        "Start again; if it happens at the same LSN, report it with the source server's version.");
  }

  /** A transaction between BEGIN and COMMIT. */
  private static final class OpenTransaction {

    private final PgOutputMessage.Begin begin;
    private List<TransactionEvent> events = new ArrayList<>();
    private long weight;
    private int pieces;

    OpenTransaction(PgOutputMessage.Begin begin) {
      this.begin = begin;
    }

    void add(TransactionEvent event) {
      events.add(event);
      weight += event.weight();
    }

    boolean isPiecemeal() {
      return pieces > 0;
    }

    boolean isEmpty() {
      return events.isEmpty();
    }

    /** What came since the last piece. */
    Transaction piece(Lsn endLsn) {
      List<TransactionEvent> content = events;
      events = new ArrayList<>();
      weight = 0;
      pieces++;
      return new Transaction(
          begin.xid(),
          begin.commitLsn(),
          endLsn,
          begin.commitTimeMicros(),
          content,
          pieces == 1,
          endLsn.isSet());
    }
  }
}
