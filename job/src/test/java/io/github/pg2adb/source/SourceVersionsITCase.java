package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The source with servers of every supported release, and with one that is short of patience. */
class SourceVersionsITCase {

  @ParameterizedTest
  @ValueSource(ints = {10, 11, 12, 13, 14, 15, 16, 17, 18})
  void snapshotAndChangesArriveFrom(int version) throws Exception {
    try (TestServer server = Servers.embedded(String.valueOf(version));
        TestDatabase database = server.createDatabase()) {
      String task = "v" + version;
      boolean partitionKeys = version >= 11;
      database.execute(
          "CREATE TABLE orders (id int PRIMARY KEY, note text)",
          "INSERT INTO orders SELECT i, repeat('x', 60) FROM generate_series(1, 5000) i",
          "CREATE TABLE parts (id int NOT NULL, v text) PARTITION BY LIST (id)",
          "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1, 2, 3)",
          "CREATE TABLE parts_2 (v text, id int NOT NULL)",
          "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES IN (4, 5, 6)",
          partitionKeys ? "ALTER TABLE parts ADD PRIMARY KEY (id)" : "SELECT 1",
          partitionKeys ? "SELECT 1" : "ALTER TABLE parts_1 ADD PRIMARY KEY (id)",
          partitionKeys ? "SELECT 1" : "ALTER TABLE parts_2 ADD PRIMARY KEY (id)",
          "INSERT INTO parts VALUES (1, 'one'), (4, 'four')",
          "CREATE TABLE parent (id int PRIMARY KEY, v text)",
          "CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)",
          "INSERT INTO parent VALUES (1, 'parent')",
          "INSERT INTO child VALUES (2, 'child')",
          "ANALYZE");
      List<TableSchema> tables = SourceTables.read(database, "public.*");
      MemoryLedger ledger = new MemoryLedger(task + System.nanoTime());
      Replica replica = replica(ledger, tables);
      SourceOptions options =
          new SourceOptions(task, database.endpoint(), tables, 100_000, 1 << 20, true, true);
      try (SourceJob job = SourceJob.start(options, ledger, replica, 2)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> ledger.content().loadedChunks().size() > 6);
        database.execute(
            "UPDATE orders SET note = 'new' WHERE id % 5 = 0",
            "DELETE FROM orders WHERE id % 7 = 0",
            "INSERT INTO parts VALUES (2, 'two'), (5, 'five')",
            "UPDATE parent SET v = v || ' updated'",
            "DELETE FROM child");
        if (version >= 11) {
          database.execute(
              "UPDATE parts SET id = id + 1 WHERE id IN (2, 5)", "TRUNCATE parent, child");
        }
        database.execute("INSERT INTO parent VALUES (9, 'last')");
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(
                () -> {
                  job.assertRunning();
                  assertEqual(database, replica, "orders", "id, note", "ONLY orders");
                  assertEqual(database, replica, "parent", "id, v", "ONLY parent");
                  assertEqual(database, replica, "child", "id, v", "child");
                  if (partitionKeys) {
                    assertThat(replica.rows("public", "parts")).hasSize(4);
                  }
                });
      }
    }
  }

  @Test
  void aSlowDestinationDoesNotEndTheConnection() throws Exception {
    try (TestServer server = Servers.embedded("16", Map.of("wal_sender_timeout", "2s"));
        TestDatabase database = server.createDatabase()) {
      database.execute("CREATE TABLE orders (id int PRIMARY KEY, note text)");
      List<TableSchema> tables = SourceTables.read(database, "public.*");
      MemoryLedger ledger = new MemoryLedger("slow" + System.nanoTime());
      Replica replica = replica(ledger, tables);
      SourceOptions options =
          new SourceOptions("slow", database.endpoint(), tables, 1 << 20, 100_000, true, true);
      try (SourceJob job = SourceJob.start(options, ledger, replica, 1)) {
        String pid = "SELECT active_pid FROM pg_replication_slots WHERE active";
        await().atMost(Duration.ofMinutes(1)).until(() -> database.single(pid) != null);
        String before = database.single(pid);
        replica.pause();
        database.execute(
            "INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(1, 50000) i");
        long start = System.nanoTime();
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> System.nanoTime() - start > Duration.ofSeconds(8).toNanos());
        replica.resume();
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(() -> assertThat(replica.rows("public", "orders")).hasSize(50_000));
        assertThat(database.single(pid)).isEqualTo(before);
        job.assertRunning();
      }
    }
  }

  /** Its commit record is in the WAL and its rows are visible to nobody yet. */
  @Test
  void aCommitThatWaitsForAStandbyIsNotLost() throws Exception {
    try (TestServer server =
            Servers.embedded(
                "16",
                Map.of("synchronous_standby_names", "nobody", "synchronous_commit", "local"));
        TestDatabase database = server.createDatabase()) {
      database.execute(
          "CREATE TABLE large (id int PRIMARY KEY, note text)",
          "INSERT INTO large SELECT i, repeat('x', 1000) FROM generate_series(1, 10000) i",
          "CREATE TABLE small (id int PRIMARY KEY, note text)",
          "INSERT INTO small SELECT i, 'old' FROM generate_series(1, 5) i");
      List<TableSchema> tables = SourceTables.read(database, "public.*");
      MemoryLedger ledger = new MemoryLedger("sync" + System.nanoTime());
      Replica replica = replica(ledger, tables);
      replica.pause();
      SourceOptions options =
          new SourceOptions("sync", database.endpoint(), tables, 1 << 30, 1 << 20, true, true);
      try (SourceJob job = SourceJob.start(options, ledger, replica, 1);
          Connection waiting = database.plainConnection();
          Statement statement = waiting.createStatement()) {
        await().atMost(Duration.ofMinutes(1)).until(() -> ledger.content().position().isPresent());
        statement.execute("SET synchronous_commit = on");
        CompletableFuture<Void> commit =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    statement.execute("UPDATE small SET note = 'new' WHERE id = 5");
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                });
        String pid = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        await().atMost(Duration.ofMinutes(1)).until(() -> database.single(pid) != null);
        replica.resume();
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() -> ledger.content().loadedChunks().size() == 2);
        assertThat(commit).isNotDone();
        database.execute("SELECT pg_cancel_backend(pid) FROM (" + pid + ") s");
        commit.join();
        await()
            .atMost(Duration.ofMinutes(1))
            .untilAsserted(() -> assertEqual(database, replica, "small", "id, note", "small"));
        job.assertRunning();
      }
    }
  }

  private static Replica replica(MemoryLedger ledger, List<TableSchema> tables) {
    Map<TableName, List<String>> keys = new HashMap<>();
    tables.stream()
        .filter(table -> !table.primaryKey().isEmpty())
        .forEach(table -> keys.put(table.name(), table.primaryKey()));
    return new Replica(ledger, keys);
  }

  private static void assertEqual(
      TestDatabase database, Replica replica, String table, String columns, String from) {
    List<String> expected = new ArrayList<>();
    database
        .query("SELECT " + columns + " FROM " + from)
        .forEach(row -> expected.add(row.toString()));
    expected.sort(null);
    List<String> found = replica.rows("public", table);
    List<String> missing = new ArrayList<>(expected);
    missing.removeAll(found);
    found.removeAll(expected);
    assertThat(missing).as("missing rows of " + table).isEmpty();
    assertThat(found).as("unwanted rows of " + table).isEmpty();
  }
}
