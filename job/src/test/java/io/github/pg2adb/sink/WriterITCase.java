package io.github.pg2adb.sink;

import static io.github.pg2adb.sink.Wal.UNCHANGED;
import static io.github.pg2adb.sink.Wal.delete;
import static io.github.pg2adb.sink.Wal.insert;
import static io.github.pg2adb.sink.Wal.keyed;
import static io.github.pg2adb.sink.Wal.row;
import static io.github.pg2adb.sink.Wal.truncate;
import static io.github.pg2adb.sink.Wal.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.testing.Proxy;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When things become durable, what a crash leaves, and what is recognised as done already. */
class WriterITCase {

  private static final String WRITER_SESSION =
      " FROM pg_stat_activity WHERE application_name = 'pg2adb test writer 0'"
          + " AND datname = current_database()";

  private static final Lsn SNAPSHOT_LSN = new Lsn(10_000);

  private final Wal wal = new Wal();
  private TestDatabase database;

  @BeforeEach
  void start() {
    database = Servers.target().createDatabase();
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
  }

  @AfterEach
  void stop() {
    database.close();
  }

  private static Chunk chunk(int id) {
    return new Chunk(
        new TableName("public", "t"), id, id == 0 ? null : List.of("" + id * 10), null);
  }

  private static SnapshotBlock block(
      Chunk chunk, boolean first, boolean last, String snapshot, String... rows) {
    String data = rows.length == 0 ? "" : String.join("\n", rows) + "\n";
    return new SnapshotBlock(
        chunk,
        List.of("id", "v"),
        TransactionSnapshot.parse(snapshot),
        SNAPSHOT_LSN,
        0,
        List.of(),
        first,
        last,
        rows.length,
        data.getBytes(StandardCharsets.UTF_8));
  }

  private static SnapshotBlock block(boolean first, boolean last, String... rows) {
    return block(chunk(0), first, last, "700:700:", rows);
  }

  private List<List<String>> rows() {
    return database.query("SELECT id, v FROM t ORDER BY 1");
  }

  private String count(String table) {
    return database.single("SELECT count(*) FROM " + table);
  }

  @Test
  void chunkMayStayOpenAcrossCheckpoints() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, false, "1\ta\\tb", "2\t\\N")).checkpoint();
      assertThat(count("t")).isEqualTo("0");
      writer.write(block(false, false, "3\tc")).checkpoint().write(block(false, true, "4\t"));
      writer.checkpoint();

      assertThat(database.query("SELECT id, v FROM t WHERE v IS NOT NULL ORDER BY 1"))
          .isEqualTo(List.of(List.of("1", "a\tb"), List.of("3", "c"), List.of("4", "")));
      assertThat(count("t")).isEqualTo("4");
      try (MigrationLedger.Session ledger = JdbcLedger.of(WriterHarness.options(database)).open()) {
        assertThat(ledger.loadedChunks())
            .singleElement()
            .satisfies(
                loaded -> {
                  assertThat(loaded.chunk()).isEqualTo(chunk(0));
                  assertThat(loaded.rows()).isEqualTo(4);
                  assertThat(loaded.bytes()).isEqualTo(19);
                  assertThat(loaded.snapshot().toString()).isEqualTo("700:700:");
                  assertThat(loaded.snapshotLsn()).isEqualTo(SNAPSHOT_LSN);
                });
      }
    }
  }

  /**
   * Greenplum analyzes a table within the first COPY into it. Without that a merge that joins takes
   * the table for one of a few thousand rows and reads all of it, until somebody analyzes it.
   */
  @Test
  void aLoadedTableHasStatisticsForMerges() throws Exception {
    assumeThat(Servers.target().product().distributed()).isTrue();
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, true, "1\ta", "2\tb")).checkpoint();
    }
    assertThat(database.single("SELECT reltuples FROM pg_class WHERE oid = 't'::regclass"))
        .isEqualTo("2");
  }

  @Test
  void crashWithinAChunkLeavesNothingOfIt() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, false, "1\ta")).checkpoint();
    }
    assertThat(count("t")).isEqualTo("0");
    assertThat(count("pg2adb.chunk")).isEqualTo("0");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, false, "1\ta"), block(false, true, "2\tb")).checkpoint();
    }
    assertThat(count("t")).isEqualTo("2");
  }

  @Test
  void loadedChunkIsDroppedWhenItComesAgain() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, true, "1\ta")).checkpoint();
    }
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(
          block(true, false, "1\ta", "7\tnewer"),
          block(false, true, "8\tnewer"),
          block(chunk(1), true, true, "700:700:"));
      writer.checkpoint();
    }
    assertThat(rows()).isEqualTo(List.of(List.of("1", "a")));
    assertThat(database.query("SELECT chunk, rows FROM pg2adb.chunk ORDER BY 1"))
        .isEqualTo(List.of(List.of("0", "1"), List.of("1", "0")));
  }

  @Test
  void blocksOutOfOrderAreAnError() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      assertThatThrownBy(() -> writer.write(block(false, true, "1\ta")).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessage("Cannot load chunk \"public.t:0\": its first block did not come");
    }
    try (WriterHarness writer = WriterHarness.start(database)) {
      assertThatThrownBy(
              () ->
                  writer
                      .write(
                          block(true, false, "1\ta"),
                          block(chunk(1), true, true, "700:700:", "2\tb"))
                      .checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessage("Cannot load chunk \"public.t:1\": chunk \"public.t:0\" is not at its end");
    }
    assertThat(count("t")).isEqualTo("0");
  }

  @Test
  void refusedRowIsReportedWithoutItsValues() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      assertThatThrownBy(() -> writer.write(block(true, true, "secret\ta")).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot load chunk \"public.t:0\", read at "
                  + SNAPSHOT_LSN
                  + ", into table \"public.t\":"
                  + " the destination refuses a value that it does not take for its type (SQLSTATE 22P02)");
    }
    database.execute("INSERT INTO t VALUES (1, 'there')");
    try (WriterHarness writer = WriterHarness.start(database)) {
      assertThatThrownBy(() -> writer.write(block(true, true, "1\tsecret")).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("(SQLSTATE 23505)")
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void appliedTransactionsAreDroppedWhenTheyComeAgain() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Relation n = Wal.full("n", "a");
    Change first = wal.transaction(insert(n, "1"));
    Change second = wal.transaction(insert(n, "1"), insert(n, "2"));
    Change third = wal.transaction(delete(n, "1"));
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(first, second).checkpoint();
    }
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(first, second, third).checkpoint();
      writer.checkpoint();
    }
    assertThat(database.query("SELECT a FROM n ORDER BY 1"))
        .isEqualTo(List.of(List.of("1"), List.of("2")));
    assertThat(database.query("SELECT transactions, changes FROM pg2adb.position"))
        .isEqualTo(List.of(List.of("3", "4")));
  }

  @Test
  void collectedButUnflushedChangesAreLostInACrashAndComeAgain() throws Exception {
    Relation t = keyed("t", "id*", "v");
    Change change = wal.transaction(insert(t, "1", "a"));
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(change);
    }
    assertThat(count("t")).isEqualTo("0");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(change).checkpoint();
      assertThat(writer.position()).isEqualTo(wal.end());
    }
    assertThat(count("t")).isEqualTo("1");
  }

  @Test
  void largeTransactionStaysOpenAcrossCheckpoints() throws Exception {
    Relation t = keyed("t", "id*", "v");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(wal.transaction(insert(t, "1", "a"), insert(t, "2", "b")));
      Lsn before = wal.end();
      writer.write(wal.piece(true, false, update(t, "1", "A"), insert(t, "3", "c"))).checkpoint();
      assertThat(writer.position()).isEqualTo(before);
      writer
          .write(
              wal.piece(false, false, update(t, row("3", null), row("4", UNCHANGED))),
              wal.piece(false, false, delete(t, "2", null), insert(t, "2", "again")))
          .checkpoint();
      assertThat(rows()).isEqualTo(List.of(List.of("1", "a"), List.of("2", "b")));

      writer.write(wal.piece(false, true, insert(t, "5", "e"))).checkpoint();

      assertThat(rows())
          .isEqualTo(
              List.of(
                  List.of("1", "A"), List.of("2", "again"), List.of("4", "c"), List.of("5", "e")));
      assertThat(writer.position()).isEqualTo(wal.end());
      assertThat(database.query("SELECT transactions, changes FROM pg2adb.position"))
          .isEqualTo(List.of(List.of("2", "3")));
    }
  }

  @Test
  void piecesOfALargeTransactionAreWrittenTogether() throws Exception {
    Relation t = keyed("t", "id*", "v");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(
          wal.piece(true, false, insert(t, "1", "a")),
          wal.piece(false, false, insert(t, "2", "b"), insert(t, "3", "c")),
          wal.piece(false, true, update(t, "1", "A")));
      writer.checkpoint();
    }
    assertThat(rows()).isEqualTo(List.of(List.of("1", "A"), List.of("2", "b"), List.of("3", "c")));
    // the ledger counts what came with the batch that moved its position
    assertThat(database.query("SELECT transactions, changes FROM pg2adb.position"))
        .isEqualTo(List.of(List.of("1", "4")));
  }

  @Test
  void crashWithinALargeTransactionLeavesNothingOfIt() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Relation n = Wal.full("n", "a");
    Change small = wal.transaction(insert(n, "0"));
    Change first = wal.piece(true, false, insert(n, "1"), insert(n, "1"));
    Change middle = wal.piece(false, false, delete(n, "1"), truncate("t"));
    Change last = wal.piece(false, true, insert(n, "2"));
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(small, first, middle).checkpoint();
    }
    assertThat(database.query("SELECT a FROM n")).isEqualTo(List.of(List.of("0")));
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(small, first, middle, last).checkpoint();
    }
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(small, first, middle, last).checkpoint();
    }
    assertThat(database.query("SELECT a FROM n ORDER BY 1"))
        .isEqualTo(List.of(List.of("0"), List.of("1"), List.of("2")));
  }

  @Test
  void positionsAloneMoveTheLedgerAtACheckpoint() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(new Position(wal.idle()));
      assertThat(writer.position()).isEqualTo(Wal.START);
      writer.checkpoint();
      assertThat(writer.position()).isEqualTo(wal.end());
      writer.write(new Position(Wal.START)).checkpoint();
      assertThat(writer.position()).isEqualTo(wal.end());
      assertThat(database.query("SELECT transactions, changes FROM pg2adb.position"))
          .isEqualTo(List.of(List.of("0", "0")));
    }
  }

  @Test
  void batchIsWrittenWhenItIsOldEnough() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(wal.transaction(insert(keyed("t", "id*", "v"), "1", "a")));
      writer.fireTimers();
      Awaitility.await().untilAsserted(() -> assertThat(count("t")).isEqualTo("1"));
    }
  }

  @Test
  void batchIsWrittenWhenItIsLargeEnough() throws Exception {
    SinkOptions options =
        new SinkOptions(
            WriterHarness.TASK,
            database.endpoint(),
            WriterHarness.LEDGER,
            Duration.ofHours(1),
            10,
            1 << 20);
    Relation t = keyed("t", "id*", "v");
    try (WriterHarness writer = WriterHarness.start(options, new WriterHarness.SourceRows(), 0)) {
      for (int i = 0; i < 100; i++) {
        writer.write(wal.transaction(insert(t, "" + i, "a")));
      }
      Awaitility.await().untilAsserted(() -> assertThat(count("t")).isEqualTo("100"));
    }
  }

  @Test
  void errorOfTheWorkerFailsAnIdleTask() throws Exception {
    Relation nowhere = keyed("nowhere", "id*");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(wal.transaction(insert(nowhere, "1")));
      writer.fireTimers();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(writer::deliverMails)
                      .hasMessageContaining("the destination has no such table"));
      assertThatThrownBy(() -> writer.write(new Position(wal.idle())))
          .hasMessageContaining("the destination has no such table");
      assertThatThrownBy(writer::checkpoint)
          .hasMessageContaining("the destination has no such table");
    }
  }

  @Test
  void writerThatWasReplacedCanWriteNoMore() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Relation n = Wal.full("n", "a");
    Change first = wal.transaction(insert(n, "1"));
    Change second = wal.transaction(insert(n, "2"));
    try (WriterHarness old = WriterHarness.start(database)) {
      old.write(first).checkpoint();
      try (WriterHarness successor = WriterHarness.start(database)) {
        successor.write(first, second).checkpoint();
      }
      assertThatThrownBy(() -> old.write(second).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot move task \"test\" from 0/44C to 0/4B0: the ledger's position is not there any more, another writer moved it"
                  + " Hint: Make sure that the task runs once.");
    }
    assertThat(count("n")).isEqualTo("2");
  }

  @Test
  void lostConnectionIsReplacedBetweenTransactions() throws Exception {
    Relation t = keyed("t", "id*", "v");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(wal.transaction(insert(t, "1", "a"))).checkpoint();
      endWriterSession();
      writer.write(wal.transaction(insert(t, "2", "b"))).checkpoint();
      endWriterSession();
      writer.write(block(true, true, "3\tc")).checkpoint();
    }
    assertThat(count("t")).isEqualTo("3");
  }

  @Test
  void lostConnectionWithinAChunkOrALargeTransactionIsLeftToFlink() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Relation n = Wal.full("n", "a");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block(true, false, "1\ta"));
      awaitWriter("state = 'active' AND query LIKE 'COPY%'");
      endWriterSession();
      assertThatThrownBy(() -> writer.write(block(false, true, "2\tb")).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessageStartingWith("Cannot load chunk \"public.t:0\"");
    }
    assertThat(count("t")).isEqualTo("0");
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(wal.piece(true, false, insert(n, "1"))).checkpoint();
      awaitWriter("state = 'idle in transaction' AND query LIKE 'COPY%'");
      endWriterSession();
      assertThatThrownBy(() -> writer.write(wal.piece(false, true, insert(n, "2"))).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessageStartingWith("Cannot apply the changes committed from ");
    }
    assertThat(count("n")).isEqualTo("0");
  }

  @Test
  void commitWithoutAnAnswerIsLookedUpInTheLedger() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Relation n = Wal.full("n", "a");
    try (Proxy proxy = Proxy.before(database.endpoint());
        WriterHarness writer =
            WriterHarness.start(
                WriterHarness.options(proxy.endpoint(database.endpoint())),
                new WriterHarness.SourceRows(),
                0)) {
      writer.write(wal.transaction(insert(n, "1"))).checkpoint();
      proxy.cutBeforeAnswer("COMMIT");
      writer.write(wal.transaction(insert(n, "2"))).checkpoint();
      proxy.cutAfterRequest("UPDATE \"pg2adb\".\"position\"");
      writer.write(wal.transaction(insert(n, "3"))).checkpoint();
      proxy.cutBeforeAnswer("COMMIT");
      writer.write(block(true, true, "1\ta")).checkpoint();
      assertThat(writer.position()).isEqualTo(wal.end());
    }
    assertThat(database.query("SELECT a FROM n ORDER BY 1"))
        .isEqualTo(List.of(List.of("1"), List.of("2"), List.of("3")));
    assertThat(count("t")).isEqualTo("1");
    assertThat(database.query("SELECT transactions, changes FROM pg2adb.position"))
        .isEqualTo(List.of(List.of("3", "3")));
  }

  @Test
  void givesUpAtTheLimitWithTheLastCause() throws Exception {
    Relation t = keyed("t", "id*", "v");
    SinkOptions options =
        new SinkOptions(
            WriterHarness.TASK,
            database.endpoint(),
            WriterHarness.LEDGER,
            Duration.ofMillis(500),
            10_000,
            64L << 20,
            new RetryLimits(Duration.ofSeconds(10), Duration.ofSeconds(2)));
    try (WriterHarness writer = WriterHarness.start(options, new WriterHarness.SourceRows(), 0)) {
      writer.write(wal.transaction(insert(t, "1", "a"))).checkpoint();
      database.execute(
          "ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
      endWriterSession();
      assertThatThrownBy(() -> writer.write(wal.transaction(insert(t, "2", "b"))).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessageMatching(
              "Gave up after \\d+ attempts in 2 s: Cannot apply the changes committed from .*"
                  + "read-only transaction \\(SQLSTATE 25006\\).* Hint: pipeline.retry.other is how long it is tried.");
    }
  }

  @Test
  void closingEndsTheWaitForTheNextAttempt() throws Exception {
    try (Proxy proxy = Proxy.before(database.endpoint())) {
      WriterHarness writer =
          WriterHarness.start(
              WriterHarness.options(proxy.endpoint(database.endpoint())),
              new WriterHarness.SourceRows(),
              0);
      Relation t = keyed("t", "id*", "v");
      writer.write(wal.transaction(insert(t, "1", "a"))).checkpoint();
      proxy.refuse();
      writer.write(wal.transaction(insert(t, "2", "b")));
      writer.fireTimers();
      long start = System.nanoTime();
      writer.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  private void endWriterSession() {
    database.execute("SELECT pg_terminate_backend(pid)" + WRITER_SESSION);
    Awaitility.await().until(() -> "0".equals(database.single("SELECT count(*)" + WRITER_SESSION)));
  }

  private void awaitWriter(String condition) {
    Awaitility.await()
        .until(
            () ->
                "1"
                    .equals(
                        database.single("SELECT count(*)" + WRITER_SESSION + " AND " + condition)));
  }

  /** Two columns, an int4 and a text, of which one is NULL in the second row. */
  private static SnapshotBlock binaryBlock(boolean last) {
    byte[] rows = {
      0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 3, 'a', '\t', '\\', //
      0, 2, 0, 0, 0, 4, 0, 0, 0, 8, -1, -1, -1, -1
    };
    return new SnapshotBlock(
        chunk(0),
        List.of("id", "v"),
        TransactionSnapshot.parse("700:700:"),
        SNAPSHOT_LSN,
        0,
        List.of("integer", "text"),
        true,
        last,
        2,
        rows);
  }

  @Test
  void blocksInBinaryFormatBecomeRows() throws Exception {
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(binaryBlock(true)).checkpoint();
    }
    assertThat(database.query("SELECT id, coalesce(v, 'NULL') FROM t ORDER BY 1"))
        .isEqualTo(List.of(List.of("7", "a\t\\"), List.of("8", "NULL")));
  }

  @Test
  void binaryFormOfAnotherTypeIsRefused() throws Exception {
    database.execute("ALTER TABLE t ALTER v TYPE bytea USING NULL");
    try (WriterHarness writer = WriterHarness.start(database)) {
      assertThatThrownBy(() -> writer.write(binaryBlock(true)).checkpoint())
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot load chunk \"public.t:0\": column \"v\" is of type text at the source and bytea in the"
                  + " destination, which was otherwise when the task started Hint: Start the task again.");
    }
    assertThat(count("t")).isEqualTo("0");
  }

  @Test
  void whatTheOneChunkSawIsSkippedExactly() throws Exception {
    database.execute("CREATE TABLE n (a int)");
    Chunk whole = Chunk.whole(new TableName("public", "n"));
    Relation n = Wal.full("n", "a");
    SnapshotBlock block =
        new SnapshotBlock(
            whole,
            List.of("a"),
            TransactionSnapshot.parse("701:704:701"),
            SNAPSHOT_LSN,
            0,
            List.of(),
            true,
            true,
            2,
            "1\n1\n".getBytes(StandardCharsets.UTF_8));
    try (WriterHarness writer = WriterHarness.start(database)) {
      writer.write(block).checkpoint();
      writer.write(
          wal.transaction(700, insert(n, "1")),
          wal.transaction(702, insert(n, "1"), truncate("n")),
          wal.transaction(701, insert(n, "1")),
          wal.transaction(704, insert(n, "4"), insert(n, "5"), delete(n, "1")));
      writer.checkpoint();
    }
    assertThat(database.query("SELECT a FROM n ORDER BY 1"))
        .isEqualTo(List.of(List.of("1"), List.of("1"), List.of("4"), List.of("5")));
  }

  @Test
  void replayOverSeveralChunksConverges() throws Exception {
    database.execute("ALTER TABLE t ADD big text");
    Relation t = keyed("t", "id*", "v", "big");
    // 700 inserts 1 and 20; 701 moves 20 to 2; 702 deletes 1; 703 inserts 1; 704 moves 2 to 3.
    // The first chunk saw none of it, the second saw all.
    try (WriterHarness writer =
        WriterHarness.start(database, new WriterHarness.SourceRows().row("3", "moved", "BIG"))) {
      writer.write(
          block(chunk(0), true, true, "700:700:"),
          block(chunk(1), true, true, "705:705:", "30\tx"));
      writer.checkpoint();
      writer.write(
          wal.transaction(700, insert(t, "1", "a", "A"), insert(t, "20", "b", "BIG")),
          wal.transaction(701, update(t, row("20", null, null), row("2", "moved", UNCHANGED))),
          wal.transaction(702, delete(t, "1", null, null)),
          wal.transaction(703, insert(t, "1", "again", "A2")));
      writer.checkpoint();
      writer.write(
          wal.transaction(704, update(t, row("2", null, null), row("3", "moved", UNCHANGED))),
          wal.transaction(705, update(t, "30", "y", UNCHANGED)));
      writer.checkpoint();
    }
    assertThat(database.query("SELECT id, v, coalesce(big, '') FROM t ORDER BY 1"))
        .isEqualTo(
            List.of(
                List.of("1", "again", "A2"), List.of("3", "moved", "BIG"), List.of("30", "y", "")));
  }

  @Test
  void replayMakesRoomAmongUniqueValues() throws Exception {
    database.execute(
        "CREATE TABLE u (tenant int, id int, code int, PRIMARY KEY (tenant, id), UNIQUE (tenant, code))");
    Relation u = keyed("u", "tenant*", "id*", "code");
    TableName name = new TableName("public", "u");
    try (WriterHarness writer = WriterHarness.start(database)) {
      for (int i = 0; i < 2; i++) {
        String snapshot = i == 0 ? "700:700:" : "702:702:";
        String rows = i == 0 ? "" : "1\t1\t6\n1\t2\t5\n";
        writer.write(
            new SnapshotBlock(
                new Chunk(name, i, null, null),
                List.of("tenant", "id", "code"),
                TransactionSnapshot.parse(snapshot),
                SNAPSHOT_LSN,
                0,
                List.of(),
                true,
                true,
                2 * i,
                rows.getBytes(StandardCharsets.UTF_8)));
      }
      writer.checkpoint();
      writer.write(wal.transaction(700, insert(u, "1", "1", "5"))).checkpoint();
      writer
          .write(wal.transaction(701, update(u, "1", "1", "6"), insert(u, "1", "2", "5")))
          .checkpoint();
    }
    assertThat(database.query("SELECT id, code FROM u ORDER BY 1"))
        .isEqualTo(List.of(List.of("1", "6"), List.of("2", "5")));
  }
}
