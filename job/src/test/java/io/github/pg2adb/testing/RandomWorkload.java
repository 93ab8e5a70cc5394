package io.github.pg2adb.testing;

import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sessions that write what a seed says into tables of every shape that replication treats
 * differently, until stopped. Nothing predicts the result: source and destination are compared
 * after it.
 */
public final class RandomWorkload implements AutoCloseable {

  /** Keys are drawn from a small range, so that sessions meet on the same rows. */
  private static final int KEYS = 400;

  /**
   * Not while a slot is being created: PostgreSQL forgets what changed the catalog at a certain
   * moment of that, and such a slot fails for ever with "could not map filenumber".
   */
  private static final String TRUNCATE =
      "DO $$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE database = current_database()"
          + " AND confirmed_flush_lsn IS NOT NULL) THEN TRUNCATE emptied; END IF; END $$";

  /**
   * How long a session rests after a transaction. Sessions that never do leave a small machine no
   * time for what is tested.
   */
  private static final long REST_NANOS = 5_000_000;

  private final TestDatabase database;
  private final String schema;
  private final long seed;
  private final String emptying;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicLong commits = new AtomicLong();
  private final ExecutorService sessions = Executors.newCachedThreadPool();
  private final List<Future<?>> results = new ArrayList<>();
  private volatile boolean survivesCrashes;
  private int sessionsStarted;

  private RandomWorkload(TestDatabase database, String schema, long seed) {
    this.database = database;
    this.schema = schema;
    this.seed = seed;
    // PostgreSQL 10 does not publish TRUNCATE
    this.emptying = isVersion10(database) ? "DELETE FROM emptied" : TRUNCATE;
  }

  /** Creates the tables and puts {@code rows} rows into the larger ones. */
  public static RandomWorkload prepare(TestDatabase database, long seed, int rows) {
    return prepare(database, "public", seed, rows);
  }

  /** As {@link #prepare(TestDatabase, long, int)}, in this schema, which is created if need be. */
  public static RandomWorkload prepare(TestDatabase database, String schema, long seed, int rows) {
    database.execute(
        "CREATE SCHEMA IF NOT EXISTS " + Sql.quote(schema),
        "SET search_path TO " + Sql.quote(schema));
    database.execute(partedTable(database));
    database.execute(
        "CREATE TABLE plain (id bigint PRIMARY KEY, a int, b text, c numeric)",
        "CREATE TABLE composite (k1 text, k2 int, v jsonb, PRIMARY KEY (k1, k2))",
        "CREATE TABLE toast (id int PRIMARY KEY, big text, other text, small int)",
        "ALTER TABLE toast ALTER big SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL",
        "CREATE TABLE toast_full (id int PRIMARY KEY, big text, small int)",
        "ALTER TABLE toast_full ALTER big SET STORAGE EXTERNAL",
        "ALTER TABLE toast_full REPLICA IDENTITY FULL",
        "CREATE TABLE no_key (a int, b text, c text)",
        "ALTER TABLE no_key ALTER c SET STORAGE EXTERNAL",
        "ALTER TABLE no_key REPLICA IDENTITY FULL",
        "CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, n int)",
        "CREATE UNIQUE INDEX by_index_code ON by_index (code)",
        "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code",
        "CREATE TABLE emptied (id int PRIMARY KEY, x text)",
        "CREATE TABLE only_key (a int, b int, PRIMARY KEY (a, b))",
        "INSERT INTO plain SELECT i, i, 'start ' || i, i / 7.0 FROM generate_series(1, "
            + rows
            + ") i",
        "INSERT INTO composite SELECT 'k' || i % 97, i, '{\"i\": 1}' FROM generate_series(1, "
            + rows
            + ") i",
        "INSERT INTO toast SELECT i, repeat(md5(i::text), 100), repeat(md5(i::text || 'o'), 90), i FROM generate_series(1, "
            + KEYS
            + ") i",
        "INSERT INTO toast_full SELECT i, repeat(md5(i::text), 100), i FROM generate_series(1, "
            + KEYS
            + ") i",
        "INSERT INTO no_key SELECT i % 50, 'dup', repeat(md5((i % 50)::text), 100) FROM generate_series(1, 500) i",
        "INSERT INTO by_index SELECT i, 'c' || i, i FROM generate_series(1, " + KEYS + ") i",
        "INSERT INTO parted SELECT i, (ARRAY['n', 's', 'e', 'w'])[1 + i % 4], i FROM generate_series(1, "
            + KEYS
            + ") i",
        "ANALYZE",
        "SET search_path TO public");
    return new RandomWorkload(database, schema, seed);
  }

  /**
   * PostgreSQL 10 has neither keys nor upserts on partitioned tables: an ordinary one takes the
   * place there.
   */
  private static String[] partedTable(TestDatabase database) {
    String columns = "CREATE TABLE parted (id int, region text, v int, PRIMARY KEY (id, region))";
    return isVersion10(database)
        ? new String[] {columns}
        : new String[] {
          columns + " PARTITION BY LIST (region)",
          "CREATE TABLE parted_north PARTITION OF parted FOR VALUES IN ('n')",
          "CREATE TABLE parted_other PARTITION OF parted FOR VALUES IN ('s', 'e', 'w')"
        };
  }

  private static boolean isVersion10(TestDatabase database) {
    return Integer.parseInt(String.valueOf(database.single("SHOW server_version_num"))) < 110_000;
  }

  /** Lets the sessions come back when the server cuts them off, instead of failing. */
  public RandomWorkload survivingCrashes() {
    survivesCrashes = true;
    return this;
  }

  /** Starts this many sessions; again after {@link #stop}. */
  public RandomWorkload start(int sessionCount) {
    stopped.set(false);
    for (int i = 0; i < sessionCount; i++) {
      Random random = new Random(seed * 1000 + sessionsStarted++);
      results.add(
          sessions.submit(
              () -> {
                runUntilStopped(random);
                return null;
              }));
    }
    return this;
  }

  /** How many transactions have committed. */
  public long commits() {
    return commits.get();
  }

  private void runUntilStopped(Random random) throws SQLException {
    while (!stopped.get()) {
      try {
        run(random);
      } catch (SQLException | IllegalStateException e) {
        if (!survivesCrashes || !isCutOff(e)) {
          throw e;
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  /** Whether the server was killed, or cut the session off, or is starting. */
  static boolean isCutOff(Exception error) {
    Throwable cause = error instanceof SQLException ? error : error.getCause();
    return cause instanceof SQLException e
        && e.getSQLState() != null
        && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P"));
  }

  private void run(Random random) throws SQLException {
    try (Connection connection = database.plainConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET search_path TO " + Sql.quote(schema));
      connection.setAutoCommit(false);
      while (!stopped.get()) {
        try {
          transaction(random, connection, statement);
          LockSupport.parkNanos(REST_NANOS);
        } catch (SQLException e) {
          if (isCutOff(e)) {
            throw e;
          }
          connection.rollback();
          // two sessions met: a duplicate key or a deadlock, which an application would see too
          if (e.getSQLState() == null
              || !(e.getSQLState().startsWith("23") || e.getSQLState().startsWith("40"))) {
            throw e;
          }
        }
      }
    }
  }

  private void transaction(Random random, Connection connection, Statement statement)
      throws SQLException {
    int size = random.nextInt(20) == 0 ? 200 : 1 + random.nextInt(8);
    for (int i = 0; i < size; i++) {
      if (random.nextInt(5) == 0) {
        Savepoint savepoint = connection.setSavepoint();
        statement.execute(statement(random));
        if (random.nextBoolean()) {
          connection.rollback(savepoint);
        }
      } else {
        statement.execute(statement(random));
      }
    }
    if (random.nextInt(10) == 0) {
      connection.rollback();
    } else {
      connection.commit();
      commits.incrementAndGet();
    }
  }

  private String statement(Random random) {
    int key = 1 + random.nextInt(KEYS);
    int other = 1 + random.nextInt(KEYS);
    int value = random.nextInt();
    String big = "repeat(md5('" + value + "'), " + (80 + random.nextInt(60)) + ")";
    return switch (random.nextInt(30)) {
      case 0, 1 ->
          "INSERT INTO plain VALUES ("
              + key
              + ", 1, 'a\tb\\c\nd', "
              + value
              + ".50) ON CONFLICT DO NOTHING";
      case 2, 3 -> "UPDATE plain SET a = " + value + ", b = NULL WHERE id = " + key;
      case 4 -> "UPDATE plain SET c = c + 1 WHERE id BETWEEN " + key + " AND " + (key + 20);
      case 5 -> "DELETE FROM plain WHERE id = " + key;
      case 6 -> "UPDATE plain SET id = " + other + " WHERE id = " + key;
      case 7 ->
          "INSERT INTO composite VALUES ('k"
              + key % 97
              + "', "
              + other
              + ", '{\"v\": "
              + value
              + "}') ON CONFLICT (k1, k2) DO UPDATE SET v = excluded.v";
      case 8 -> "DELETE FROM composite WHERE k1 = 'k" + key % 97 + "' AND k2 = " + other;
      case 9 ->
          "UPDATE composite SET k2 = k2 + 100000 WHERE k1 = 'k" + key % 97 + "' AND k2 = " + other;
      case 10, 11 -> "UPDATE toast SET small = " + value + " WHERE id = " + key;
      case 12 -> "UPDATE toast SET big = " + big + " WHERE id = " + key;
      case 13 -> "UPDATE toast SET other = " + big + ", small = 1 WHERE id = " + key;
      case 14 -> "UPDATE toast SET id = " + other + " WHERE id = " + key;
      case 15 -> "DELETE FROM toast WHERE id = " + key;
      case 16 ->
          "INSERT INTO toast VALUES ("
              + key
              + ", "
              + big
              + ", "
              + big
              + ", 0) ON CONFLICT DO NOTHING";
      case 17 -> "UPDATE toast_full SET small = " + value + " WHERE id = " + key;
      case 18 -> "UPDATE toast_full SET id = " + other + ", small = 2 WHERE id = " + key;
      case 19 ->
          "INSERT INTO no_key VALUES ("
              + key % 50
              + ", 'dup', "
              + big
              + "), ("
              + key % 50
              + ", NULL, '')";
      case 20 ->
          "UPDATE no_key SET b = '"
              + value % 3
              + "' WHERE ctid = (SELECT min(ctid) FROM no_key WHERE a = "
              + key % 50
              + ")";
      case 21 ->
          "DELETE FROM no_key WHERE ctid IN (SELECT ctid FROM no_key WHERE a = "
              + key % 50
              + " LIMIT 2)";
      case 22 ->
          "UPDATE by_index SET id = id + 1000000, n = "
              + value
              + " WHERE code = 'c"
              + key
              + "' AND id < 1000000000";
      case 23 -> "UPDATE by_index SET code = 'd" + other + "' WHERE code = 'c" + key + "'";
      case 24 -> "DELETE FROM by_index WHERE code = 'c" + key + "'";
      case 25 ->
          "INSERT INTO by_index VALUES (" + key + ", 'c" + key + "', 0) ON CONFLICT DO NOTHING";
      case 26 ->
          "UPDATE parted SET region = (ARRAY['n', 's', 'e', 'w'])[1 + "
              + other % 4
              + "] WHERE id = "
              + key;
      case 27 ->
          "INSERT INTO parted VALUES (" + key + ", 'n', " + value + ") ON CONFLICT DO NOTHING";
      case 28 ->
          random.nextInt(10) == 0
              ? emptying
              : "INSERT INTO emptied VALUES ("
                  + key
                  + ", 'x') ON CONFLICT (id) DO UPDATE SET x = emptied.x || 'y'";
      default ->
          random.nextBoolean()
              ? "INSERT INTO only_key VALUES ("
                  + key % 20
                  + ", "
                  + other % 20
                  + ") ON CONFLICT DO NOTHING"
              : "DELETE FROM only_key WHERE a = " + key % 20 + " AND b = " + other % 20;
    };
  }

  /** Stops the sessions and waits for them; fails if one of them failed. */
  public void stop() throws InterruptedException {
    stopped.set(true);
    for (Future<?> result : results) {
      try {
        result.get();
      } catch (ExecutionException e) {
        throw new AssertionError("The workload failed, seed " + seed, e.getCause());
      }
    }
    results.clear();
  }

  @Override
  public void close() {
    stopped.set(true);
    sessions.shutdownNow();
  }
}
