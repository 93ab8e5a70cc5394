package io.github.pg2adb.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TaskLock;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskClaimITCase {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String HOLDERS =
      "SELECT a.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
          + " WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()";

  /** A live holder never looks silent, and who has to wait gives up after a second. */
  private static final TaskClaim.Timing IMPATIENT =
      new TaskClaim.Timing(Duration.ofMillis(300), LIMIT, Duration.ofSeconds(1));

  private final AtomicReference<@Nullable MigrationException> lost = new AtomicReference<>();

  @Test
  void aTaskIsClaimedOnce() {
    try (TestDatabase database = Servers.target().createDatabase()) {
      try (TaskClaim first = take(database, "test", IMPATIENT)) {
        assertThatThrownBy(() -> take(database, "test", IMPATIENT))
            .isInstanceOfSatisfying(
                MigrationException.class,
                error -> assertThat(error.kind()).isEqualTo(ErrorKind.OPERATOR))
            .hasMessageStartingWith("Cannot take over task \"test\": it runs already; its lock in ")
            .hasMessageContaining(
                "is held by session "
                    + database.single(HOLDERS)
                    + " (\"pg2adb test claim\", since ")
            .hasMessageContaining("Hint: Stop that job first");
        take(database, "another", IMPATIENT).close();
        assertThat(first).isNotNull();
      }
      take(database, "test", IMPATIENT).close();
      assertThat(lost).hasNullValue();
    }
  }

  @Test
  void tasksAndLedgersHaveKeysOfTheirOwn() {
    assertThat(TaskLock.of("pg2adb", "a")).isEqualTo(TaskLock.of("pg2adb", "a"));
    assertThat(TaskLock.of("pg2adb", "a"))
        .isNotEqualTo(TaskLock.of("pg2adb", "b"))
        .isNotEqualTo(TaskLock.of("other", "a"));
    assertThat(TaskLock.of("ab", "c")).isNotEqualTo(TaskLock.of("a", "bc"));
  }

  @Test
  void aSessionThatIsSilentIsEnded() throws SQLException {
    TaskClaim.Timing timing =
        new TaskClaim.Timing(Duration.ofMillis(300), Duration.ofSeconds(2), LIMIT);
    try (TestDatabase database = Servers.target().createDatabase();
        Connection silent = database.connection();
        Statement statement = silent.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(" + TaskLock.of("pg2adb", "test").key() + ")");

      take(database, "test", timing).close();

      assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aHolderThatLosesItsSessionTakesTheTaskAgain() {
    try (TestDatabase database = Servers.target().createDatabase();
        TaskClaim claim = take(database, "test", IMPATIENT)) {
      String before = Objects.requireNonNull(database.single(HOLDERS));
      database.execute("SELECT pg_terminate_backend(" + before + ")");

      Awaitility.await("another session holds the lock")
          .atMost(LIMIT)
          .until(
              () -> {
                String now = database.query(HOLDERS).isEmpty() ? null : database.single(HOLDERS);
                return now != null && !now.equals(before);
              });
      assertThatThrownBy(() -> take(database, "test", IMPATIENT))
          .hasMessageContaining("it runs already");
      assertThat(claim).isNotNull();
      assertThat(lost).hasNullValue();
    }
  }

  @Test
  void aHolderIsToldThatAnotherTookTheTask() throws SQLException {
    try (TestDatabase database = Servers.target().createDatabase();
        TaskClaim claim = take(database, "test", IMPATIENT);
        Connection other = database.connection();
        Statement statement = other.createStatement()) {
      // waits in the lock's queue, so that it has it the moment the first session ends
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE application_name = 'pg2adb test claim' AND datname = current_database();"
              + " SELECT pg_advisory_lock("
              + TaskLock.of("pg2adb", "test").key()
              + ")");

      Awaitility.await("the first holder knows").atMost(LIMIT).until(() -> lost.get() != null);
      assertThat(Objects.requireNonNull(lost.get()).kind()).isEqualTo(ErrorKind.RETRY_TRANSACTION);
      assertThat(lost.get()).hasMessageContaining("it runs already");
      assertThat(claim).isNotNull();
    }
  }

  @Test
  void aServerWithoutAdvisoryLocksIsUsedWithoutThem() {
    try (TestDatabase database = Servers.target().createDatabase()) {
      database.execute(
          "ALTER FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RENAME TO was_there");

      take(database, "test", IMPATIENT).close();
      take(database, "test", IMPATIENT).close();

      Awaitility.await("no session is left")
          .atMost(LIMIT)
          .until(
              () ->
                  "0"
                      .equals(
                          database.single(
                              "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                  + " AND application_name = 'pg2adb test claim'")));
    }
  }

  private TaskClaim take(TestDatabase database, String task, TaskClaim.Timing timing) {
    SinkOptions options =
        new SinkOptions(task, database.endpoint(), "pg2adb", Duration.ofMillis(1), 1, 1);
    return TaskClaim.take(options, timing, ErrorKind.OPERATOR, lost::set);
  }
}
