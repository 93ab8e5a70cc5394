package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of {@link Change} between subtasks. Values are immutable, so copies are the
 * values themselves and object reuse is safe. Nothing in this form is ever stored: aligned
 * checkpoints hold no elements in flight.
 */
final class ChangeSerializer extends TypeSerializerSingleton<Change> {

  static final ChangeSerializer INSTANCE = new ChangeSerializer();

  private static final long serialVersionUID = 1L;

  private static final byte SNAPSHOT_BLOCK = 0;
  private static final byte TRANSACTION_BATCH = 1;
  private static final byte POSITION = 2;

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public Change createInstance() {
    return new Position(Lsn.NONE);
  }

  @Override
  public Change copy(Change from) {
    return from;
  }

  @Override
  public Change copy(Change from, Change reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(Change change, DataOutputView target) throws IOException {
    change.<IOException>accept(
        new Change.Visitor<>() {
          @Override
          public void visit(SnapshotBlock block) throws IOException {
            target.writeByte(SNAPSHOT_BLOCK);
            writeBlock(block, target);
          }

          @Override
          public void visit(TransactionBatch batch) throws IOException {
            target.writeByte(TRANSACTION_BATCH);
            TransactionBatchFormat.write(batch, target);
          }

          @Override
          public void visit(Position position) throws IOException {
            target.writeByte(POSITION);
            target.writeLong(position.lsn().value());
          }
        });
  }

  @Override
  public Change deserialize(DataInputView source) throws IOException {
    byte kind = source.readByte();
    return switch (kind) {
      case SNAPSHOT_BLOCK -> readBlock(source);
      case TRANSACTION_BATCH -> TransactionBatchFormat.read(source);
      case POSITION -> new Position(new Lsn(source.readLong()));
      default -> throw new IOException("No kind of change has the tag " + kind);
    };
  }

  @Override
  public Change deserialize(Change reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  @Override
  public TypeSerializerSnapshot<Change> snapshotConfiguration() {
    return new Snapshot();
  }

  private static void writeBlock(SnapshotBlock block, DataOutputView target) throws IOException {
    Chunk chunk = block.chunk();
    StringValue.writeString(chunk.table().schema(), target);
    StringValue.writeString(chunk.table().name(), target);
    target.writeInt(chunk.id());
    writeBound(chunk.lower(), target);
    writeBound(chunk.upper(), target);
    writeStrings(block.columns(), target);
    StringValue.writeString(block.snapshot().toString(), target);
    target.writeLong(block.snapshotLsn().value());
    target.writeInt(block.reader());
    writeStrings(block.binaryTypes(), target);
    target.writeBoolean(block.first());
    target.writeBoolean(block.last());
    target.writeInt(block.rows());
    target.writeInt(block.data().length);
    target.write(block.data());
  }

  private static SnapshotBlock readBlock(DataInputView source) throws IOException {
    TableName table = new TableName(StringValue.readString(source), StringValue.readString(source));
    Chunk chunk = new Chunk(table, source.readInt(), readBound(source), readBound(source));
    List<String> columns = readStrings(source);
    TransactionSnapshot snapshot = TransactionSnapshot.parse(StringValue.readString(source));
    Lsn snapshotLsn = new Lsn(source.readLong());
    int reader = source.readInt();
    List<String> binaryTypes = readStrings(source);
    boolean first = source.readBoolean();
    boolean last = source.readBoolean();
    int rows = source.readInt();
    byte[] data = new byte[source.readInt()];
    source.readFully(data);
    return new SnapshotBlock(
        chunk, columns, snapshot, snapshotLsn, reader, binaryTypes, first, last, rows, data);
  }

  private static void writeBound(@Nullable List<String> bound, DataOutputView target)
      throws IOException {
    target.writeBoolean(bound != null);
    if (bound != null) {
      writeStrings(bound, target);
    }
  }

  private static @Nullable List<String> readBound(DataInputView source) throws IOException {
    return source.readBoolean() ? readStrings(source) : null;
  }

  private static void writeStrings(List<String> strings, DataOutputView target) throws IOException {
    target.writeInt(strings.size());
    for (String string : strings) {
      StringValue.writeString(string, target);
    }
  }

  private static List<String> readStrings(DataInputView source) throws IOException {
    int size = source.readInt();
    List<String> strings = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      strings.add(StringValue.readString(source));
    }
    return strings;
  }

  /** Ties stored state, of which there is none, to this format. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Change> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
