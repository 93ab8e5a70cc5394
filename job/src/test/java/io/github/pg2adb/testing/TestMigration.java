package io.github.pg2adb.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.pipeline.FlinkSettings;
import io.github.pg2adb.pipeline.Migration;
import io.github.pg2adb.pipeline.RunningMigration;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.verify.TableComparison;
import io.github.pg2adb.verify.TableResult;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A task between two test databases, run by a Flink inside this JVM. Closing stops the job and
 * drops the slot and publications, so that the source database can be dropped. May be started again
 * after {@link #stop}: without Flink state, as after a crash of everything.
 */
public final class TestMigration implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Less than our sessions' {@code lock_timeout}, since other sessions hold locks meanwhile. */
  private static final Duration HOLD_LIMIT = Duration.ofSeconds(25);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private TestDatabase source;
  private final TestDatabase target;
  private final String name =
      "test_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
  private final Map<String, String> pipeline = new LinkedHashMap<>();
  private final Map<String, String> sourceOptions = new LinkedHashMap<>();
  private final Map<String, String> sinkOptions = new LinkedHashMap<>();
  private final List<String> routes = new ArrayList<>();
  private final Map<String, String> flinkSettings = new LinkedHashMap<>();
  private final Configuration flinkConfiguration = new Configuration();
  private @Nullable Migration migration;
  private @Nullable RunningMigration running;

  private TestMigration(TestDatabase source, TestDatabase target) {
    this.source = source;
    this.target = target;
    pipeline.put("checkpoint-interval", "300 ms");
    sourceOptions.put("tables", "['*.*']");
    sinkOptions.put("flush-interval", "50 ms");
    // a test that makes many failures must not wait longer after each
    flinkSettings.put("restart-strategy.exponential-delay.initial-backoff", "200 ms");
    flinkSettings.put("restart-strategy.exponential-delay.max-backoff", "1 s");
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

  /** Adds a route to the task file, as the inside of a YAML flow mapping. */
  public TestMigration route(String route) {
    routes.add(route);
    return this;
  }

  /** Takes the routes out of the task file. */
  public TestMigration withoutRoutes() {
    routes.clear();
    return this;
  }

  /** Sets an option of Flink. */
  public TestMigration flink(String key, String value) {
    flinkSettings.put(key, value);
    return this;
  }

  /** Sets options of Flink as a configuration file has them, which need not be texts. */
  public TestMigration flink(Configuration settings) {
    flinkConfiguration.addAll(settings);
    return this;
  }

  /** Leads the source's address to another database, as after a failover; for the next start. */
  public TestMigration moveSource(TestDatabase database) {
    source = database;
    return this;
  }

  /** The task's name. */
  public String name() {
    return name;
  }

  /** Prepares the task and starts its job, if its phases need one. */
  public TestMigration start() {
    return start(new Configuration());
  }

  /** As {@link #start}, with the Flink state of a savepoint. */
  public TestMigration startFrom(String savepoint) {
    Configuration settings = new Configuration();
    settings.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    return start(settings);
  }

  private TestMigration start(Configuration more) {
    TaskConfig config = TaskFile.parse(taskFile(), "test.yaml", Map.of());
    Configuration settings = FlinkSettings.embedded(config, freePort());
    settings.addAll(flinkConfiguration);
    flinkSettings.forEach(settings::setString);
    settings.addAll(more);
    migration = Migration.prepare(config);
    if (migration.hasJob()) {
      running =
          migration.start(StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(settings));
    }
    return this;
  }

  /** Stops the job with a savepoint in this folder, whose path is returned. */
  public String stopWithSavepoint(Path folder) {
    String savepoint = running().stopWithSavepoint(folder.toUri().toString(), LIMIT);
    running = null;
    return savepoint;
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
    if (!routes.isEmpty()) {
      text.append("route:\n");
      routes.forEach(route -> text.append("  - {").append(route).append("}\n"));
    }
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

  /** Waits until slot and start are recorded, which is before anything is read. */
  public TestMigration awaitStarted() {
    Awaitility.await("the start is recorded")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              failIfFailed();
              return ledgerPosition().isSet();
            });
    return this;
  }

  /** Waits until every planned chunk of these tables of schema public is loaded. */
  public TestMigration awaitLoaded(String... names) {
    String in =
        Stream.of(names).map(name -> "'" + name + "'").collect(Collectors.joining(", ", "(", ")"));
    Awaitility.await("loaded: " + in)
        .atMost(HOLD_LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              failIfFailed();
              return String.valueOf(names.length)
                      .equals(
                          target.single(
                              "SELECT count(DISTINCT \"table\") FROM pg2adb.chunk WHERE \"table\" IN "
                                  + in))
                  && "0"
                      .equals(
                          target.single(
                              "SELECT count(*) FROM (SELECT \"table\", chunk FROM pg2adb.chunk_plan WHERE \"table\" IN "
                                  + in
                                  + " EXCEPT SELECT \"table\", chunk FROM pg2adb.chunk) t"));
            });
    return this;
  }

  /** The chunks that are loaded, as table:chunk, with when they were. */
  public Map<String, String> loadedChunks() {
    Map<String, String> loaded = new TreeMap<>();
    for (List<@Nullable String> row :
        target.query(
            "SELECT \"schema\" || '.' || \"table\" || ':' || chunk, loaded_at::text FROM pg2adb.chunk WHERE task = '"
                + name
                + "'")) {
      loaded.put(String.valueOf(row.get(0)), String.valueOf(row.get(1)));
    }
    return loaded;
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
    WrongRows.assertNone("tables that differ", differences);
    return this;
  }

  private TableResult compare(Connection from, Connection to, TableSchema table)
      throws SQLException {
    return TableComparison.compare(
        from,
        to,
        TaskFile.parse(taskFile(), "test.yaml", Map.of()).routes().of(table.name()),
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
