package io.github.pg2adb.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.pipeline.Migration;
import io.github.pg2adb.pipeline.RunningMigration;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.verify.TableComparison;
import io.github.pg2adb.verify.TableResult;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A task between two test databases, run by a Flink inside this JVM. Closing stops the job and
 * drops the slot and publications, so that the source database can be dropped. May be started again
 * after {@link #stop}: without Flink state, as after a crash of everything.
 */
public final class TestMigration implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final TestDatabase source;
  private final TestDatabase target;
  private final String name =
      "test_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
  private final Map<String, String> pipeline = new LinkedHashMap<>();
  private final Map<String, String> sourceOptions = new LinkedHashMap<>();
  private final Map<String, String> sinkOptions = new LinkedHashMap<>();
  private @Nullable Migration migration;
  private @Nullable RunningMigration running;

  private TestMigration(TestDatabase source, TestDatabase target) {
    this.source = source;
    this.target = target;
    pipeline.put("checkpoint-interval", "300 ms");
    sourceOptions.put("tables", "['*.*']");
    sinkOptions.put("flush-interval", "50 ms");
  }

  /** A task for every table of the source, with short intervals. */
  public static TestMigration between(TestDatabase source, TestDatabase target) {
    return new TestMigration(source, target);
  }

  /** Sets a key of the task file's {@code pipeline} section. */
  public TestMigration pipeline(String key, String value) {
    pipeline.put(key, value);
    return this;
  }

  /** Sets a key of the task file's {@code source} section. */
  public TestMigration source(String key, String value) {
    sourceOptions.put(key, value);
    return this;
  }

  /** Sets a key of the task file's {@code sink} section. */
  public TestMigration sink(String key, String value) {
    sinkOptions.put(key, value);
    return this;
  }

  /** The task's name. */
  public String name() {
    return name;
  }

  /** Prepares the task and starts its job, if its phases need one. */
  public TestMigration start() {
    migration = Migration.prepare(TaskFile.parse(taskFile(), "test.yaml", Map.of()));
    if (migration.hasJob()) {
      running = migration.startEmbedded(freePort());
    }
    return this;
  }

  /** The task file's text. */
  public String taskFile() {
    StringBuilder text = new StringBuilder("pipeline:\n  name: ").append(name).append('\n');
    pipeline.forEach((key, value) -> line(text, key, value));
    text.append("source:\n  type: postgres\n");
    endpoint(text, source, sourceOptions);
    sourceOptions.forEach((key, value) -> line(text, key, value));
    text.append("sink:\n  type: ").append(targetKind().word()).append('\n');
    endpoint(text, target, sinkOptions);
    sinkOptions.forEach((key, value) -> line(text, key, value));
    return text.toString();
  }

  /** The database's address and login, as far as the task does not say something else. */
  private static void endpoint(
      StringBuilder text, TestDatabase database, Map<String, String> options) {
    Map<String, String> login = new LinkedHashMap<>();
    login.put("hostname", database.endpoint().host());
    login.put("port", String.valueOf(database.endpoint().port()));
    login.put("database", database.endpoint().database());
    login.put("username", database.endpoint().user());
    if (database.endpoint().password() != null) {
      login.put("password", database.endpoint().password().reveal());
    }
    login.keySet().removeAll(options.keySet());
    login.forEach((key, value) -> line(text, key, value));
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append("  ").append(key).append(": ").append(value).append('\n');
  }

  private Target.Kind targetKind() {
    try (Connection connection = target.connection()) {
      return TargetProbe.ask(connection).kind();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The running job. */
  public RunningMigration running() {
    if (running == null) {
      throw new IllegalStateException("Not started");
    }
    return running;
  }

  /** The migrated tables. */
  public List<TableSchema> tables() {
    if (migration == null) {
      throw new IllegalStateException("Not started");
    }
    return migration.schema().tables();
  }

  /** Waits until everything committed at the source before this call is in the destination. */
  public TestMigration awaitCaughtUp() {
    Lsn end = sourceLsn();
    Awaitility.await("the destination has the WAL up to " + end)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              failIfFailed();
              return ledgerPosition().compareTo(end) >= 0;
            });
    return this;
  }

  /** Waits until every selected table is loaded and the WAL has passed the newest snapshot. */
  public TestMigration awaitConsistent() {
    Awaitility.await("the destination is consistent")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              failIfFailed();
              if (!allChunksAreLoaded()) {
                return false;
              }
              String newest =
                  target.single(
                      "SELECT snapshot_lsn FROM pg2adb.chunk ORDER BY snapshot_lsn DESC LIMIT 1");
              return newest == null || ledgerPosition().compareTo(Lsn.parse(newest)) >= 0;
            });
    return this;
  }

  /** Every table has a chunk, and every planned chunk is there. */
  private boolean allChunksAreLoaded() {
    return target.single("SELECT to_regclass('pg2adb.chunk')") != null
        && String.valueOf(tables().size())
            .equals(
                target.single(
                    "SELECT count(*) FROM (SELECT DISTINCT \"schema\", \"table\" FROM pg2adb.chunk) t"))
        && "0"
            .equals(
                target.single(
                    "SELECT count(*) FROM (SELECT \"schema\", \"table\", chunk FROM pg2adb.chunk_plan"
                        + " EXCEPT SELECT \"schema\", \"table\", chunk FROM pg2adb.chunk) t"));
  }

  /** Waits until a bounded job has ended well. */
  public TestMigration awaitFinished() throws InterruptedException {
    assertThat(running().await(LIMIT)).as("the job has ended").isTrue();
    return this;
  }

  /** Waits until the job has failed and gives the reason. */
  public Throwable awaitFailure() {
    Awaitility.await("the job has failed").atMost(LIMIT).until(() -> running().isDone());
    return running().failure().orElseThrow();
  }

  /** Where the source's WAL ends now. */
  public Lsn sourceLsn() {
    return Lsn.parse(String.valueOf(source.single("SELECT pg_current_wal_insert_lsn()")));
  }

  /** Up to where the WAL is applied. */
  public Lsn ledgerPosition() {
    String position =
        target.single("SELECT to_regclass('pg2adb.position')") == null
            ? null
            : target.single("SELECT commit_lsn FROM pg2adb.position WHERE task = '" + name + "'");
    return position == null ? Lsn.NONE : Lsn.parse(position);
  }

  private void failIfFailed() {
    if (running().isDone()) {
      throw new AssertionError("The job has ended", running().failure().orElse(null));
    }
  }

  /** Compares every migrated table by value. */
  public TestMigration assertEqual() {
    List<String> differences = new ArrayList<>();
    try (Connection from = source.connection();
        Connection to = target.connection()) {
      for (TableSchema table : tables()) {
        TableResult result = compare(from, to, table);
        if (!result.equal()) {
          differences.add(result.toString());
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    assertThat(differences).as("tables that differ").isEmpty();
    return this;
  }

  private static TableResult compare(Connection from, Connection to, TableSchema table)
      throws SQLException {
    return TableComparison.compare(
        from,
        to,
        table.name(),
        table.columns().stream().map(TableSchema.ColumnSchema::name).toList(),
        table.identityKey());
  }

  /** The number of rows that the destination has in this table. */
  public long targetRows(TableName table) {
    return Long.parseLong(
        String.valueOf(
            target.single("SELECT count(*) FROM " + io.github.pg2adb.postgres.Sql.quote(table))));
  }

  /** Stops the job; the slot stays. */
  public TestMigration stop() {
    if (running != null) {
      running.close();
      running = null;
    }
    return this;
  }

  @Override
  public void close() {
    stop();
  }
}
