package io.github.pg2adb.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Keeps the snapshot phase of a task open for as long as a test needs: one table, which is read
 * last since it is the smallest, is locked by another session, and a larger one gives time to lock
 * it. The lock must not be held longer than {@code lock_timeout} of our sessions.
 */
public final class HeldSnapshot implements AutoCloseable {

  private static final String GATE = "zz_gate";

  private final TestMigration migration;
  private final Connection session;

  private HeldSnapshot(TestMigration migration, Connection session) {
    this.migration = migration;
    this.session = session;
  }

  /** Creates both tables; all others must be smaller than 700 kB and not empty. */
  public static void prepare(TestDatabase source) {
    source.execute(
        "CREATE TABLE aa_bulk (id int PRIMARY KEY, pad text)",
        "INSERT INTO aa_bulk SELECT i, repeat('x', 200) FROM generate_series(1, 3000) i",
        "CREATE TABLE " + GATE + " (id int PRIMARY KEY)",
        "ANALYZE");
  }

  /** A task that reads in many small chunks, prepared for {@link #hold}. */
  public static TestMigration task(TestDatabase source, TestDatabase target) {
    return TestMigration.between(source, target).source("chunk-size", "8kb");
  }

  /** Locks the last table, after the slot was made and before the table is read. */
  public static HeldSnapshot hold(TestMigration migration, TestDatabase source, TestDatabase target)
      throws SQLException {
    migration.awaitStarted();
    Connection session = source.plainConnection();
    session.setAutoCommit(false);
    try (Statement statement = session.createStatement()) {
      statement.execute("LOCK TABLE " + GATE + " IN ACCESS EXCLUSIVE MODE");
    }
    if (target.single("SELECT 1 FROM pg2adb.chunk WHERE \"table\" = '" + GATE + "'") != null) {
      session.close();
      throw new AssertionError("The task has read everything already: make aa_bulk larger");
    }
    return new HeldSnapshot(migration, session);
  }

  /** Waits until every chunk of these tables of schema public is loaded. */
  public void awaitLoaded(String... tables) {
    migration.awaitLoaded(tables);
  }

  /** Lets the task go on. */
  @Override
  public void close() throws SQLException {
    session.close();
  }
}
