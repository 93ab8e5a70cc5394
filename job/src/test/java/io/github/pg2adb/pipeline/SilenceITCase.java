package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.LogLines;
import io.github.pg2adb.testing.Proxy;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that die without a sign. */
class SilenceITCase {

  private static final String SENDER =
      "SELECT active_pid FROM pg_replication_slots WHERE database = current_database() AND active_pid IS NOT NULL";

  @ParameterizedTest(name = "wal_sender_timeout {0}")
  @ValueSource(strings = "3s")
  void readsOnWhenTheStreamWasLostWithoutASign(String timeout) {
    loseTheStream(timeout);
  }

  /** The server itself never notices, and keeps the slot for the connection that is lost. */
  @Tag("slow")
  @ParameterizedTest(name = "wal_sender_timeout {0}")
  @ValueSource(strings = "0")
  void takesTheSlotFromAConnectionThatTheServerDoesNotKnowIsLost(String timeout) {
    loseTheStream(timeout);
  }

  private static void loseTheStream(String timeout) {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        Proxy proxy = Proxy.before(source.endpoint());
        LogLines streams = LogLines.of("io.github.pg2adb.source.WalFetchTask");
        LogLines failures = LogLines.of("io.github.pg2adb.postgres.Retries")) {
      source.execute(
          "ALTER DATABASE " + source.name() + " SET wal_sender_timeout = '" + timeout + "'",
          "CREATE TABLE t (id int PRIMARY KEY)",
          "INSERT INTO t SELECT generate_series(1, 10)");
      try (TestMigration migration =
          TestMigration.between(source.server().behind(proxy).database(source.name()), target)) {
        migration.start().awaitConsistent();
        Awaitility.await("the stream has begun")
            .atMost(Duration.ofMinutes(1))
            .until(
                () -> streams.soFar().stream().anyMatch(line -> line.startsWith("Reading slot")));
        String before = source.single(SENDER);
        assertThat(before).isNotNull();
        proxy.stall();
        source.execute("INSERT INTO t VALUES (11)");
        Awaitility.await("another process sends the slot's changes")
            .atMost(Duration.ofMinutes(3))
            .until(() -> source.single(SENDER), pid -> pid != null && !pid.equals(before));
        migration.awaitCaughtUp().assertEqual();
        assertThat(failures.soFar())
            .anyMatch(
                line ->
                    line.matches(
                        "Task .* tries again: attempt 1, .*: Cannot read the WAL from replication slot \"pg2adb_"
                            + migration.name()
                            + "\": the source has not answered for [0-9]+ s Hint: The network may have lost the"
                            + " connection without a sign\\."));
      }
    }
  }
}
