package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaCompletionITCase {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final String OBJECTS =
      "SELECT 'index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'item'::regclass"
          + " UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE conrelid = 'item'::regclass AND contype = 'c'"
          + " UNION ALL SELECT 'view ' || viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1";

  private static final List<String> EXPECTED =
      List.of(
          "constraint item_v_check",
          "index item_by_v",
          "index item_of_id_and_v",
          "index item_pkey",
          "view shown");

  @TempDir Path savepoints;

  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
    source.execute(
        "CREATE TABLE item (id int PRIMARY KEY, v int CHECK (v < 1000000), t text)",
        "CREATE INDEX item_by_v ON item (v)",
        "CREATE UNIQUE INDEX item_of_id_and_v ON item (id, v)",
        "CREATE VIEW shown AS SELECT id, t FROM item WHERE v > 0",
        "INSERT INTO item SELECT i, i, repeat('x', 60) FROM generate_series(1, 20000) i");
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    target.close();
  }

  private List<String> objects() {
    return target.query(OBJECTS).stream().map(row -> String.valueOf(row.get(0))).toList();
  }

  private @Nullable String events(String kind) {
    return target.single("SELECT to_regclass('pg2adb.event')") == null
        ? "0"
        : target.single("SELECT count(*) FROM pg2adb.event WHERE kind = '" + kind + "'");
  }

  private void awaitComplete(TestMigration migration) {
    awaitComplete(migration.running());
  }

  private void awaitComplete(RunningMigration running) {
    Awaitility.await("the schema is complete")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              assertThat(running.failure()).isEmpty();
              return "1".equals(events("schema-complete"));
            });
  }

  @Test
  void aBoundedTaskEndsWithEverythingCreated() throws Exception {
    try (TestMigration migration =
        TestMigration.between(source, target)
            .pipeline("phases", "[schema, full]")
            .source("chunk-size", "256kb")
            .start()) {
      migration.awaitFinished().assertEqual();
    }

    assertThat(objects()).isEqualTo(EXPECTED);
    assertThat(events("schema-complete")).isEqualTo("1");
  }

  @Test
  void withoutTheSchemaPhaseNothingIsCreated() throws Exception {
    target.execute("CREATE TABLE item (id int PRIMARY KEY, v int, t text)");
    try (TestMigration migration =
        TestMigration.between(source, target).pipeline("phases", "[full]").start()) {
      migration.awaitFinished().assertEqual();
    }

    assertThat(objects()).containsExactly("index item_pkey");
  }

  @Test
  void changesWaitForIndexesAndViewsForConsistency() throws Exception {
    source.execute("ALTER TABLE item ADD u int UNIQUE");
    try (Connection blocker = target.plainConnection();
        TestMigration migration =
            TestMigration.between(source, target).source("chunk-size", "256kb").start()) {
      migration.awaitStarted();
      blocker.setAutoCommit(false);
      try (Statement statement = blocker.createStatement()) {
        // loading takes ROW EXCLUSIVE, which passes; an index takes SHARE, which waits
        statement.execute("LOCK TABLE item IN ROW EXCLUSIVE MODE");
        source.execute("UPDATE item SET v = v + 1, u = id", "DELETE FROM item WHERE id > 15000");
        migration.awaitLoaded("item");
        assertThat(events("ready-for-changes")).isEqualTo("0");
        assertThat(target.query("SELECT 1 FROM pg_views WHERE schemaname = 'public'")).isEmpty();
        blocker.rollback();
      }
      awaitComplete(migration);
      migration.awaitCaughtUp().assertEqual();

      assertThat(objects()).containsAll(EXPECTED);
      assertThat(
              target.single(
                  "SELECT detail LIKE '%ALTER TABLE \"public\".\"item\" ADD CONSTRAINT \"item_u_key\" UNIQUE (\"u\")' OR detail"
                      + " LIKE '%distribution key%' FROM pg2adb.event WHERE kind = 'left-out'"))
          .isEqualTo("t");
    }
  }

  @Test
  void aSecondStartCreatesNothingTwiceAndWhatIsDroppedStaysSo() {
    try (TestMigration migration = TestMigration.between(source, target).start()) {
      awaitComplete(migration);
      migration.awaitConsistent().stop();
      target.execute("DROP VIEW shown");

      migration.start();
      source.execute("INSERT INTO item VALUES (0, 5, 'new')");
      migration.awaitCaughtUp().assertEqual();

      assertThat(events("schema-complete")).isEqualTo("1");
      assertThat(target.query("SELECT 1 FROM pg_views WHERE schemaname = 'public'")).isEmpty();
    }
  }

  @Test
  void goesOnAfterItWasKilledWhileItCreatedAnIndex() throws Exception {
    try (Connection blocker = target.plainConnection();
        TestMigration migration = TestMigration.between(source, target).start()) {
      migration.awaitStarted();
      blocker.setAutoCommit(false);
      try (Statement statement = blocker.createStatement()) {
        statement.execute("LOCK TABLE item IN ROW EXCLUSIVE MODE");
        migration.awaitLoaded("item");
        Awaitility.await("an index waits for its lock")
            .atMost(LIMIT)
            .until(
                () ->
                    target
                            .query(
                                "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'"
                                    + " AND datname = current_database()")
                            .size()
                        > 0);
        target.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg2adb after load'"
                + " AND datname = current_database()");
        migration.stop();
        assertThat(events("ready-for-changes")).isEqualTo("0");
        blocker.rollback();
      }
      source.execute("UPDATE item SET v = v + 1");

      migration.start();
      awaitComplete(migration);
      migration.awaitCaughtUp().assertEqual();

      assertThat(objects()).isEqualTo(EXPECTED);
    }
  }

  /** Flink fails a savepoint that it has triggered while one of the job's tasks ended. */
  @Test
  void savepointsSucceedAroundTheEndOfTheCompletion() throws Exception {
    String folder = savepoints.toUri().toString();
    try (TestMigration migration =
        TestMigration.between(source, target).pipeline("checkpoint-interval", "100ms")) {
      TaskConfig config = TaskFile.parse(migration.taskFile(), "test.yaml", Map.of());
      int port = freePort();
      Configuration settings = FlinkSettings.embedded(config, port);
      // a task that ends does so after a checkpoint, which must not wait for the savepoints
      settings.set(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS, 100);
      StreamExecutionEnvironment environment =
          StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(settings);
      MigrationPipeline.build(environment, config, Migration.prepare(config).schema());
      JobClient job = environment.executeAsync();
      String last;
      try (RunningMigration running = new RunningMigration(job)) {
        awaitComplete(running);
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        while (System.nanoTime() < end) {
          var one = job.triggerSavepoint(folder, SavepointFormatType.CANONICAL);
          var another = job.triggerSavepoint(folder, SavepointFormatType.CANONICAL);
          assertThat(one).succeedsWithin(LIMIT);
          assertThat(another).succeedsWithin(LIMIT);
        }
        assertThat(states(port, running)).hasSizeGreaterThan(1).containsOnly("RUNNING");
        source.execute("UPDATE item SET v = v + 1 WHERE id % 2 = 0");
        last = job.stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL).get();
        assertThat(running.await(LIMIT)).isTrue();
      }
      source.execute("UPDATE item SET v = v + 1 WHERE id % 3 = 0");

      migration.startFrom(last).awaitCaughtUp().assertEqual();
      assertThat(objects()).isEqualTo(EXPECTED);
    }
  }

  private static List<String> states(int port, RunningMigration running) throws IOException {
    URI job = URI.create("http://localhost:" + port + "/jobs/" + running.jobId());
    try (InputStream answer = job.toURL().openStream()) {
      return new ObjectMapper().readTree(answer).path("vertices").findValuesAsText("status");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aTableThatIsAddedLaterGetsItsObjectsToo() {
    source.execute(
        "CREATE TABLE more (id int PRIMARY KEY, v int)", "CREATE INDEX more_by_v ON more (v)");
    try (TestMigration migration =
        TestMigration.between(source, target).source("tables", "[public.item]").start()) {
      awaitComplete(migration);
      migration.awaitConsistent().stop();

      migration.source("tables", "['public.*']").start();

      Awaitility.await("the index is there")
          .atMost(LIMIT)
          .until(() -> target.single("SELECT to_regclass('more_by_v')") != null);
      migration.awaitConsistent().assertEqual();
    }
  }
}
