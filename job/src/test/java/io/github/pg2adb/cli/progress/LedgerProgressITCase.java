package io.github.pg2adb.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.sink.JdbcLedger;
import io.github.pg2adb.sink.SinkOptions;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerProgressITCase {

  private static final TableName PLAIN = new TableName("public", "Plain");
  private static final TableName LOWER = new TableName("public", "plain");
  private static final TableName ROOT = new TableName("public", "root");

  @Test
  void readsEstimatesFromTheSourceAndTheRestFromTheLedger() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE \"Plain\" (a int)",
          "INSERT INTO \"Plain\" SELECT generate_series(1, 500)",
          "CREATE TABLE root (a int PRIMARY KEY) PARTITION BY RANGE (a)",
          "CREATE TABLE leaf1 PARTITION OF root FOR VALUES FROM (0) TO (100)",
          "CREATE TABLE leaf2 PARTITION OF root FOR VALUES FROM (100) TO (1000)",
          "INSERT INTO root SELECT generate_series(1, 300)",
          "ANALYZE");
      try (LedgerProgress ledger =
          LedgerProgress.open(
              source.endpoint(),
              target.endpoint(),
              "pg2adb",
              "task",
              Routes.of(List.of(), NameCase.DEFAULT),
              List.of(ROOT, PLAIN))) {
        Progress before = ledger.read();
        assertThat(before.tables())
            .containsExactly(
                new Progress.Table(PLAIN, LOWER, 500, 0, 0, 0, 1),
                new Progress.Table(ROOT, 300, 0, 0, 0, 1));
        assertThat(before.position()).isEmpty();
        assertThat(before.lag()).isEmpty();
        assertThat(before.bytesBehind()).isZero();
        assertThat(before.expectedRows()).isEqualTo(800);

        Lsn start = ledger.walEnd();
        startLedger(target, start);
        target.execute(
            "INSERT INTO pg2adb.chunk_plan (task, schema, \"table\", chunk) VALUES"
                + " ('task', 'public', 'root', 0), ('task', 'public', 'root', 1), ('other', 'public', 'root', 2)",
            "INSERT INTO pg2adb.chunk (task, schema, \"table\", chunk, rows, bytes, snapshot, snapshot_lsn, loaded_at)"
                + " VALUES ('task', 'public', 'root', 0, 99, 1000, '1:1:', '0/1', now()),"
                + " ('task', 'public', 'Plain', 0, 501, 2000, '1:1:', '0/1', now()),"
                + " ('other', 'public', 'root', 1, 7, 7, '1:1:', '0/1', now())",
            "UPDATE pg2adb.position SET transactions = 3, changes = 11,"
                + " source_commit_time = clock_timestamp() - INTERVAL '2 seconds'");
        source.execute("INSERT INTO \"Plain\" VALUES (0)");

        Progress during = ledger.read();

        assertThat(during.tables())
            .containsExactly(
                new Progress.Table(PLAIN, LOWER, 500, 501, 2000, 1, 1),
                new Progress.Table(ROOT, 300, 99, 1000, 1, 2));
        assertThat(during.isLoaded()).isFalse();
        assertThat(during.rows()).isEqualTo(600);
        assertThat(during.bytes()).isEqualTo(3000);
        assertThat(during.expectedRows()).isEqualTo(801);
        assertThat(during.position()).contains(start);
        assertThat(during.transactions()).isEqualTo(3);
        assertThat(during.changes()).isEqualTo(11);
        assertThat(during.bytesBehind()).isPositive();
        assertThat(during.lag().orElseThrow())
            .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(30));
      }
    }
  }

  private static void startLedger(TestDatabase target, Lsn start) {
    SinkOptions options =
        new SinkOptions(
            "task", target.endpoint(), "pg2adb", Duration.ofMillis(500), 1000, 1_000_000);
    try (var session = JdbcLedger.of(options).open()) {
      session.recordStart(start);
    }
  }
}
