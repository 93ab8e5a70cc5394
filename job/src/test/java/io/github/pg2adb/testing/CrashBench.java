package io.github.pg2adb.testing;

import io.github.pg2adb.cli.demo.EmbeddedServer;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.verify.TableComparison;
import io.github.pg2adb.verify.TableResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A migration by a Flink cluster of real processes, under the bank's and the random workload, with
 * everything at hand that can break it. Says on standard output what it did. For one thread.
 */
public final class CrashBench implements AutoCloseable {

  /** What strikes a running migration from outside. */
  public enum Fault {
    TASK_MANAGER_KILLED,
    JOB_MANAGER_KILLED,
    DESTINATION_KILLED,
    SOURCE_KILLED,
    CONNECTIONS_CUT,
    NETWORK_AWAY,
    SESSIONS_TERMINATED,
    DESTINATION_READ_ONLY,
    DESTINATION_DISK_FULL,
    COMMIT_UNANSWERED,
    KILLED_BETWEEN_ROWS_AND_POSITION,
    KILLED_AFTER_COMMIT,
    KILLED_DURING_CHECKPOINT,
    KILLED_DURING_SAVEPOINT
  }

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String WRITERS = "application_name LIKE 'pg2adb%writer%'";

  private final Random random;
  private final TestServer sourceServer;
  private final TestServer targetServer;
  private final Proxy sourceProxy;
  private final Proxy targetProxy;
  private final @Nullable Path smallDisk;
  private final TestDatabase source;
  private final TestDatabase target;
  private final RandomWorkload workload;
  private final Bank bank;
  private final FlinkCluster cluster;
  private final TestMigration task;
  private final Map<String, Integer> strikes = new TreeMap<>();
  private final List<Fault> possible = new ArrayList<>(List.of(Fault.values()));
  private Duration longest = Duration.ZERO;
  private String longestAfter = "";
  private String jobId = "";

  private CrashBench(long seed, int rows) {
    random = new Random(~seed * 0x9E3779B97F4A7C15L);
    say("seed " + seed);
    sourceServer = Servers.embedded("16");
    targetServer =
        System.getenv("PG2ADB_TEST_SINK_URL") == null
            ? Servers.embedded(EmbeddedServer.isAvailable("12") ? "12" : "14")
            : Servers.target();
    sourceProxy = Proxy.before(sourceServer.endpoint());
    targetProxy = Proxy.before(targetServer.endpoint());
    smallDisk = targetServer.isOurs() ? mountSmallDisk() : null;
    source = sourceServer.createDatabase();
    target = createTarget();
    workload = RandomWorkload.prepare(source, seed, rows).survivingCrashes();
    bank = Bank.prepare(source);
    task =
        TestMigration.between(
                sourceServer.behind(sourceProxy).database(source.name()),
                targetServer.behind(targetProxy).database(target.name()))
            .pipeline("checkpoint-interval", "500 ms")
            .source("chunk-size", "256kb")
            .source("wal.transaction-buffer", "64kb");
    if (!targetServer.isOurs()) {
      possible.remove(Fault.DESTINATION_KILLED);
    }
    if (smallDisk == null) {
      possible.remove(Fault.DESTINATION_DISK_FULL);
    }
    cluster = FlinkCluster.start();
    say("cluster in " + cluster.folder());
  }

  /**
   * Starts servers, cluster and workload; not the migration.
   *
   * @param rows how many rows the larger tables have
   */
  public static CrashBench start(long seed, int rows) {
    return new CrashBench(seed, rows);
  }

  private static void say(String line) {
    System.out.println("[pg2adb crash tests] " + line);
  }

  /** A file system that a test can fill; null where this process may not mount one. */
  private static @Nullable Path mountSmallDisk() {
    try {
      Path folder = Files.createTempDirectory("pg2adb-small-disk-").toRealPath();
      if (run("mount", "-t", "tmpfs", "-o", "size=512m,mode=700", "tmpfs", folder.toString())) {
        return folder;
      }
      Files.delete(folder);
      say("SKIPPED: a full disk needs the right to mount one");
      return null;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private TestDatabase createTarget() {
    if (smallDisk == null) {
      return targetServer.createDatabase();
    }
    TestDatabase.run(
        targetServer.endpoint(), "CREATE TABLESPACE small LOCATION '" + smallDisk + "'");
    return targetServer.createDatabase("TABLESPACE small");
  }

  // ---- the start and its kill points

  /** Starts the workload. */
  public void startWorkload() {
    workload.start(2);
    bank.start();
  }

  /** Kills the client after it has created some of the tables. */
  public void killClientWithinSchemaCreation() {
    execute(
        target,
        "CREATE FUNCTION public.linger() RETURNS event_trigger LANGUAGE plpgsql"
            + " AS $$ BEGIN PERFORM pg_catalog.pg_sleep(0.3); END $$",
        "CREATE EVENT TRIGGER linger ON ddl_command_end WHEN TAG IN ('CREATE TABLE')"
            + " EXECUTE PROCEDURE public.linger()");
    FlinkCluster.Submission submission = cluster.submit(task.taskFile());
    String running =
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name LIKE 'pg2adb%' AND query LIKE 'CREATE TABLE%' AND state = 'active'";
    await("tables are being created", () -> isTrue(target, running));
    submission.kill();
    count("client killed during schema creation");
    await("the client's session is gone", () -> !isTrue(target, running));
    execute(target, "DROP EVENT TRIGGER linger", "DROP FUNCTION public.linger()");
  }

  /** Submits the job and kills the JobManager while the slot waits for an open transaction. */
  public void killJobManagerWithinSlotCreation() throws Exception {
    try (Connection open = source.plainConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO no_key VALUES (-1, 'open', '')");
      jobId = cluster.submit(task.taskFile()).jobId();
      await(
          "the slot is being created",
          () ->
              isTrue(
                  source,
                  "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'pg2adb slot'"
                      + " AND wait_event_type = 'Lock'"));
      cluster.killJobManager();
      count("JobManager killed during slot creation");
      cluster.startJobManager();
      await("the job is back", () -> "RUNNING".equals(cluster.state(jobId)));
      open.commit();
    }
  }

  /** Kills the TaskManager while a COPY into a table has begun. */
  public void killWithinCopy() throws SQLException {
    killWhileWaiting("public.plain", "COPY%", "TaskManager killed within a COPY");
  }

  /** Kills the TaskManager when the rows of a chunk are there and its ledger row is not. */
  public void killBetweenRowsAndChunk() throws SQLException {
    await(
        "the ledger is there",
        () -> isTrue(target, "SELECT to_regclass('pg2adb.chunk') IS NOT NULL"));
    killWhileWaiting(
        "pg2adb.chunk",
        "INSERT INTO \"pg2adb\".\"chunk\"%",
        "TaskManager killed between rows and chunk row");
  }

  private void killWhileWaiting(String table, String query, String what) throws SQLException {
    try (Connection lock = lock(table)) {
      awaitWaiting(query);
      cluster.killTaskManager();
      count(what);
      lock.rollback();
    }
    cluster.startTaskManager();
  }

  private Connection lock(String table) throws SQLException {
    Connection connection = target.plainConnection();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE " + table + " IN SHARE MODE");
    }
    return connection;
  }

  private void awaitWaiting(String query) {
    await(
        "a writer waits in " + query,
        () ->
            isTrue(
                target,
                "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND "
                    + WRITERS
                    + " AND wait_event_type = 'Lock' AND query LIKE '"
                    + query
                    + "'"));
  }

  // ---- faults of a running migration

  /** The faults that can be made here. */
  public List<Fault> possibleFaults() {
    return List.copyOf(possible);
  }

  /** Makes a fault and takes it away again, except for what only the migration itself can mend. */
  public void strike(Fault fault) throws Exception {
    pause(random.nextInt(1500));
    switch (fault) {
      case TASK_MANAGER_KILLED -> restartTaskManager();
      case JOB_MANAGER_KILLED -> {
        cluster.killJobManager();
        cluster.startJobManager();
      }
      case DESTINATION_KILLED -> restart(targetServer);
      case SOURCE_KILLED -> restart(sourceServer);
      case CONNECTIONS_CUT -> {
        sourceProxy.cut();
        targetProxy.cut();
      }
      case NETWORK_AWAY -> {
        sourceProxy.refuse();
        targetProxy.refuse();
        pause(3000);
        sourceProxy.heal();
        targetProxy.heal();
      }
      case SESSIONS_TERMINATED -> {
        execute(source, terminate());
        execute(target, terminate());
      }
      case DESTINATION_READ_ONLY -> readOnlyForAWhile();
      case DESTINATION_DISK_FULL -> fillDiskForAWhile();
      case COMMIT_UNANSWERED -> targetProxy.cutBeforeAnswer("COMMIT");
      case KILLED_BETWEEN_ROWS_AND_POSITION ->
          killWhileWaiting("pg2adb.position", "UPDATE \"pg2adb\".\"position\"%", fault.name());
      case KILLED_AFTER_COMMIT -> {
        targetProxy.cutBeforeAnswer("COMMIT");
        await("a commit was not answered", () -> !targetProxy.isArmed());
        restartTaskManager();
      }
      case KILLED_DURING_CHECKPOINT -> killDuringCheckpoint();
      case KILLED_DURING_SAVEPOINT -> killDuringSavepoint();
    }
    if (fault != Fault.KILLED_BETWEEN_ROWS_AND_POSITION) {
      count(fault.name());
    }
  }

  private void restartTaskManager() {
    cluster.killTaskManager();
    cluster.startTaskManager();
  }

  private void restart(TestServer server) {
    server.kill();
    pause(random.nextInt(3000));
    server.restart();
  }

  private static String terminate() {
    return "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        + " AND datname = current_database() AND application_name LIKE 'pg2adb%'"
        + " AND application_name <> 'pg2adb test'";
  }

  private void readOnlyForAWhile() {
    String database = "ALTER DATABASE " + target.name();
    execute(target, database + " SET default_transaction_read_only = on", terminate());
    pause(3000);
    execute(
        target,
        "SET default_transaction_read_only = off",
        "BEGIN READ WRITE; " + database + " RESET default_transaction_read_only; COMMIT",
        terminate());
  }

  private void fillDiskForAWhile() throws IOException {
    Path junk = java.util.Objects.requireNonNull(smallDisk).resolve("junk");
    byte[] block = new byte[64 << 10];
    try (OutputStream out = Files.newOutputStream(junk)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      say("the destination's disk is full");
    }
    pause(4000);
    Files.delete(junk);
  }

  private void killDuringCheckpoint() throws SQLException {
    try (Connection lock = lock("pg2adb.position")) {
      awaitWaiting("UPDATE \"pg2adb\".\"position\"%");
      await("a checkpoint is under way", () -> cluster.checkpointsInProgress(jobId) > 0);
      cluster.killTaskManager();
      lock.rollback();
    }
    cluster.startTaskManager();
  }

  private void killDuringSavepoint() throws Exception {
    try (Connection lock = lock("pg2adb.position")) {
      awaitWaiting("UPDATE \"pg2adb\".\"position\"%");
      await("a savepoint is under way", () -> cluster.triggerSavepoint(jobId));
      pause(300);
      cluster.killTaskManager();
      lock.rollback();
    }
    cluster.startTaskManager();
  }

  private static void pause(int millis) {
    long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  // ---- what must hold afterwards

  /** Waits until every table is loaded and the WAL has passed the newest snapshot. */
  public void awaitConsistent() {
    await(
        "the destination is consistent",
        () -> {
          failIfEnded();
          return isTrue(
              target,
              "SELECT (SELECT count(*) FROM (SELECT DISTINCT \"schema\", \"table\" FROM pg2adb.chunk) t) = "
                  + tables().size()
                  + " AND NOT EXISTS (SELECT \"schema\", \"table\", chunk FROM pg2adb.chunk_plan"
                  + " EXCEPT SELECT \"schema\", \"table\", chunk FROM pg2adb.chunk)"
                  + " AND (SELECT commit_lsn FROM pg2adb.position) >="
                  + " (SELECT snapshot_lsn FROM pg2adb.chunk ORDER BY snapshot_lsn DESC LIMIT 1)");
        });
  }

  /** From now on the bank's sum must be right whenever somebody looks. */
  public void watchBank() {
    bank.watch(target);
  }

  /** Waits until what is committed by now is in the destination, and notes how long that took. */
  public void awaitRecovered(String after) {
    long start = System.nanoTime();
    awaitCaughtUp();
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    if (time.compareTo(longest) > 0) {
      longest = time;
      longestAfter = after;
    }
    say(after + ": back after " + time.toMillis() + " ms");
  }

  private void awaitCaughtUp() {
    Lsn[] end = new Lsn[1];
    await(
        "the destination has what is committed",
        () -> {
          failIfEnded();
          // a new JobManager has none before it has the job back
          if (cluster.checkpointsCompleted(jobId) == 0) {
            return false;
          }
          if (end[0] == null) {
            end[0] = Lsn.parse(single(source, "SELECT pg_current_wal_insert_lsn()"));
          }
          Lsn position = Lsn.parse(single(target, "SELECT commit_lsn FROM pg2adb.position"));
          return position.compareTo(end[0]) >= 0;
        });
  }

  /** Holds the workload, compares every table by value, and lets it go on. */
  public void assertEqual() throws Exception {
    workload.stop();
    bank.stop();
    awaitCaughtUp();
    List<String> differences = new ArrayList<>();
    try (Connection from = source.connection();
        Connection to = target.connection()) {
      for (TableSchema table : tables()) {
        TableResult result =
            TableComparison.compare(
                from,
                to,
                table.name(),
                table.columns().stream().map(TableSchema.ColumnSchema::name).toList(),
                table.identityKey());
        if (!result.equal()) {
          differences.add(result.toString());
        }
      }
    }
    WrongRows.assertNone("tables that differ, cluster in " + cluster.folder(), differences);
    bank.looks();
    startWorkload();
  }

  private List<TableSchema> tables() {
    if (schema == null) {
      schema =
          SourceCatalog.read(
              source.endpoint(),
              TaskFile.parse(task.taskFile(), "task.yaml", Map.of()).source().selection());
    }
    return schema.tables();
  }

  private @Nullable SourceSchema schema;

  private void failIfEnded() {
    String state = cluster.state(jobId);
    if (List.of("FAILED", "CANCELED", "FINISHED", "SUSPENDED").contains(state)) {
      throw new AssertionError(
          "The job is "
              + state
              + ", cluster in "
              + cluster.folder()
              + ": "
              + cluster.exceptions(jobId));
    }
  }

  /** Says what was done. */
  public void report() throws InterruptedException {
    say(
        strikes.values().stream().mapToInt(Integer::intValue).sum()
            + " rounds, by kind "
            + strikes
            + "; longest recovery "
            + longest.toMillis()
            + " ms after "
            + longestAfter
            + "; "
            + workload.commits()
            + " commits of the random workload, "
            + bank.looks()
            + " looks at the bank");
  }

  private void count(String what) {
    strikes.merge(what, 1, Integer::sum);
  }

  // ---- sessions that may be cut off

  private interface Condition {
    boolean holds() throws Exception;
  }

  /** Ignores that a server is away; nothing else. */
  private static void await(String what, Condition condition) {
    Awaitility.await(what)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try {
                return condition.holds();
              } catch (SQLException | IllegalStateException e) {
                if (RandomWorkload.isCutOff(e)) {
                  return false;
                }
                throw e;
              }
            });
  }

  private static boolean isTrue(TestDatabase database, String sql) throws SQLException {
    return "t".equals(single(database, sql));
  }

  private static String single(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.plainConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? String.valueOf(result.getString(1)) : "";
    }
  }

  private static void execute(TestDatabase database, String... statements) {
    TestDatabase.run(database.endpoint(), statements);
  }

  @Override
  public void close() throws IOException {
    workload.close();
    bank.close();
    cluster.close();
    sourceProxy.close();
    targetProxy.close();
    if (targetServer.isOurs()) {
      targetServer.close();
    } else {
      target.close();
    }
    sourceServer.close();
    if (smallDisk != null) {
      run("umount", smallDisk.toString());
      Files.delete(smallDisk);
    }
  }
}
