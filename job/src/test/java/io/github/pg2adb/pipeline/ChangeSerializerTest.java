package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.model.Tuple;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ChangeSerializerTest {

  private static final Relation ORDERS =
      new Relation(
          16_384,
          new TableName("public", "Ord\"er.s"),
          ReplicaIdentity.DEFAULT,
          List.of(
              new Relation.Column("id", true, 20, -1),
              new Relation.Column("note", false, 25, -1),
              new Relation.Column("größe", false, 1700, 393_222)));

  @Test
  void carriesSnapshotBlocks() throws IOException {
    SnapshotBlock block =
        new SnapshotBlock(
            new Chunk(new TableName("s", "t"), 3, List.of("a", "1"), null),
            List.of("a", "b"),
            TransactionSnapshot.parse("5:9:7"),
            new Lsn(-2),
            4,
            List.of("integer", "text"),
            true,
            false,
            2,
            "1\tx\n2\t\\N\n".getBytes(StandardCharsets.UTF_8));
    SnapshotBlock copy = (SnapshotBlock) roundTrip(block);
    assertThat(copy).usingRecursiveComparison().isEqualTo(block);
  }

  @Test
  void carriesPositions() throws IOException {
    assertThat(roundTrip(new Position(Lsn.parse("FF/1"))))
        .isEqualTo(new Position(Lsn.parse("FF/1")));
  }

  @Property(tries = 200)
  void carriesTransactionBatches(@ForAll("batches") TransactionBatch batch) throws IOException {
    assertThat(roundTrip(batch)).isEqualTo(batch);
  }

  @Test
  void carriesAPieceOfALargeTransaction() throws IOException {
    TransactionBatch piece =
        new TransactionBatch(
            List.of(
                new Transaction(
                    7,
                    Lsn.parse("0/9"),
                    Lsn.NONE,
                    1L,
                    List.of(RowChange.insert(ORDERS, Tuple.of("1", null, ""))),
                    true,
                    false)),
            Lsn.parse("0/5"));
    assertThat(roundTrip(piece)).isEqualTo(piece);
  }

  @Test
  void refusesAnUnknownTag() {
    assertThatThrownBy(
            () -> ChangeSerializer.INSTANCE.deserialize(new DataInputDeserializer(new byte[] {9})))
        .isInstanceOf(IOException.class)
        .hasMessage("No kind of change has the tag 9");
  }

  @Provide
  static Arbitrary<TransactionBatch> batches() {
    Arbitrary<String> value = Arbitraries.strings().ofMaxLength(40).injectNull(0.2);
    Arbitrary<Tuple> tuple = value.array(String[].class).ofSize(3).map(Tuple::of);
    Arbitrary<TransactionEvent> event =
        Arbitraries.oneOf(
            tuple.map(row -> (TransactionEvent) RowChange.insert(ORDERS, row)),
            tuple.map(
                row ->
                    new RowChange(
                        RowChange.Operation.UPDATE, ORDERS, row, true, withUnchanged(row))),
            tuple.map(row -> new RowChange(RowChange.Operation.UPDATE, ORDERS, null, false, row)),
            tuple.map(row -> new RowChange(RowChange.Operation.DELETE, ORDERS, row, false, null)),
            Arbitraries.just(new Truncate(List.of(new TableName("a", "b")), true)));
    Arbitrary<Transaction> transaction =
        event
            .list()
            .ofMaxSize(8)
            .flatMap(
                events ->
                    Arbitraries.longs()
                        .greaterOrEqual(1)
                        .map(
                            lsn ->
                                new Transaction(
                                    (int) (lsn * 31),
                                    new Lsn(lsn - 1),
                                    new Lsn(lsn),
                                    -lsn,
                                    new ArrayList<>(events),
                                    true,
                                    true)));
    return transaction
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(list -> new TransactionBatch(list, list.get(list.size() - 1).endLsn()));
  }

  private static Tuple withUnchanged(Tuple row) {
    int[] starts = new int[row.size()];
    int[] lengths = new int[row.size()];
    for (int i = 0; i < row.size(); i++) {
      starts[i] = row.start(i);
      lengths[i] = i == 1 ? Tuple.UNCHANGED : row.length(i);
    }
    return new Tuple(row.buffer(), starts, lengths);
  }

  private static Change roundTrip(Change change) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ChangeSerializer.INSTANCE.serialize(change, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    Change copy = ChangeSerializer.INSTANCE.deserialize(in);
    assertThat(in.available()).isZero();
    return copy;
  }
}
