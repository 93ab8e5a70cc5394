package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

class PostgresChangeSourceITCase {

  private static final long CHUNK_BYTES = 200_000;

  private TestDatabase database;
  private final String task = "t" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  private final MemoryLedger ledger = new MemoryLedger(task);

  @BeforeEach
  void createTables() {
    database = Servers.source().createDatabase();
    database.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, note text)",
        "INSERT INTO orders SELECT i, repeat('x', 50) || i FROM generate_series(1, 20000) i",
        "CREATE TABLE plain (a int, b text)",
        "ALTER TABLE plain REPLICA IDENTITY FULL",
        "INSERT INTO plain SELECT i % 3, 'same' FROM generate_series(1, 6) i",
        "CREATE TABLE log (line text)",
        "INSERT INTO log VALUES ('first')",
        "ANALYZE");
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void endsABoundedRunWithEveryRowOnce() throws Exception {
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, false), ledger, replica, 2)) {
      job.await();
    }
    assertEqualTables(replica);
    assertThat(ledger.content().loadedChunks().size()).isGreaterThan(6);
    assertThat(replica.changes()).allMatch(SnapshotBlock.class::isInstance);
    assertThat(
            database.query(
                "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"))
        .isEmpty();
  }

  @Test
  void followsChangesAfterTheSnapshot() throws Exception {
    Replica replica = replica();
    try (Connection open = database.plainConnection();
        SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2)) {
      change(0);
      await().untilAsserted(() -> assertThat(ledger.content().position()).isPresent());
      // open over every chunk's snapshot, like the transactions that a watermark by LSN loses
      open.setAutoCommit(false);
      run(open, "UPDATE orders SET note = 'T' WHERE id = 5");
      run(open, "INSERT INTO orders VALUES (30000, 'T')");
      run(open, "UPDATE plain SET b = 'T' WHERE ctid = (SELECT min(ctid) FROM plain)");
      await()
          .untilAsserted(() -> assertThat(ledger.content().loadedChunks()).hasSizeGreaterThan(6));
      open.commit();
      change(1);
      await().untilAsserted(() -> assertEqualTables(replica));
      change(2);
      await().untilAsserted(() -> assertEqualTables(replica));
      assertThat(ledger.content().events()).containsExactly("insert-only-table public.log");
      job.assertRunning();
    }
  }

  @Test
  void acknowledgesOnlyWhatTheLedgerHasAndAllOfThatInTheEnd() throws Exception {
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 1)) {
      await().until(() -> ledger.content().loadedChunks().size() > 6);
      for (int round = 0; round < 5; round++) {
        // an unselected table moves the WAL and nothing else
        database.execute(
            "CREATE TABLE IF NOT EXISTS other AS SELECT 1 AS a", "INSERT INTO other VALUES (1)");
        String target = database.single("SELECT pg_current_wal_insert_lsn()");
        await()
            .untilAsserted(
                () -> {
                  assertThat(slotIs(">= '" + target + "'")).isTrue();
                  assertThat(slotIs("<= '" + ledger.content().position().orElseThrow() + "'"))
                      .isTrue();
                });
      }
      job.assertRunning();
    }
    assertThat(replica.changes()).anyMatch(Position.class::isInstance);
  }

  @Test
  void largeTransactionStaysInTheMemoryOfItsServer() throws Exception {
    Replica replica = replica();
    // decoded as all others are, and sent to nobody
    database.execute("CREATE TABLE other (id int, note text)");
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 1)) {
      await().untilAsserted(() -> assertEqualTables(replica));
      database.execute(
          "INSERT INTO other SELECT i, repeat('x', 200) FROM generate_series(1, 300000) i");
      String statistics = " FROM pg_stat_replication_slots WHERE slot_name = 'pg2adb_" + task + "'";
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          database.single(
                              "SELECT total_bytes > 80000000 AND spill_bytes = 0" + statistics))
                      .isEqualTo("t"));
      job.assertRunning();
    }
  }

  @Test
  void handsALargeTransactionOnInPieces() throws Exception {
    Replica replica = replica();
    SourceOptions options =
        new SourceOptions(task, database.endpoint(), tables(), CHUNK_BYTES, 100_000, true, true);
    try (SourceJob job = SourceJob.start(options, ledger, replica, 1)) {
      // every chunk is read, so that no snapshot sees what follows
      await().untilAsserted(() -> assertEqualTables(replica));
      database.execute("INSERT INTO orders SELECT i, 'large' FROM generate_series(50001, 60000) i");
      await().untilAsserted(() -> assertEqualTables(replica));
      job.assertRunning();
    }
    List<TransactionBatch> pieces =
        replica.changes().stream()
            .filter(TransactionBatch.class::isInstance)
            .map(TransactionBatch.class::cast)
            .toList();
    assertThat(pieces).hasSizeGreaterThan(5);
    List<Transaction> transactions =
        pieces.stream().map(batch -> batch.transactions().get(0)).toList();
    assertThat(transactions.get(0).first()).isTrue();
    assertThat(transactions.get(0).last()).isFalse();
    assertThat(transactions.get(transactions.size() - 1).last()).isTrue();
    assertThat(transactions)
        .extracting(Transaction::commitLsn)
        .containsOnly(transactions.get(0).commitLsn());
    assertThat(pieces.subList(0, pieces.size() - 1))
        .allMatch(batch -> !batch.position().isAfter(transactions.get(0).commitLsn()));
  }

  @Test
  void goesOnFromASavepointInTheMiddleOfTheStream(
      @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) throws Exception {
    Replica replica = replica();
    String savepoint;
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2)) {
      await().until(() -> ledger.content().loadedChunks().size() > 6);
      change(1);
      await().untilAsserted(() -> assertEqualTables(replica));
      savepoint = job.stopWithSavepoint(directory.toUri().toString());
    }
    change(2);
    int before = replica.changes().size();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2, savepoint)) {
      change(3);
      await().untilAsserted(() -> assertEqualTables(replica));
      job.assertRunning();
    }
    assertThat(replica.changes().subList(before, replica.changes().size()))
        .noneMatch(SnapshotBlock.class::isInstance);
  }

  @Test
  void goesOnFromTheLedgerAlone() throws Exception {
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2)) {
      await().until(() -> ledger.content().loadedChunks().size() > 6);
      change(1);
      await().untilAsserted(() -> assertEqualTables(replica));
      job.assertRunning();
    }
    change(2);
    int before = replica.changes().size();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2)) {
      change(3);
      await().untilAsserted(() -> assertEqualTables(replica));
      job.assertRunning();
    }
    assertThat(replica.changes().subList(before, replica.changes().size()))
        .noneMatch(SnapshotBlock.class::isInstance);
  }

  @Test
  void goesOnAfterTheConnectionsAreLost() throws Exception {
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 2)) {
      await().until(() -> ledger.content().loadedChunks().size() > 6);
      change(1);
      await().untilAsserted(() -> assertEqualTables(replica));
      assertThat(
              database.single(
                  "SELECT count(pg_terminate_backend(active_pid)) FROM pg_replication_slots"
                      + " WHERE active AND database = current_database()"))
          .isEqualTo("1");
      change(2);
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertEqualTables(replica));
      job.assertRunning();
    }
  }

  @Test
  void stopsWithTheReasonWhenTheSlotIsGone() throws Exception {
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 1)) {
      await().until(() -> ledger.content().loadedChunks().size() > 6);
      job.assertRunning();
    }
    database.execute("SELECT pg_drop_replication_slot('pg2adb_" + task + "')");
    try (SourceJob job = SourceJob.start(options(true, true), ledger, replica, 1)) {
      assertThatThrownBy(job::await)
          .hasStackTraceContaining(
              "Cannot use replication slot \"pg2adb_"
                  + task
                  + "\": it does not exist although the destination is at ");
    }
  }

  @Test
  void blocksAreTheBytesThatCopyWrites() throws Exception {
    database.execute(
        "DROP TABLE orders",
        "CREATE TABLE orders (id int, \"big\" text, b bytea, twice int GENERATED ALWAYS AS (id * 2) STORED)",
        "INSERT INTO orders SELECT i, CASE i % 900 WHEN 0 THEN repeat(E'\\\\\\t\\n', 200000) ELSE E'a\\tb' END,"
            + " decode(md5(i::text), 'hex') FROM generate_series(1, 3000) i",
        "INSERT INTO orders VALUES (NULL, NULL, NULL), (0, '', ''), (1, E'\\\\N', '\\x00')",
        "DROP TABLE log",
        "CREATE TABLE log ()",
        "INSERT INTO log DEFAULT VALUES",
        "DELETE FROM plain");
    Replica replica = replica();
    try (SourceJob job = SourceJob.start(options(true, false), ledger, replica, 2)) {
      job.await();
    }
    assertThat(bytes(replica, "orders")).isEqualTo(copy("COPY orders (id, big, b) TO STDOUT"));
    assertThat(bytes(replica, "log")).isEqualTo(new byte[] {'\n'});
    assertThat(bytes(replica, "plain")).isEmpty();
    assertThat(blocks(replica, "plain"))
        .singleElement()
        .matches(block -> block.first() && block.last() && block.rows() == 0);
    List<SnapshotBlock> blocks = blocks(replica, "orders");
    assertThat(blocks).hasSizeGreaterThan(3);
    assertThat(blocks.stream().filter(SnapshotBlock::first)).containsExactly(blocks.get(0));
    assertThat(blocks.stream().filter(SnapshotBlock::last))
        .containsExactly(blocks.get(blocks.size() - 1));
    assertThat(blocks).allMatch(block -> block.rows() == 1 || block.data().length <= 256 << 10);
  }

  private static List<SnapshotBlock> blocks(Replica replica, String table) {
    return replica.changes().stream()
        .map(SnapshotBlock.class::cast)
        .filter(block -> block.chunk().table().name().equals(table))
        .toList();
  }

  private static byte[] bytes(Replica replica, String table) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    blocks(replica, table).forEach(block -> bytes.writeBytes(block.data()));
    return bytes.toByteArray();
  }

  private byte[] copy(String sql) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Connection connection = database.plainConnection()) {
      connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, bytes);
    }
    return bytes.toByteArray();
  }

  private SourceOptions options(boolean snapshot, boolean incremental) {
    return new SourceOptions(
        task, database.endpoint(), tables(), CHUNK_BYTES, 1 << 20, snapshot, incremental);
  }

  private Replica replica() {
    Map<TableName, List<String>> keys = new HashMap<>();
    tables().stream()
        .filter(table -> !table.primaryKey().isEmpty())
        .forEach(table -> keys.put(table.name(), table.primaryKey()));
    return new Replica(ledger, keys);
  }

  private List<TableSchema> tables() {
    try (Connection connection = database.connection()) {
      return SourceCatalog.read(
              connection,
              TableSelection.parse(
                  List.of("public.orders", "public.plain", "public.log"), List.of()))
          .tables();
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(int round) {
    database.execute(
        "UPDATE orders SET note = 'round " + round + "' WHERE id % 7 = " + round,
        "DELETE FROM orders WHERE id % 11 = " + round,
        "INSERT INTO orders VALUES (" + (100_000 + round) + ", 'new')",
        "UPDATE orders SET id = -id WHERE id = " + (100 + round),
        "INSERT INTO plain VALUES (" + round + ", 'more'), (" + round + ", 'more')",
        "DELETE FROM plain WHERE ctid = (SELECT min(ctid) FROM plain)",
        "INSERT INTO log VALUES ('round " + round + "')",
        "BEGIN; INSERT INTO plain VALUES (99, 'rolled back'); ROLLBACK");
  }

  private static void run(Connection connection, String sql) throws Exception {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private boolean slotIs(String condition) {
    return "t"
        .equals(
            database.single(
                "SELECT confirmed_flush_lsn "
                    + condition
                    + "::pg_lsn FROM pg_replication_slots WHERE slot_name = 'pg2adb_"
                    + task
                    + "'"));
  }

  private void assertEqualTables(Replica replica) {
    for (String table : List.of("orders", "plain", "log")) {
      List<String> expected = new ArrayList<>();
      database.query("SELECT * FROM " + table).forEach(row -> expected.add(row.toString()));
      Map<String, Integer> difference = new TreeMap<>();
      expected.forEach(row -> difference.merge(row, 1, Integer::sum));
      replica.rows("public", table).forEach(row -> difference.merge(row, -1, Integer::sum));
      difference.values().removeIf(count -> count == 0);
      assertThat(difference).as("missing or unwanted rows of " + table).isEmpty();
    }
  }
}
