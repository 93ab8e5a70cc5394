package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.testing.LogLines;
import io.github.pg2adb.testing.Proxy;
import io.github.pg2adb.testing.ServerCopy;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TestServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What needs a source server of its own. */
class SourceServerITCase {

  /**
   * A commit that waits for a synchronous standby is in the WAL and is not visible: a snapshot does
   * not have it, and a stream that starts after it does not either.
   */
  @Test
  void keepsCommitsThatWaitForAStandbyAndSaysWhomSlotCreationWaitsFor() throws Exception {
    try (TestServer server = Servers.embedded("16");
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        LogLines lines = LogLines.of("io.github.pg2adb.source.ReplicationSlot");
        Connection late = source.plainConnection();
        Connection later = source.plainConnection();
        TestMigration migration = TestMigration.between(source, target)) {
      source.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v text)",
          "INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) i",
          "BEGIN; INSERT INTO t VALUES (1000, 'prepared'); PREPARE TRANSACTION 'pg2adb_test'",
          // only the sessions of this test wait for the standby
          "ALTER DATABASE \"" + source.name() + "\" SET synchronous_commit = local");
      wantStandby(source);
      CompletableFuture<Void> first = hang(late, "UPDATE t SET v = 'late' WHERE id = 5");
      awaitHanging(source, 1);
      migration.start();
      String waits =
          "Replication slot pg2adb_"
              + migration.name()
              + " waits for a transaction that was open when its creation began: ";
      awaitLine(
          lines,
          waits + "pid [0-9]+ \\(postgres, pg2adb test, active\\), since [-0-9]+ [:.0-9]+\\+00");
      assertThat(migration.ledgerPosition().isSet()).isFalse();
      assertThat(first).isNotDone();
      release(source);
      first.join();
      awaitLine(lines, waits + "the prepared transaction pg2adb_test, since [-0-9]+ [:.0-9]+\\+00");
      assertThat(migration.ledgerPosition().isSet()).isFalse();
      source.execute("COMMIT PREPARED 'pg2adb_test'");
      migration.awaitConsistent().assertEqual();

      // the same while the stream runs and, in another task, while the table is read
      wantStandby(source);
      try (TestDatabase secondTarget = Servers.target().createDatabase();
          TestMigration second = TestMigration.between(source, secondTarget)) {
        CompletableFuture<Void> hanging = hang(later, "INSERT INTO t VALUES (2000, 'hanging')");
        awaitHanging(source, 1);
        migration.awaitCaughtUp();
        assertThat(target.single("SELECT v FROM t WHERE id = 2000")).isEqualTo("hanging");
        assertThat(source.single("SELECT v FROM t WHERE id = 2000")).isNull();
        second.start();
        release(source);
        hanging.join();
        second.awaitConsistent().awaitCaughtUp().assertEqual();
        migration.awaitCaughtUp().assertEqual();
      }
    }
  }

  private static CompletableFuture<Void> hang(Connection session, String sql) {
    return CompletableFuture.runAsync(
        () -> {
          try (Statement statement = session.createStatement()) {
            statement.execute("SET synchronous_commit = on");
            statement.execute(sql);
          } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** The checkpointer tells the others that there is a standby to wait for, some time after. */
  private static void wantStandby(TestDatabase source) throws Exception {
    source.execute(
        "ALTER SYSTEM SET synchronous_standby_names = 'missing'", "SELECT pg_reload_conf()");
    try (Connection session = source.plainConnection()) {
      AtomicReference<CompletableFuture<Void>> probe =
          new AtomicReference<>(CompletableFuture.completedFuture(null));
      Awaitility.await("commits wait for the standby")
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                if (probe.get().isDone()) {
                  probe.get().join();
                  probe.set(hang(session, "SELECT pg_logical_emit_message(true, 'probe', '')"));
                }
                return source
                    .single(
                        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                            + " WHERE wait_event = 'SyncRep'")
                    .equals("1");
              });
      probe.get().join();
    }
  }

  private static void awaitHanging(TestDatabase source, int sessions) {
    Awaitility.await("a commit waits for the standby")
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                source.single("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
            String.valueOf(sessions)::equals);
  }

  private static void release(TestDatabase source) {
    source.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
  }

  private static void awaitLine(LogLines lines, String pattern) {
    Awaitility.await(pattern)
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(lines.soFar()).anyMatch(line -> line.matches(pattern)));
  }

  @Test
  void refusesASlotWhoseWalTheServerRemoved() {
    try (TestServer server =
            Servers.embedded(
                "16",
                Map.of(
                    "max_slot_wal_keep_size",
                    "1MB",
                    "min_wal_size",
                    "32MB",
                    "max_wal_size",
                    "48MB"));
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        TestMigration migration = TestMigration.between(source, target)) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE other (v text)");
      migration.source("tables", "[public.t]").start().awaitConsistent().stop();
      Awaitility.await("the slot is lost")
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                source.execute(
                    "INSERT INTO other VALUES ('x')", "SELECT pg_switch_wal()", "CHECKPOINT");
                return source.single("SELECT wal_status FROM pg_replication_slots");
              },
              "lost"::equals);
      assertThatThrownBy(migration::start)
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("TASK_SLOT: ")
          .hasMessageContaining("wal_status is lost");
    }
  }

  @Test
  void refusesAnotherServerAtTheSameAddress() {
    try (TestServer other = Servers.embedded("16");
        TestDatabase source = Servers.source().createDatabase();
        TestDatabase copy = other.createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        TestMigration migration = TestMigration.between(source, target)) {
      for (TestDatabase database : new TestDatabase[] {source, copy}) {
        database.execute("CREATE TABLE t (id int PRIMARY KEY)");
      }
      source.execute(
          "SELECT pg_switch_wal()", "INSERT INTO t VALUES (1)", "SELECT pg_switch_wal()");
      migration.start().awaitConsistent().stop();
      // what a well-meaning administrator does: the numbers alone would let the task go on
      String name = "pg2adb_" + migration.name();
      copy.execute(
          "CREATE PUBLICATION "
              + name
              + " FOR TABLE ONLY t WITH (publish_via_partition_root = true)",
          "CREATE PUBLICATION \""
              + name
              + "$insert\" WITH (publish = 'insert, truncate', publish_via_partition_root = true)",
          "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
      migration.moveSource(copy).start();
      String system = "SELECT system_identifier FROM pg_control_system()";
      assertThat(migration.awaitFailure())
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot go on with the source of task \""
                  + migration.name()
                  + "\": its system identifier is "
                  + copy.single(system)
                  + " and that of the server this task began with was "
                  + source.single(system)
                  + ", so it is another server or was made anew from a dump Hint: Correct the source's address if"
                  + " this is not the server you mean. Otherwise empty the destination tables and start anew under a"
                  + " new pipeline name.");
      migration.moveSource(source).start().awaitCaughtUp().assertEqual();
    }
  }

  @Test
  void refusesAPromotedStandbyUnderARunningJobAndAtAStart() {
    try (TestServer server = Servers.embedded("16");
        ServerCopy copy = ServerCopy.of(server);
        Proxy address = Proxy.before(server.endpoint());
        TestDatabase target = Servers.target().createDatabase()) {
      TestDatabase source = server.createDatabase();
      TestServer standby = copy.startStandby(server);
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      try (TestMigration migration =
          TestMigration.between(server.behind(address).database(source.name()), target)) {
        migration.start().awaitConsistent();
        source.execute("INSERT INTO t VALUES (2)");
        migration.awaitCaughtUp();
        Lsn end = migration.sourceLsn();
        TestDatabase promoted = standby.database(source.name());
        Awaitility.await("the standby has what the source has")
            .atMost(Duration.ofMinutes(1))
            .ignoreExceptions()
            .until(
                () ->
                    "t"
                        .equals(
                            promoted.single(
                                "SELECT pg_last_wal_replay_lsn() >= '" + end + "'::pg_lsn")));
        server.kill();
        copy.promote();
        address.leadTo(standby.endpoint());
        assertThat(migration.awaitFailure())
            .isInstanceOf(MigrationException.class)
            .hasMessage(
                "Cannot go on with the source of task \""
                    + migration.name()
                    + "\": its timeline is 2 and was 1 when this task began, so a standby was promoted or a backup"
                    + " restored, and changes that the destination has may be missing here Hint: Empty the destination"
                    + " tables and start anew under a new pipeline name.");
        assertThatThrownBy(migration::start)
            .isInstanceOf(MigrationException.class)
            .hasMessageContaining(
                "TASK_SLOT: The destination is at "
                    + migration.ledgerPosition()
                    + " and the source has no slot, so the changes since then are gone. The slot was dropped, or the"
                    + " source is a promoted standby or a restored backup, which have none.");
      }
    }
  }

  @Test
  void refusesASourceThatWasRestoredFromAnOldBackup() {
    try (TestServer server = Servers.embedded("16");
        TestDatabase target = Servers.target().createDatabase()) {
      TestDatabase source = server.createDatabase();
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      try (TestMigration migration = TestMigration.between(source, target)) {
        migration.start().awaitConsistent().stop();
        try (ServerCopy copy = ServerCopy.of(server)) {
          // its sessions ended with the server
          TestDatabase again = server.database(source.name());
          migration.moveSource(again).start();
          again.execute(
              "SELECT pg_switch_wal()",
              "INSERT INTO t SELECT generate_series(2, 100)",
              "SELECT pg_switch_wal()",
              "INSERT INTO t VALUES (0)");
          migration.awaitCaughtUp().stop();
          server.kill();
          TestDatabase restored = copy.start().database(source.name());
          migration.moveSource(restored).start();
          assertThat(migration.awaitFailure())
              .isInstanceOf(MigrationException.class)
              .hasMessageMatching(
                  "Cannot go on with the source of task \""
                      + migration.name()
                      + "\": its WAL ends at [0-9A-F/]+ and the destination has changes up to "
                      + migration.ledgerPosition()
                      + ", so the server was set back to an older state Hint: Empty the destination tables and start"
                      + " anew under a new pipeline name\\.");
          Awaitility.await("the slot is free")
              .atMost(Duration.ofMinutes(1))
              .ignoreExceptions()
              .until(
                  () ->
                      restored.single(
                              "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
                          != null);
          assertThatThrownBy(migration::start)
              .isInstanceOf(MigrationException.class)
              .hasMessageContaining(
                  "TASK_SLOT: The destination is at " + migration.ledgerPosition())
              .hasMessageContaining("a promoted standby or a restored backup");
        }
      }
    }
  }
}
