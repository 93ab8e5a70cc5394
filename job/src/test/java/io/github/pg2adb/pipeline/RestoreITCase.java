package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.testing.HeldSnapshot;
import io.github.pg2adb.testing.LogLines;
import io.github.pg2adb.testing.RandomWorkload;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way to go on after an end. */
class RestoreITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration = TestMigration.between(source, target);

  @TempDir Path folder;

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @ParameterizedTest(name = "seed {0}, {1} kills")
  @CsvSource("21, 6")
  void survivesSessionsThatEndAtRandomMoments(long seed, int kills) throws Exception {
    killSessions(seed, kills);
  }

  @Tag("slow")
  @ParameterizedTest(name = "seed {0}, {1} kills")
  @CsvSource({"22, 60", "23, 60"})
  void survivesManySessionsThatEndAtRandomMoments(long seed, int kills) throws Exception {
    killSessions(seed, kills);
  }

  /**
   * Writers, readers and the walsender in turn, during the snapshot and after it, under
   * transactions that follow each other directly, rows of one COPY, and transactions that come in
   * pieces: each must go on neither before nor after the row where it was cut.
   */
  private void killSessions(long seed, int kills) throws Exception {
    Random random = new Random(seed);
    source.execute(
        "CREATE TABLE counted (n int, part text)", "ALTER TABLE counted REPLICA IDENTITY FULL");
    try (RandomWorkload workload = RandomWorkload.prepare(source, seed, 5_000).start(2);
        Connection writer = source.plainConnection();
        Statement statement = writer.createStatement()) {
      migration
          .pipeline("parallelism", "2")
          .source("chunk-size", "128kb")
          .source("wal.transaction-buffer", "64kb")
          .start()
          .awaitStarted();
      int killed = 0;
      for (int round = 0; killed < kills; round++) {
        for (int i = 0; i < 20; i++) {
          statement.execute("INSERT INTO counted VALUES (" + round + ", 'single')");
        }
        statement.execute(
            "INSERT INTO counted SELECT " + round + ", 'multi' FROM generate_series(1, 50)");
        statement.execute(
            "INSERT INTO counted SELECT "
                + round
                + ", repeat('large', 20) FROM generate_series(1, 4000)");
        killed += kill(random);
        Duration pause = Duration.ofMillis(200 + random.nextInt(600));
        Awaitility.await().pollDelay(pause).until(() -> true);
      }
      workload.stop();
      migration.awaitConsistent().awaitCaughtUp().assertEqual();
    }
  }

  /** Ends one of the task's sessions, if there is one of the sort. */
  private int kill(Random random) {
    boolean writer = random.nextBoolean();
    String application =
        writer
            ? "LIKE 'pg2adb " + migration.name() + " writer%'"
            : "IN ('pg2adb wal', 'pg2adb snapshot')";
    List<List<String>> ended =
        (writer ? target : source)
            .query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND application_name "
                    + application
                    + " ORDER BY md5(pid::text || '"
                    + random.nextInt()
                    + "') LIMIT 1");
    return ended.size();
  }

  @ParameterizedTest(name = "parallelism {0}, then {1}")
  @CsvSource({"1, 3", "3, 1"})
  void goesOnFromASavepointWithOtherParallelism(String before, String after) throws Exception {
    try (RandomWorkload workload = RandomWorkload.prepare(source, 31, 5_000)) {
      migration.source("chunk-size", "64kb").pipeline("parallelism", before);
      workload.start(2);
      migration.start().awaitStarted();
      Awaitility.await("a chunk is loaded")
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> !migration.loadedChunks().isEmpty());
      String duringSnapshot = migration.stopWithSavepoint(folder);
      migration.pipeline("parallelism", after).startFrom(duringSnapshot).awaitConsistent();
      String whileFollowing = migration.stopWithSavepoint(folder);
      migration.pipeline("parallelism", before).startFrom(whileFollowing);
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
    }
  }

  @Test
  void readsNoFinishedChunkAgainWithoutFlinkState() throws Exception {
    HeldSnapshot.prepare(source);
    migration.source("chunk-size", "8kb").start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk");
      migration.stop();
    }
    source.execute("UPDATE aa_bulk SET pad = 'while stopped' WHERE id % 100 = 0");
    Map<String, String> before = migration.loadedChunks();
    assertThat(before).hasSizeGreaterThan(50).doesNotContainKey("public.zz_gate:0");
    try (LogLines reads = LogLines.of("io.github.pg2adb.source.SnapshotFetchTask")) {
      migration.start().awaitConsistent().awaitCaughtUp().assertEqual();
      assertThat(reads.soFar())
          .singleElement()
          .asString()
          .startsWith("Read chunk public.zz_gate:0");
    }
    assertThat(migration.loadedChunks()).containsAllEntriesOf(before);
  }

  @Test
  void goesOnFromASavepointThatIsOlderThanTheLedger() throws Exception {
    try (RandomWorkload workload = RandomWorkload.prepare(source, 41, 2_000)) {
      migration.start().awaitConsistent();
      String savepoint = migration.stopWithSavepoint(folder);
      workload.start(1);
      migration.startFrom(savepoint);
      long commits = workload.commits();
      Awaitility.await("more commits")
          .atMost(Duration.ofMinutes(1))
          .until(() -> workload.commits() > commits + 100);
      migration.awaitCaughtUp();
      awaitAcknowledged(migration.ledgerPosition().toString());
      migration.stop().startFrom(savepoint);
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
    }
  }

  private void awaitAcknowledged(String lsn) {
    Awaitility.await("the slot is past " + lsn)
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                source.single(
                        "SELECT 1 FROM pg_replication_slots WHERE database = current_database()"
                            + " AND confirmed_flush_lsn >= '"
                            + lsn
                            + "'")
                    != null);
  }

  @Test
  void refusesALedgerThatIsOlderThanTheSavepoint() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    migration.start().awaitConsistent();
    String early = migration.ledgerPosition().toString();
    source.execute("INSERT INTO t VALUES (2)");
    migration.awaitCaughtUp();
    awaitAcknowledged(migration.ledgerPosition().toString());
    String savepoint = migration.stopWithSavepoint(folder);
    target.execute("UPDATE pg2adb.position SET commit_lsn = '" + early + "'", "DELETE FROM t");
    String confirmed =
        source.single(
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = current_database()");
    assertThatThrownBy(() -> migration.startFrom(savepoint))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "TASK_SLOT: The slot was acknowledged up to "
                + confirmed
                + ", past "
                + early
                + " where the destination is.");
  }

  @Test
  void refusesALedgerWithoutAChunkThatTheSavepointHas() throws Exception {
    HeldSnapshot.prepare(source);
    migration.start();
    String savepoint;
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk");
      savepoint = migration.stopWithSavepoint(folder);
    }
    target.execute("DELETE FROM pg2adb.chunk WHERE \"table\" = 'aa_bulk'", "TRUNCATE aa_bulk");
    migration.startFrom(savepoint);
    assertThat(migration.awaitFailure())
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot restore task \""
                + migration.name()
                + "\": Flink's state has chunk 0 of table \"public.aa_bulk\" as loaded and the destination's ledger"
                + " has not, so the destination was set back Hint: Start without Flink state: the task then goes on"
                + " where the ledger is.");
    migration.start().awaitConsistent().assertEqual();
  }

  /** Not tried again and again: it would be refused each time. */
  @Test
  void refusesASavepointOfOtherTables() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE gone (id int PRIMARY KEY)");
    migration.start().awaitConsistent();
    String savepoint = migration.stopWithSavepoint(folder);
    source.execute(
        "CREATE TABLE added (id int PRIMARY KEY)",
        "INSERT INTO added VALUES (1)",
        "DROP TABLE gone");
    migration.startFrom(savepoint);
    assertThat(migration.awaitFailure())
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot restore task \""
                + migration.name()
                + "\": since the state was written, the selection gained [public.added] and lost [public.gone] Hint:"
                + " Start without Flink state: what is loaded is not loaded again, and new tables are read.");
    migration.start().awaitLoaded("t", "added").awaitCaughtUp().assertEqual();
  }

  /**
   * What a transaction wrote before its table was published never comes, so the table is read when
   * the transaction has ended. A start that ends before that leaves it to the next one.
   */
  @Test
  void readsAnAddedTableAfterTheTransactionsThatWereOpen() throws Exception {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent().stop();
    source.execute("CREATE TABLE added (id int PRIMARY KEY)", "INSERT INTO added VALUES (1)");
    try (Connection open = source.plainConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO added VALUES (2)");
      migration.start();
      awaitUnsettled("1");
      migration.stop().start();
      source.execute("INSERT INTO added VALUES (3)");
      awaitUnsettled("1");
      assertThat(migration.loadedChunks()).doesNotContainKey("public.added:0");
      open.commit();
    }
    migration.awaitLoaded("t", "added").awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM added")).isEqualTo("3");
    awaitUnsettled("0");
  }

  private void awaitUnsettled(String publications) {
    Awaitility.await("publications that wait for open transactions: " + publications)
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                source.single(
                    "SELECT count(*) FROM pg_publication WHERE obj_description(oid, 'pg_publication')"
                        + " = 'pg2adb waits for the transactions that were open when tables were added'"),
            publications::equals);
  }

  @Test
  void refusesASlotThatIsGone() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent().stop();
    dropSlot();
    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "TASK_SLOT: The destination is at "
                + migration.ledgerPosition()
                + " and the source has no slot, so the changes since then are gone.");
  }

  @Test
  void refusesASlotThatGoesAwayWhileTheJobRuns() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent();
    Awaitility.await("the slot is dropped")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(
            () -> {
              source.single(
                  "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database()");
              return source.single(
                      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
                  != null;
            });
    assertThat(migration.awaitFailure())
        .isInstanceOf(MigrationException.class)
        .hasMessageMatching(
            "Cannot use replication slot \"pg2adb_"
                + migration.name()
                + "\": it does not exist(, so the changes since [0-9A-F/]+ are gone Hint: Empty the destination tables"
                + " and start anew under a new name\\.| although the destination is at [0-9A-F/]+, so the changes"
                + " since then are gone Hint: Empty the destination tables and start anew under a new pipeline"
                + " name\\.)");
  }

  private void dropSlot() {
    Awaitility.await("the slot is free")
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () ->
                source.single(
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
                    != null);
  }

  @Test
  void refusesASlotThatSomethingElseMoved() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent().stop();
    source.execute("INSERT INTO t VALUES (1)");
    String position = migration.ledgerPosition().toString();
    String moved =
        Awaitility.await("the slot is free")
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(
                () ->
                    source.single(
                        "SELECT (pg_replication_slot_advance(slot_name, pg_current_wal_lsn())).end_lsn"
                            + " FROM pg_replication_slots WHERE database = current_database()"),
                lsn -> lsn != null);
    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "TASK_SLOT: The slot was acknowledged up to "
                + moved
                + ", past "
                + position
                + " where the destination is.");
  }

  @Test
  void refusesASourceWhoseWalEndsBeforeTheLedger() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent().stop();
    target.execute("UPDATE pg2adb.position SET commit_lsn = 'FFF/0'");
    migration.start();
    Throwable failure = migration.awaitFailure();
    assertThat(failure)
        .isInstanceOf(MigrationException.class)
        .hasMessageMatching(
            "Cannot go on with the source of task \""
                + migration.name()
                + "\": its WAL ends at [0-9A-F/]+ and the destination has changes up to FFF/0, so the server was set"
                + " back to an older state Hint: Empty the destination tables and start anew under a new pipeline"
                + " name\\.");
  }

  @Test
  void refusesASourceOfAnotherTimeline() {
    source.execute("CREATE TABLE t (id int PRIMARY KEY)");
    migration.start().awaitConsistent().stop();
    assertThat(target.query("SELECT system_identifier, timeline FROM pg2adb.source"))
        .isEqualTo(
            source.query(
                "SELECT system_identifier::text, timeline_id FROM pg_control_system(), pg_control_checkpoint()"));
    target.execute("UPDATE pg2adb.source SET timeline = timeline + 6");
    migration.start();
    assertThat(migration.awaitFailure())
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot go on with the source of task \""
                + migration.name()
                + "\": its timeline is 1 and was 7 when this task began, so a standby was promoted or a backup"
                + " restored, and changes that the destination has may be missing here Hint: Empty the destination"
                + " tables and start anew under a new pipeline name.");
  }
}
