package io.github.pg2adb.pipeline;

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
import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of a {@link TransactionBatch}: position, the relations once each, the bytes of
 * all values in one run, then the structure with the lengths of the values in the order of that
 * run. Reading therefore makes one buffer for all values, of which the tuples are slices.
 */
final class TransactionBatchFormat {

  private static final byte INSERT = 'I';
  private static final byte UPDATE = 'U';
  private static final byte DELETE = 'D';
  private static final byte TRUNCATE = 'T';

  private static final int FLAG_FIRST = 1;
  private static final int FLAG_LAST = 2;

  private static final int HAS_OLD = 1;
  private static final int OLD_IS_WHOLE = 2;
  private static final int HAS_NEW = 4;

  private TransactionBatchFormat() {}

  static void write(TransactionBatch batch, DataOutputView target) throws IOException {
    target.writeLong(batch.position().value());
    IdentityHashMap<Relation, Integer> relations = writeRelations(batch, target);
    writeValues(batch, target);
    target.writeInt(batch.transactions().size());
    for (Transaction transaction : batch.transactions()) {
      target.writeInt(transaction.xid());
      target.writeLong(transaction.commitLsn().value());
      target.writeLong(transaction.endLsn().value());
      target.writeLong(transaction.commitTimeMicros());
      target.writeByte(
          (transaction.first() ? FLAG_FIRST : 0) | (transaction.last() ? FLAG_LAST : 0));
      target.writeInt(transaction.events().size());
      for (TransactionEvent event : transaction.events()) {
        if (event instanceof RowChange change) {
          writeRowChange(change, relations, target);
        } else if (event instanceof Truncate truncate) {
          writeTruncate(truncate, target);
        }
      }
    }
  }

  static TransactionBatch read(DataInputView source) throws IOException {
    Lsn position = new Lsn(source.readLong());
    List<Relation> relations = readRelations(source);
    byte[] buffer = new byte[source.readInt()];
    source.readFully(buffer);
    Cursor cursor = new Cursor(buffer);
    int transactionCount = source.readInt();
    List<Transaction> transactions = new ArrayList<>(transactionCount);
    for (int i = 0; i < transactionCount; i++) {
      int xid = source.readInt();
      Lsn commitLsn = new Lsn(source.readLong());
      Lsn endLsn = new Lsn(source.readLong());
      long commitTimeMicros = source.readLong();
      int flags = source.readByte();
      int eventCount = source.readInt();
      List<TransactionEvent> events = new ArrayList<>(eventCount);
      for (int j = 0; j < eventCount; j++) {
        byte tag = source.readByte();
        events.add(
            tag == TRUNCATE
                ? readTruncate(source)
                : readRowChange(operation(tag), relations, cursor, source));
      }
      transactions.add(
          new Transaction(
              xid,
              commitLsn,
              endLsn,
              commitTimeMicros,
              events,
              (flags & FLAG_FIRST) != 0,
              (flags & FLAG_LAST) != 0));
    }
    return new TransactionBatch(transactions, position);
  }

  private static IdentityHashMap<Relation, Integer> writeRelations(
      TransactionBatch batch, DataOutputView target) throws IOException {
    // by identity: a batch has few relation objects and very many rows
    IdentityHashMap<Relation, Integer> numbers = new IdentityHashMap<>();
    List<Relation> relations = new ArrayList<>();
    for (Transaction transaction : batch.transactions()) {
      for (TransactionEvent event : transaction.events()) {
        if (event instanceof RowChange change
            && numbers.putIfAbsent(change.relation(), relations.size()) == null) {
          relations.add(change.relation());
        }
      }
    }
    target.writeInt(relations.size());
    for (Relation relation : relations) {
      target.writeInt(relation.id());
      writeTable(relation.table(), target);
      target.writeChar(relation.identity().code());
      target.writeInt(relation.columns().size());
      for (Relation.Column column : relation.columns()) {
        StringValue.writeString(column.name(), target);
        target.writeBoolean(column.identity());
        target.writeInt(column.typeOid());
        target.writeInt(column.typeModifier());
      }
    }
    return numbers;
  }

  private static List<Relation> readRelations(DataInputView source) throws IOException {
    int count = source.readInt();
    List<Relation> relations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int id = source.readInt();
      TableName table = readTable(source);
      ReplicaIdentity identity = ReplicaIdentity.of(source.readChar());
      int columnCount = source.readInt();
      List<Relation.Column> columns = new ArrayList<>(columnCount);
      for (int j = 0; j < columnCount; j++) {
        columns.add(
            new Relation.Column(
                StringValue.readString(source),
                source.readBoolean(),
                source.readInt(),
                source.readInt()));
      }
      relations.add(new Relation(id, table, identity, columns));
    }
    return relations;
  }

  private static void writeValues(TransactionBatch batch, DataOutputView target)
      throws IOException {
    long size = 0;
    for (Transaction transaction : batch.transactions()) {
      for (TransactionEvent event : transaction.events()) {
        if (event instanceof RowChange change) {
          size += byteCount(change.oldRow()) + byteCount(change.newRow());
        }
      }
    }
    target.writeInt(Math.toIntExact(size));
    for (Transaction transaction : batch.transactions()) {
      for (TransactionEvent event : transaction.events()) {
        if (event instanceof RowChange change) {
          writeValues(change.oldRow(), target);
          writeValues(change.newRow(), target);
        }
      }
    }
  }

  private static long byteCount(@Nullable Tuple tuple) {
    return tuple == null ? 0 : tuple.byteCount();
  }

  private static void writeValues(@Nullable Tuple tuple, DataOutputView target) throws IOException {
    if (tuple == null) {
      return;
    }
    for (int column = 0; column < tuple.size(); column++) {
      if (tuple.length(column) > 0) {
        target.write(tuple.buffer(), tuple.start(column), tuple.length(column));
      }
    }
  }

  private static void writeRowChange(
      RowChange change, IdentityHashMap<Relation, Integer> relations, DataOutputView target)
      throws IOException {
    Integer relation = relations.get(change.relation());
    if (relation == null) {
      throw new IOException("Relation of " + change.relation().table() + " was not written");
    }
    target.writeByte(tag(change.operation()));
    target.writeInt(relation);
    target.writeByte(
        (change.oldRow() != null ? HAS_OLD : 0)
            | (change.oldRowIsWhole() ? OLD_IS_WHOLE : 0)
            | (change.newRow() != null ? HAS_NEW : 0));
    writeLengths(change.oldRow(), target);
    writeLengths(change.newRow(), target);
  }

  private static byte tag(RowChange.Operation operation) {
    return switch (operation) {
      case INSERT -> INSERT;
      case UPDATE -> UPDATE;
      case DELETE -> DELETE;
    };
  }

  private static RowChange.Operation operation(byte tag) throws IOException {
    return switch (tag) {
      case INSERT -> RowChange.Operation.INSERT;
      case UPDATE -> RowChange.Operation.UPDATE;
      case DELETE -> RowChange.Operation.DELETE;
      default -> throw new IOException("No kind of event has the tag " + tag);
    };
  }

  private static RowChange readRowChange(
      RowChange.Operation operation, List<Relation> relations, Cursor cursor, DataInputView source)
      throws IOException {
    Relation relation = relations.get(source.readInt());
    int flags = source.readByte();
    int columnCount = relation.columns().size();
    Tuple oldRow = (flags & HAS_OLD) != 0 ? cursor.readTuple(columnCount, source) : null;
    Tuple newRow = (flags & HAS_NEW) != 0 ? cursor.readTuple(columnCount, source) : null;
    return new RowChange(operation, relation, oldRow, (flags & OLD_IS_WHOLE) != 0, newRow);
  }

  private static void writeLengths(@Nullable Tuple tuple, DataOutputView target)
      throws IOException {
    if (tuple == null) {
      return;
    }
    for (int column = 0; column < tuple.size(); column++) {
      target.writeInt(tuple.length(column));
    }
  }

  private static void writeTruncate(Truncate truncate, DataOutputView target) throws IOException {
    target.writeByte(TRUNCATE);
    target.writeBoolean(truncate.restartIdentity());
    target.writeInt(truncate.tables().size());
    for (TableName table : truncate.tables()) {
      writeTable(table, target);
    }
  }

  private static Truncate readTruncate(DataInputView source) throws IOException {
    boolean restartIdentity = source.readBoolean();
    int count = source.readInt();
    List<TableName> tables = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tables.add(readTable(source));
    }
    return new Truncate(tables, restartIdentity);
  }

  private static void writeTable(TableName table, DataOutputView target) throws IOException {
    StringValue.writeString(table.schema(), target);
    StringValue.writeString(table.name(), target);
  }

  private static TableName readTable(DataInputView source) throws IOException {
    return new TableName(StringValue.readString(source), StringValue.readString(source));
  }

  /** Hands out slices of the buffer in the order in which they were written. */
  private static final class Cursor {
    private final byte[] buffer;
    private int offset;

    Cursor(byte[] buffer) {
      this.buffer = buffer;
    }

    Tuple readTuple(int columnCount, DataInputView source) throws IOException {
      int[] starts = new int[columnCount];
      int[] lengths = new int[columnCount];
      for (int column = 0; column < columnCount; column++) {
        starts[column] = offset;
        lengths[column] = source.readInt();
        offset += Math.max(lengths[column], 0);
      }
      return new Tuple(buffer, starts, lengths);
    }
  }
}
