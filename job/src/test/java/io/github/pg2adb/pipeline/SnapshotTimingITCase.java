package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.testing.HeldSnapshot;
import io.github.pg2adb.testing.LogLines;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other sessions do while tables are read. */
class SnapshotTimingITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration = HeldSnapshot.task(source, target);

  @BeforeEach
  void createTables() {
    source.execute(
        "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
        "INSERT INTO keyed SELECT i, repeat('k', 100) || i FROM generate_series(1, 400) i",
        "CREATE TABLE keyless (a int, b text)",
        "ALTER TABLE keyless REPLICA IDENTITY FULL",
        "INSERT INTO keyless SELECT i % 3, 'same' FROM generate_series(1, 12) i");
    HeldSnapshot.prepare(source);
  }

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @ParameterizedTest(name = "parallelism {0}")
  @ValueSource(strings = {"1", "2"})
  void keepsATransactionThatIsOpenOverEveryChunk(String parallelism) throws Exception {
    migration.pipeline("parallelism", parallelism).start().awaitStarted();
    try (Connection open = source.plainConnection()) {
      open.setAutoCommit(false);
      run(open, "UPDATE keyed SET v = 'T' WHERE id = 5");
      run(open, "INSERT INTO keyed VALUES (100000, 'T')");
      run(open, "UPDATE keyless SET b = 'T' WHERE ctid = (SELECT min(ctid) FROM keyless)");
      run(open, "INSERT INTO keyless VALUES (0, 'same'), (0, 'same')");
      run(open, "DELETE FROM keyless WHERE ctid = (SELECT max(ctid) FROM keyless WHERE a = 2)");
      run(open, "SAVEPOINT undone", "INSERT INTO keyless VALUES (9, 'undone')");
      run(open, "UPDATE keyed SET v = 'undone' WHERE id = 6", "ROLLBACK TO undone");
      run(open, "SAVEPOINT kept", "UPDATE keyed SET v = 'kept' WHERE id = 7", "RELEASE kept");
      long xid = Long.parseLong(single(open, "SELECT txid_current()"));
      try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
        held.awaitLoaded("aa_bulk", "keyed", "keyless");
        // a transaction that the chunks have, beside one that they have not
        source.execute("INSERT INTO keyless VALUES (1, 'after the read')");
        open.commit();
        source.execute("UPDATE keyed SET v = v || ' again' WHERE id IN (5, 7)");
        for (List<String> chunk :
            target.query("SELECT snapshot FROM pg2adb.chunk WHERE \"table\" LIKE 'key%'")) {
          assertThat(TransactionSnapshot.parse(chunk.get(0)).sees(Math.toIntExact(xid))).isFalse();
        }
      }
    }
    migration.awaitConsistent().awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT v FROM keyed WHERE id = 7")).isEqualTo("kept again");
  }

  @Test
  void keepsTransactionsThatArePreparedOverEveryChunk() throws Exception {
    migration.start().awaitStarted();
    try (Connection session = source.plainConnection()) {
      for (String fate : List.of("committed", "undone")) {
        run(
            session,
            "BEGIN",
            "INSERT INTO keyless VALUES (7, '" + fate + "')",
            "INSERT INTO keyed VALUES (length('" + fate + "') + 5000, '" + fate + "')",
            "PREPARE TRANSACTION '" + source.name() + fate + "'");
      }
    }
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk", "keyed", "keyless");
    }
    migration.awaitConsistent();
    source.execute(
        "INSERT INTO keyless VALUES (7, 'between')",
        "COMMIT PREPARED '" + source.name() + "committed'",
        "ROLLBACK PREPARED '" + source.name() + "undone'");
    migration.awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM keyless WHERE a = 7")).isEqualTo("2");
  }

  @Test
  void followsWritersThatWriteAsReplicas() throws Exception {
    source.execute(
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES keyed (id) ON DELETE CASCADE)",
        "INSERT INTO child SELECT i, i FROM generate_series(1, 400) i",
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 'trigger'; RETURN NEW; END $$",
        "CREATE TRIGGER loud BEFORE INSERT OR UPDATE ON keyed FOR EACH ROW EXECUTE PROCEDURE loud()");
    migration.start().awaitStarted();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk", "keyed", "keyless", "child");
      writeBothWays(1);
    }
    migration.awaitConsistent();
    writeBothWays(11);
    migration.awaitCaughtUp().assertEqual();
    assertThat(
            target.single("SELECT count(*) FROM child WHERE parent NOT IN (SELECT id FROM keyed)"))
        .isEqualTo("2");
  }

  /** As a replica the trigger is silent and the children of a deleted row stay. */
  private void writeBothWays(int id) throws SQLException {
    try (Connection replica = source.plainConnection()) {
      run(
          replica,
          "SET session_replication_role = replica",
          "UPDATE keyed SET v = 'quiet' WHERE id = " + id,
          "DELETE FROM keyed WHERE id = " + (id + 1));
    }
    source.execute(
        "UPDATE keyed SET v = 'loud' WHERE id = " + (id + 2),
        "DELETE FROM keyed WHERE id = " + (id + 3));
  }

  @Test
  void readsTablesThatAreRewrittenMeanwhile() throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Integer> rewrites =
        CompletableFuture.supplyAsync(
            () -> {
              int count = 0;
              try (Connection session = source.plainConnection()) {
                while (!stopped.get()) {
                  run(session, "UPDATE aa_bulk SET pad = pad || 'u' WHERE id % 50 = " + count % 50);
                  run(session, "VACUUM FULL aa_bulk");
                  run(session, "DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless)");
                  run(session, "INSERT INTO keyless VALUES (" + count + ", 'new')");
                  run(session, "VACUUM FULL keyless", "CLUSTER keyed USING keyed_pkey");
                  count++;
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
              return count;
            });
    try {
      migration.start().awaitConsistent();
    } finally {
      stopped.set(true);
    }
    assertThat(rewrites.join()).isPositive();
    migration.awaitCaughtUp().assertEqual();
  }

  /**
   * A chunk that waits for a rewriting ALTER TABLE must not read with a snapshot from before it:
   * that sees none of the rewritten rows, and their rewriting is not in the WAL.
   */
  @Test
  void readsATableThatWasRewrittenWhileTheChunkWaitedForItsLock() throws Exception {
    source.execute(
        "CREATE TABLE rewritten (id int PRIMARY KEY, n int)",
        "INSERT INTO rewritten SELECT i, i FROM generate_series(1, 50) i",
        "ANALYZE rewritten");
    migration.start().awaitStarted();
    try (Connection session = source.plainConnection()) {
      session.setAutoCommit(false);
      run(session, "ALTER TABLE rewritten ALTER n TYPE smallint");
      run(session, "TRUNCATE keyless", "INSERT INTO keyless VALUES (1, 'new')");
      assertThat(migration.loadedChunks()).doesNotContainKey("public.rewritten:0");
      awaitWaiting("rewritten", "keyless");
      session.commit();
    }
    migration.awaitConsistent().awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM rewritten")).isEqualTo("50");
  }

  @ParameterizedTest(name = "parallelism {0}")
  @ValueSource(strings = {"1", "2"})
  void appliesTruncatesDuringAndAfterTheSnapshot(String parallelism) throws Exception {
    source.execute(
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES keyed (id))",
        "INSERT INTO child SELECT i, i FROM generate_series(1, 400) i",
        "CREATE TABLE emptied (id int PRIMARY KEY)",
        "INSERT INTO emptied SELECT generate_series(1, 10)");
    migration.pipeline("parallelism", parallelism).start().awaitStarted();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk", "keyed", "keyless", "child", "emptied");
      truncate();
      source.execute("DELETE FROM emptied");
    }
    migration.awaitConsistent().awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM keyed")).isEqualTo("2");
    source.execute("INSERT INTO child VALUES (1, 1)", "INSERT INTO emptied VALUES (1)");
    truncate();
    source.execute("TRUNCATE emptied");
    migration.awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM child")).isEqualTo("0");
  }

  private void truncate() throws SQLException {
    source.execute("INSERT INTO keyless VALUES (3, 'before')", "TRUNCATE keyed CASCADE");
    try (Connection session = source.plainConnection()) {
      session.setAutoCommit(false);
      run(
          session,
          "INSERT INTO keyed VALUES (1, 'gone')",
          "INSERT INTO keyless VALUES (1, 'gone')");
      run(session, "TRUNCATE keyed, child, keyless");
      run(session, "INSERT INTO keyed VALUES (1, 'new'), (2, 'new')");
      run(session, "INSERT INTO keyless VALUES (1, 'new'), (1, 'new')");
      session.commit();
    }
  }

  /**
   * PostgreSQL forgets a change of the catalog that is committed while the slot's first snapshot is
   * built and an older transaction goes on. A transaction that begins then and writes to the
   * truncated table cannot be decoded from such a slot, whenever it is tried.
   */
  @Test
  void followsATableThatIsTruncatedWhileTheSlotIsCreated() throws Exception {
    try (Connection first = source.plainConnection();
        Connection older = source.plainConnection();
        Connection writer = source.plainConnection()) {
      run(first, "BEGIN", "INSERT INTO aa_bulk VALUES (-1, 'first')");
      migration.start();
      awaitSlotWaitsFor(first);
      run(older, "BEGIN", "INSERT INTO aa_bulk VALUES (-2, 'older')");
      source.execute("TRUNCATE keyed");
      run(first, "COMMIT");
      awaitSlotWaitsFor(older);
      run(writer, "BEGIN", "INSERT INTO keyed VALUES (1, 'after')");
      run(older, "COMMIT");
      awaitSlotWaitsFor(writer);
      run(writer, "COMMIT");
    }
    migration.awaitConsistent().awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM keyed")).isEqualTo("1");
  }

  /** Longer than the lock_timeout of our sessions, which is half a minute. */
  @Test
  @Tag("slow")
  void outlivesLocksAtBothEnds() throws Exception {
    try (LogLines failures = LogLines.of("io.github.pg2adb.postgres.Retries");
        Connection atSource = source.plainConnection();
        Connection atTarget = target.plainConnection()) {
      migration.start().awaitStarted();
      run(atSource, "BEGIN", "LOCK TABLE keyed IN ACCESS EXCLUSIVE MODE");
      run(atTarget, "BEGIN", "LOCK TABLE keyless IN ACCESS EXCLUSIVE MODE");
      assertThat(migration.loadedChunks()).doesNotContainKeys("public.keyed:0", "public.keyless:0");
      // no table is cut into chunks before the one before it
      awaitLockTimeout(failures, " reading ", 0);
      run(atSource, "COMMIT");
      awaitLockTimeout(failures, " writing ", 0);
      run(atTarget, "COMMIT");
      migration.awaitConsistent().awaitCaughtUp().assertEqual();

      int before = failures.soFar().size();
      run(atTarget, "BEGIN", "LOCK TABLE keyless IN ACCESS EXCLUSIVE MODE");
      source.execute("UPDATE keyless SET b = 'later'", "INSERT INTO keyed VALUES (9999, 'later')");
      awaitLockTimeout(failures, " writing ", before);
      run(atTarget, "COMMIT");
      migration.awaitCaughtUp().assertEqual();
    }
  }

  private void awaitLockTimeout(LogLines failures, String what, int before) {
    Awaitility.await("a lock timeout while" + what)
        .atMost(java.time.Duration.ofMinutes(3))
        .until(
            () -> {
              assertThat(migration.running().isDone()).isFalse();
              return failures.soFar().stream()
                  .skip(before)
                  .anyMatch(line -> line.contains(what) && line.contains("(SQLSTATE 55P03)"));
            });
  }

  private void awaitSlotWaitsFor(Connection session) throws SQLException {
    String xid = single(session, "SELECT txid_current() % 4294967296");
    Awaitility.await("slot creation waits for transaction " + xid)
        .atMost(java.time.Duration.ofMinutes(1))
        .until(
            () ->
                source.single(
                    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                        + " WHERE a.application_name = 'pg2adb slot' AND NOT l.granted"
                        + " AND l.locktype = 'transactionid' AND l.transactionid = '"
                        + xid
                        + "'"),
            "1"::equals);
  }

  private void awaitWaiting(String... tables) {
    Awaitility.await("a chunk waits for a lock")
        .atMost(java.time.Duration.ofSeconds(25))
        .until(
            () ->
                source
                    .single(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessShareLock'"
                            + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                            + " AND relation = ANY ('{"
                            + String.join(",", tables)
                            + "}'::regclass[])")
                    .equals(String.valueOf(Math.min(2, tables.length))));
  }

  private static void run(Connection session, String... statements) throws SQLException {
    try (Statement statement = session.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String single(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
