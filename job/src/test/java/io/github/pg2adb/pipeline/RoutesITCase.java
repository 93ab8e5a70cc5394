package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.testing.RandomWorkload;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What routes and the case policy do to tables on their way, from the snapshot to the WAL. */
class RoutesITCase {

  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    target.close();
  }

  private void createSwapped() {
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.a (id int PRIMARY KEY, v text, secret text, big text)",
        "CREATE TABLE shop.b (id int PRIMARY KEY, n int, m int, sum int GENERATED ALWAYS AS (n - m) STORED)",
        "CREATE TABLE shop.\"Plain\" (v text, n int)",
        "ALTER TABLE shop.\"Plain\" REPLICA IDENTITY FULL",
        "INSERT INTO shop.a SELECT i, 'v' || i, 'secret', repeat(md5(i::text), 400) FROM generate_series(1, 500) i",
        "ALTER TABLE shop.a ALTER big SET STORAGE EXTERNAL",
        "UPDATE shop.a SET big = big || 'x'",
        "INSERT INTO shop.b SELECT i, i, -i FROM generate_series(1, 300) i",
        "INSERT INTO shop.\"Plain\" SELECT 'p' || i % 3, i % 5 FROM generate_series(1, 100) i");
  }

  private static TestMigration swapped(TestMigration migration) {
    return migration
        .route(
            "source-table: shop.a, sink-table: shop.b, columns.exclude: [secret], columns.rename: [v AS big, big AS v]")
        .route(
            "source-table: shop.b, sink-table: shop.a, columns.rename: [id AS key, n AS m, m AS n]");
  }

  private void changeSwapped() {
    source.execute(
        "INSERT INTO shop.a VALUES (1001, 'new', 'x', 'y'), (1002, 'gone', 'x', 'y')",
        "UPDATE shop.a SET v = v || '!' WHERE id % 3 = 0",
        "UPDATE shop.a SET secret = 'other' WHERE id % 5 = 0",
        "UPDATE shop.a SET id = id + 5000 WHERE id % 7 = 0",
        "DELETE FROM shop.a WHERE id % 11 = 0 OR id = 1002",
        "UPDATE shop.b SET n = n * 2 WHERE id < 50",
        "DELETE FROM shop.b WHERE id BETWEEN 60 AND 70",
        "INSERT INTO shop.b VALUES (9000, 1, 2)",
        "UPDATE shop.\"Plain\" SET v = 'q' WHERE n = 1",
        "DELETE FROM shop.\"Plain\" WHERE n = 2",
        "INSERT INTO shop.\"Plain\" VALUES ('r', 9), ('r', 9)");
  }

  @Test
  void swappedTablesAndColumnsGetTheRightRows() {
    createSwapped();
    try (TestMigration migration = swapped(TestMigration.between(source, target)).start()) {
      migration.awaitConsistent().assertEqual();
      changeSwapped();
      migration.awaitCaughtUp().assertEqual();
      source.execute(
          "TRUNCATE shop.a, shop.\"Plain\"", "INSERT INTO shop.a VALUES (1, 'first', 's', NULL)");
      migration.awaitCaughtUp().assertEqual();
    }

    assertThat(columns("shop", "b")).containsExactly("id", "big", "v");
    assertThat(columns("shop", "a")).containsExactly("key", "m", "n", "sum");
    assertThat(columns("shop", "plain")).containsExactly("v", "n");
    assertThat(target.single("SELECT count(*) FROM shop.b")).isEqualTo("1");
    assertThat(target.single("SELECT sum(sum) = sum(m - n) FROM shop.a")).isEqualTo("t");
    assertThat(
            target.single(
                "SELECT count(*) FROM information_schema.columns WHERE column_name = 'secret'"))
        .isEqualTo("0");
  }

  private List<String> columns(String schema, String table) {
    return target
        .query(
            "SELECT attname FROM pg_attribute WHERE attrelid = '"
                + schema
                + "."
                + table
                + "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")
        .stream()
        .map(row -> String.valueOf(row.get(0)))
        .toList();
  }

  private void createShards() {
    source.execute("CREATE SCHEMA shop");
    for (int shard = 1; shard <= 3; shard++) {
      source.execute(
          "CREATE TABLE shop.orders_"
              + shard
              + " (id int PRIMARY KEY, v text, big text, CHECK (id > 0))",
          "CREATE TABLE shop.log_" + shard + " (v text, n int)",
          "ALTER TABLE shop.log_" + shard + " REPLICA IDENTITY FULL",
          "ALTER TABLE shop.orders_" + shard + " ALTER big SET STORAGE EXTERNAL",
          "INSERT INTO shop.orders_"
              + shard
              + " SELECT i, 'v' || i, repeat('"
              + shard
              + "', 5000) FROM generate_series(1, 400) i",
          "INSERT INTO shop.log_" + shard + " SELECT 'x', i % 4 FROM generate_series(1, 40) i");
    }
  }

  private static TestMigration shards(TestMigration migration) {
    return migration
        .source("chunk-size", "512kb")
        .route(
            "source-table: shop.orders_(\\d+), sink-table: store.orders, constant-column: shard, constant-value: $1,"
                + " constant-type: integer, columns.rename: [v AS value]")
        .route("source-table: shop.log_\\d, sink-table: store.log, constant-column: origin");
  }

  private void changeShard(int shard) {
    source.execute(
        "INSERT INTO shop.orders_" + shard + " VALUES (1000, 'new', 'b')",
        "UPDATE shop.orders_" + shard + " SET v = v || '" + shard + "' WHERE id % 2 = 0",
        "UPDATE shop.orders_" + shard + " SET id = id + 2000 WHERE id % 9 = 0",
        "DELETE FROM shop.orders_" + shard + " WHERE id % 5 = 0 OR id = 1000",
        "UPDATE shop.log_" + shard + " SET n = n + 1 WHERE n = " + shard,
        "DELETE FROM shop.log_" + shard + " WHERE n = 0",
        "INSERT INTO shop.log_" + shard + " VALUES ('y', " + shard + ")");
  }

  @Test
  void shardsMeetInOneTableAndOneIsEmptiedAlone() {
    createShards();
    try (TestMigration migration = shards(TestMigration.between(source, target)).start()) {
      changeShard(1);
      changeShard(2);
      migration.awaitConsistent().awaitCaughtUp().assertEqual();
      changeShard(3);
      source.execute("TRUNCATE shop.orders_2, shop.log_1 RESTART IDENTITY");
      source.execute("INSERT INTO shop.orders_2 VALUES (1, 'again', NULL)");
      // so many new rows go straight into the table, and the keys of both are the same
      for (int shard : new int[] {2, 3}) {
        source.execute(
            "INSERT INTO shop.orders_" + shard + " SELECT i FROM generate_series(5001, 8000) i");
      }
      migration.awaitCaughtUp().assertEqual();
    }

    assertThat(target.single("SELECT count(*) FROM store.orders WHERE shard = 2"))
        .isEqualTo("3001");
    assertThat(
            target.single("SELECT string_agg(DISTINCT origin, ' ' ORDER BY origin) FROM store.log"))
        .isEqualTo("shop.log_2 shop.log_3");
    assertThat(target.single("SELECT count(*) FROM store.orders"))
        .isEqualTo(
            source.single(
                "SELECT (SELECT count(*) FROM shop.orders_1) + (SELECT count(*) FROM shop.orders_3) + 3001"));
  }

  @Test
  void shardsThatAreWrittenToAllTheTimeMeetInTablesOfEveryShape() throws Exception {
    try (RandomWorkload first = shard(1);
        RandomWorkload second = shard(2);
        RandomWorkload third = shard(3);
        TestMigration migration =
            TestMigration.between(source, target)
                .source("chunk-size", "128kb")
                .source("wal.transaction-buffer", "64kb")
                .route(
                    "source-table: shard_(\\d).(.*), sink-table: store.$2, constant-column: shard, constant-value: $1,"
                        + " constant-type: smallint, columns.rename: [id AS key, big AS small, small AS big]")
                .start()) {
      List<RandomWorkload> workloads = List.of(first, second, third);
      migration.awaitConsistent();
      awaitCommits(workloads, 30);
      migration.stop().start();
      awaitCommits(workloads, 30);
      for (RandomWorkload workload : workloads) {
        workload.stop();
      }
      migration.awaitCaughtUp().assertEqual();
      assertThat(migration.tables()).hasSize(27);
    }

    for (String table : List.of("plain", "no_key", "emptied", "parted")) {
      assertThat(target.single("SELECT count(*) FROM store." + table))
          .as("rows of %s, of all shards and of nothing else", table)
          .isEqualTo(
              source.single(
                  "SELECT (SELECT count(*) FROM shard_1.%1$s) + (SELECT count(*) FROM shard_2.%1$s)"
                      .concat(" + (SELECT count(*) FROM shard_3.%1$s)")
                      .formatted(table)));
    }
  }

  private RandomWorkload shard(int number) {
    return RandomWorkload.prepare(source, "shard_" + number, 60 + number, 1_000).start(1);
  }

  private static void awaitCommits(List<RandomWorkload> workloads, int more) {
    List<Long> before = workloads.stream().map(RandomWorkload::commits).toList();
    Awaitility.await("every shard is written to")
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                IntStream.range(0, before.size())
                    .allMatch(i -> workloads.get(i).commits() > before.get(i) + more));
  }

  @Test
  void goesOnFromTheLedgerAndFromFlinksState(@TempDir Path folder) {
    createSwapped();
    createShardsBesides();
    TestMigration task = shards(swapped(TestMigration.between(source, target)));
    try (TestMigration migration = task.start()) {
      migration.awaitConsistent();
      migration.stop();
      changeSwapped();
      changeShard(1);
      migration.start().awaitCaughtUp().assertEqual();
      String savepoint = migration.stopWithSavepoint(folder);
      changeShard(2);
      source.execute("TRUNCATE shop.orders_3", "UPDATE shop.a SET v = 'x' WHERE id < 100");
      migration.startFrom(savepoint).awaitCaughtUp().assertEqual();
    }

    assertThat(target.single("SELECT count(*) FROM store.orders WHERE shard = 3")).isEqualTo("0");
    assertThat(
            target.single(
                "SELECT count(*) FROM pg2adb.chunk WHERE \"schema\" = 'shop' AND \"table\" = 'orders_1'"))
        .isNotEqualTo("0");
  }

  @Test
  void routesOfLoadedTablesStay() {
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.one (id int PRIMARY KEY, v text)",
        "CREATE TABLE shop.two (id int PRIMARY KEY, v text)",
        "INSERT INTO shop.one VALUES (1, 'a')");
    target.execute("CREATE SCHEMA store", "CREATE TABLE store.three (id int PRIMARY KEY, v text)");
    String shard =
        "source-table: shop.(one|two), sink-table: store.all, constant-column: shard, constant-value: %s";
    try (TestMigration migration =
        TestMigration.between(source, target)
            .source("tables", "[shop.one]")
            .sink("on-existing-table", "keep")
            .route(shard.formatted("$1"))
            .start()) {
      migration.awaitConsistent().stop();

      migration.withoutRoutes().route(shard.formatted("x$1"));
      assertThatThrownBy(migration::start)
          .hasMessageContaining("ROUTE_CHANGED")
          .hasMessageContaining("had shard text = one and would have shard text = xone");
      migration.withoutRoutes().route("source-table: shop.one, sink-table: store.three");
      assertThatThrownBy(migration::start)
          .hasMessageContaining("was store.all and would be store.three");
      migration
          .withoutRoutes()
          .route(shard.formatted("$1"))
          .source("tables", "[shop.one, shop.two]")
          .start();
      source.execute("INSERT INTO shop.two VALUES (2, 'b')", "DELETE FROM shop.one");
      migration.awaitConsistent().awaitCaughtUp();
    }
    assertThat(target.query("SELECT id, v, shard FROM store.all"))
        .containsExactly(List.of("2", "b", "two"));
  }

  private void createShardsBesides() {
    for (int shard = 1; shard <= 3; shard++) {
      source.execute(
          "CREATE TABLE shop.orders_" + shard + " (id int PRIMARY KEY, v text, big text)",
          "CREATE TABLE shop.log_" + shard + " (v text, n int)",
          "ALTER TABLE shop.log_" + shard + " REPLICA IDENTITY FULL",
          "INSERT INTO shop.orders_" + shard + " SELECT i, 'v', 'b' FROM generate_series(1, 50) i");
    }
  }
}
