package io.github.pg2adb.source.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.Truncate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TransactionAssemblerTest {

  private static final int TABLE = 1;
  private static final int FOREIGN = 2;
  private static final int LEAF_A = 3;
  private static final int LEAF_B = 4;
  private static final TableName NAME = new TableName("public", "t");
  private static final TableName ROOT = new TableName("public", "root");

  private final List<Change> changes = new ArrayList<>();
  private long nanos;
  private final TransactionAssembler assembler =
      new TransactionAssembler(
          new ReplicatedTables(
              List.of(
                  table("t", List.of()),
                  table(
                      "root",
                      List.of(new TableName("public", "a"), new TableName("public", "b"))))),
          new Lsn(100),
          2_000,
          1_000,
          () -> nanos,
          changes::add);

  private void idleForAMoment(Lsn received) {
    nanos += TimeUnit.MILLISECONDS.toNanos(5);
    assembler.idle(received);
  }

  @Test
  void collectsWholeTransactionsUntilNothingWaits() {
    transaction(200, 210, PgOutputBytes.insert(TABLE, "1"));
    transaction(220, 230, PgOutputBytes.insert(TABLE, "2"));
    assertThat(changes).isEmpty();
    idleForAMoment(Lsn.NONE);
    TransactionBatch batch = (TransactionBatch) changes.get(0);
    assertThat(batch.position()).isEqualTo(new Lsn(230));
    assertThat(batch.transactions())
        .extracting(Transaction::commitLsn)
        .containsExactly(new Lsn(200), new Lsn(220));
    assertThat(batch.transactions()).allMatch(Transaction::isWhole);
    assertThat(changes).hasSize(1);
  }

  @Test
  void waitsAMomentForMore() {
    transaction(200, 210, PgOutputBytes.insert(TABLE, "1"));
    assembler.idle(Lsn.NONE);
    nanos += TimeUnit.MILLISECONDS.toNanos(4);
    transaction(220, 230, PgOutputBytes.insert(TABLE, "2"));
    assembler.idle(new Lsn(900));
    assertThat(changes).isEmpty();
    assertThat(assembler.position()).isEqualTo(new Lsn(230));
    nanos += TimeUnit.MILLISECONDS.toNanos(1);
    assembler.idle(new Lsn(900));
    assertThat(((TransactionBatch) changes.get(0)).transactions()).hasSize(2);
    assertThat(changes).hasSize(1);
    assertThat(assembler.handedOn()).isEqualTo(new Lsn(230));
  }

  @Test
  void handsAFullBatchOnWithoutWaiting() {
    for (int i = 0; i < 10; i++) {
      transaction(200 + 10 * i, 205 + 10 * i, PgOutputBytes.insert(TABLE, "1"));
    }
    assertThat(changes).hasSize(1);
    assertThat(((TransactionBatch) changes.get(0)).transactions()).hasSizeBetween(2, 9);
  }

  @Test
  void handsALargeTransactionOnInPiecesThatCarryThePositionBeforeIt() {
    transaction(200, 210, PgOutputBytes.insert(TABLE, "before"));
    byte[][] rows = new byte[40][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = PgOutputBytes.insert(TABLE, "row " + i);
    }
    transaction(300, 310, rows);
    idleForAMoment(Lsn.NONE);
    assertThat(changes.size()).isGreaterThan(3);
    List<TransactionBatch> batches = changes.stream().map(TransactionBatch.class::cast).toList();
    assertThat(batches.get(0).transactions()).singleElement().matches(Transaction::isWhole);
    List<Transaction> pieces =
        batches.subList(1, batches.size()).stream().map(b -> b.transactions().get(0)).toList();
    for (int i = 0; i < pieces.size(); i++) {
      boolean last = i == pieces.size() - 1;
      assertThat(pieces.get(i).first()).isEqualTo(i == 0);
      assertThat(pieces.get(i).last()).isEqualTo(last);
      assertThat(batches.get(i + 1).position()).isEqualTo(new Lsn(last ? 310 : 210));
      assertThat(pieces.get(i).commitLsn()).isEqualTo(new Lsn(300));
    }
    assertThat(pieces.stream().flatMap(piece -> piece.events().stream()))
        .extracting(event -> ((RowChange) event).newRow().text(0))
        .hasSize(40)
        .startsWith("row 0", "row 1")
        .endsWith("row 39");
  }

  @Test
  void movesThePositionPastTransactionsOfOtherTablesOncePerSecond() {
    transaction(200, 210, PgOutputBytes.insert(FOREIGN, "x"));
    assembler.idle(Lsn.NONE);
    assertThat(changes).isEmpty();
    nanos += TimeUnit.SECONDS.toNanos(1);
    assembler.idle(Lsn.NONE);
    assembler.idle(new Lsn(400));
    assertThat(changes).containsExactly(new Position(new Lsn(210)));
    nanos += TimeUnit.SECONDS.toNanos(1);
    assembler.idle(new Lsn(400));
    assembler.idle(new Lsn(400));
    assertThat(changes).containsExactly(new Position(new Lsn(210)), new Position(new Lsn(400)));
  }

  @Test
  void neverSendsAPositionInsideATransaction() {
    nanos += TimeUnit.SECONDS.toNanos(5);
    feed(PgOutputBytes.begin(200, 0, 7));
    assembler.idle(new Lsn(500));
    assertThat(changes).isEmpty();
    assertThat(assembler.position()).isEqualTo(new Lsn(100));
  }

  @Test
  void givesABatchThePositionThatTheLedgerWillHave() {
    transaction(200, 210, PgOutputBytes.insert(TABLE, "1"));
    transaction(220, 230, PgOutputBytes.insert(FOREIGN, "2"));
    idleForAMoment(new Lsn(999));
    assertThat(((TransactionBatch) changes.get(0)).position()).isEqualTo(new Lsn(210));
  }

  @Test
  void mapsLeavesToTheirRoot() {
    transaction(
        200,
        210,
        PgOutputBytes.relation(LEAF_A, "public", "a", 'd', "x*"),
        PgOutputBytes.relation(LEAF_B, "public", "b", 'd', "x*"),
        PgOutputBytes.insert(LEAF_A, "1"),
        PgOutputBytes.truncate(2, LEAF_A, LEAF_B));
    idleForAMoment(Lsn.NONE);
    Transaction transaction = ((TransactionBatch) changes.get(0)).transactions().get(0);
    assertThat(((RowChange) transaction.events().get(0)).relation().table()).isEqualTo(ROOT);
    assertThat(transaction.events().get(1)).isEqualTo(new Truncate(List.of(ROOT), true));
  }

  @Test
  void refusesTheTruncateOfOneOfSeveralPartitions() {
    assertThatThrownBy(
            () ->
                transaction(
                    200,
                    210,
                    PgOutputBytes.relation(LEAF_A, "public", "a", 'd', "x*"),
                    PgOutputBytes.truncate(0, LEAF_A)))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "Cannot replicate TRUNCATE of partitions [public.a] of table \"public.root\" after 0/64");
  }

  @Test
  void namesTheTablesOfATruncateThatAreTheTasks() {
    transaction(200, 210, PgOutputBytes.truncate(0, FOREIGN, TABLE));
    transaction(220, 230, PgOutputBytes.truncate(1, FOREIGN));
    idleForAMoment(Lsn.NONE);
    List<Transaction> transactions = ((TransactionBatch) changes.get(0)).transactions();
    assertThat(transactions).hasSize(1);
    assertThat(transactions.get(0).events()).containsExactly(new Truncate(List.of(NAME), false));
  }

  @Test
  void refusesMessagesOutOfOrder() {
    assertRefused("INSERT outside a transaction", PgOutputBytes.insert(TABLE, "1"));
    assertRefused("COMMIT outside a transaction", PgOutputBytes.commit(1, 2, 3));
    feed(PgOutputBytes.begin(200, 0, 7));
    assertRefused("BEGIN inside transaction 7", PgOutputBytes.begin(300, 0, 8));
    assertRefused(
        "INSERT of relation 77, which was never described", PgOutputBytes.insert(77, "1"));
    feed(PgOutputBytes.relation(TABLE, "public", "t", 'd', "x*"));
    assertRefused(
        "a row of table \"public.t\" with 2 values for 1 columns",
        PgOutputBytes.insert(TABLE, "1", "2"));
    assertRefused(
        "COMMIT at 0/C9 of a transaction that commits at 0/C8", PgOutputBytes.commit(201, 210, 0));
  }

  private void assertRefused(String reason, byte[] message) {
    assertThatThrownBy(() -> feed(message))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("Cannot follow the WAL after LSN 0/64: " + reason + " Hint: ");
  }

  private void transaction(long commitLsn, long endLsn, byte[]... messages) {
    feed(PgOutputBytes.begin(commitLsn, 0, 7));
    feed(PgOutputBytes.relation(TABLE, "public", "t", 'd', "x*"));
    feed(PgOutputBytes.relation(FOREIGN, "public", "foreign", 'd', "x*"));
    for (byte[] message : messages) {
      feed(message);
    }
    feed(PgOutputBytes.commit(commitLsn, endLsn, 0));
  }

  private void feed(byte[] message) {
    PgOutputDecoder.decode(message, 0, message.length, Lsn.NONE).accept(assembler);
  }

  private static TableSchema table(String name, List<TableName> leaves) {
    return new TableSchema(
        1,
        new TableName("public", name),
        leaves.isEmpty() ? TableSchema.Kind.ORDINARY : TableSchema.Kind.PARTITIONED,
        List.of(),
        List.of("x"),
        ReplicaIdentity.DEFAULT,
        List.of("x"),
        List.of("x"),
        List.of(),
        leaves,
        0,
        0);
  }
}
