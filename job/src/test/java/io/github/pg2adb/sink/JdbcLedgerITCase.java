package io.github.pg2adb.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.AppliedPosition;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class JdbcLedgerITCase {

  private static final TableName TABLE = new TableName("Odd \"schema", "ta\\ble");

  private static List<Chunk> plan() {
    return List.of(
        new Chunk(TABLE, 0, null, List.of("a,\"b\\", "{}")),
        new Chunk(TABLE, 1, List.of("a,\"b\\", "{}"), List.of("NULL", "")),
        new Chunk(TABLE, 2, List.of("NULL", ""), null));
  }

  @Test
  void startIsRecordedOnce() {
    try (TestDatabase database = Servers.target().createDatabase();
        MigrationLedger.Session ledger = JdbcLedger.of(WriterHarness.options(database)).open()) {
      assertThat(ledger.position()).isEmpty();

      ledger.recordStart(Lsn.parse("1/FF"));
      ledger.recordStart(Lsn.parse("2/0"));

      assertThat(ledger.position()).contains(Lsn.parse("1/FF"));
    }
  }

  @Test
  void planIsReadBackAsItWasRecorded() {
    try (TestDatabase database = Servers.target().createDatabase();
        MigrationLedger.Session ledger = JdbcLedger.of(WriterHarness.options(database)).open()) {
      ledger.recordPlan(plan());
      ledger.recordPlan(plan());

      assertThat(ledger.plannedChunks()).isEqualTo(plan());
      assertThat(ledger.loadedChunks()).isEmpty();
      assertThatThrownBy(() -> ledger.recordPlan(List.of(Chunk.whole(TABLE))))
          .isInstanceOf(MigrationException.class)
          .hasMessageStartingWith(
              "Cannot record the chunks of table \"Odd \"schema.ta\\ble\": the ledger has 3 others");
      ledger.recordEvent("word", "object", "detail");
      assertThat(database.query("SELECT task, kind, object, detail FROM pg2adb.event"))
          .isEqualTo(List.of(List.of("test", "word", "object", "detail")));
    }
  }

  @Test
  void saysHowFarTheDestinationIs() {
    try (TestDatabase database = Servers.target().createDatabase();
        MigrationLedger.Session ledger = JdbcLedger.of(WriterHarness.options(database)).open()) {
      assertThat(ledger.applied()).isEmpty();
      assertThat(ledger.loads()).isEmpty();
      assertThat(ledger.newestSnapshot()).isEqualTo(Lsn.NONE);

      ledger.recordStart(Lsn.parse("1/FF"));
      ledger.recordPlan(plan());
      database.execute(
          "INSERT INTO pg2adb.chunk SELECT 'test', \"schema\", \"table\", chunk, lower_bound, upper_bound, 10, 100, '1:1:',"
              + " ('1/' || chunk)::pg_lsn, now() FROM pg2adb.chunk_plan WHERE chunk > 0",
          "INSERT INTO pg2adb.chunk VALUES ('test', 's', 'whole', 0, NULL, NULL, 5, 50, '1:1:', '0/9', now()),"
              + " ('other', 's', 'whole', 0, NULL, NULL, 7, 70, '1:1:', '9/9', now())");

      assertThat(ledger.applied()).contains(new AppliedPosition(Lsn.parse("1/FF"), 0, 0));
      assertThat(ledger.loads())
          .isEqualTo(
              Map.of(
                  TABLE,
                  new TableLoad(3, 2, 20, 200),
                  new TableName("s", "whole"),
                  new TableLoad(0, 1, 5, 50)));
      assertThat(ledger.newestSnapshot()).isEqualTo(Lsn.parse("1/2"));
      TableName whole = new TableName("s", "whole");
      assertThat(ledger.isLoaded(List.of(whole))).isTrue();
      assertThat(ledger.isLoaded(List.of(whole, TABLE))).isFalse();
      database.execute(
          "INSERT INTO pg2adb.chunk SELECT 'test', \"schema\", \"table\", chunk, lower_bound, upper_bound, 0, 0, '1:1:',"
              + " '0/1', now() FROM pg2adb.chunk_plan WHERE chunk = 0");
      assertThat(ledger.isLoaded(List.of(whole, TABLE))).isTrue();
      assertThat(ledger.isLoaded(List.of(whole, new TableName("s", "unknown")))).isFalse();

      database.execute(
          "UPDATE pg2adb.position SET source_commit_time = '2001-02-03 04:05:06.789Z', changes = 7");
      assertThat(ledger.applied())
          .contains(
              new AppliedPosition(
                  Lsn.parse("1/FF"), Instant.parse("2001-02-03T04:05:06.789Z").toEpochMilli(), 7));
    }
  }

  @Test
  void manyMayCreateItAtOnce() throws Exception {
    int openers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(openers);
    try (TestDatabase database = Servers.target().createDatabase()) {
      for (int round = 0; round < 3; round++) {
        SinkOptions options =
            new SinkOptions(
                "test", database.endpoint(), "Ledger " + round, Duration.ofMillis(1), 1, 1);
        CyclicBarrier together = new CyclicBarrier(openers);
        Callable<Boolean> open =
            () -> {
              together.await();
              try (MigrationLedger.Session ledger = JdbcLedger.of(options).open()) {
                ledger.recordStart(Wal.START);
                return ledger.position().isPresent();
              }
            };
        List<Future<Boolean>> opened = new ArrayList<>();
        for (int i = 0; i < openers; i++) {
          opened.add(threads.submit(open));
        }
        for (Future<Boolean> done : opened) {
          assertThat(done.get()).isTrue();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
