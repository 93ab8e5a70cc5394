package io.github.pg2adb.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
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
 * Money moves between two tables, so their sum is the same in every state that the source ever was
 * in, and in no other. Sessions come back when a server cuts them off.
 */
public final class Bank implements AutoCloseable {

  private static final int ACCOUNTS = 200;
  private static final long TOTAL = 2000L * ACCOUNTS;

  private final TestDatabase source;
  private final AtomicBoolean transferring = new AtomicBoolean();
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicLong looks = new AtomicLong();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> transfers = new ArrayList<>();
  private final List<Future<?>> lookers = new ArrayList<>();

  private Bank(TestDatabase source) {
    this.source = source;
  }

  /** Creates the tables. */
  public static Bank prepare(TestDatabase source) {
    for (String table : new String[] {"checking", "savings"}) {
      source.execute(
          "CREATE TABLE " + table + " (id int PRIMARY KEY, balance bigint NOT NULL)",
          "INSERT INTO " + table + " SELECT i, 1000 FROM generate_series(1, " + ACCOUNTS + ") i");
    }
    return new Bank(source);
  }

  /** Starts to move money. */
  public void start() {
    transferring.set(true);
    for (int seed = 1; seed <= 2; seed++) {
      Random random = new Random(seed);
      transfers.add(
          threads.submit(
              () -> {
                returning(transferring, source, statement -> transfer(statement, random));
                return null;
              }));
    }
  }

  /** Stops moving money. */
  public void stop() throws InterruptedException {
    transferring.set(false);
    await(transfers);
  }

  /** Looks at the sum in this database until the end; it must be consistent by now. */
  public void watch(TestDatabase target) {
    looking.set(true);
    lookers.add(
        threads.submit(
            () -> {
              returning(looking, target, this::look);
              return null;
            }));
  }

  /** How often the sum was looked at; fails if it was wrong once. */
  public long looks() throws InterruptedException {
    for (Future<?> looker : lookers) {
      if (looker.isDone()) {
        await(lookers);
      }
    }
    return looks.get();
  }

  private interface Step {
    void run(Statement statement) throws SQLException;
  }

  private static void returning(AtomicBoolean going, TestDatabase database, Step step)
      throws SQLException {
    while (going.get()) {
      try (Connection connection = database.plainConnection();
          Statement statement = connection.createStatement()) {
        while (going.get()) {
          step.run(statement);
        }
      } catch (SQLException | IllegalStateException e) {
        if (!RandomWorkload.isCutOff(e)) {
          throw e;
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  private static void transfer(Statement statement, Random random) throws SQLException {
    int amount = random.nextInt(101) - 50;
    // always in the same table order, so that the sessions do not deadlock
    statement.execute(
        "BEGIN; UPDATE checking SET balance = balance - "
            + amount
            + " WHERE id = "
            + (1 + random.nextInt(ACCOUNTS))
            + "; UPDATE savings SET balance = balance + "
            + amount
            + " WHERE id = "
            + (1 + random.nextInt(ACCOUNTS))
            + "; COMMIT");
    LockSupport.parkNanos(2_000_000);
  }

  private void look(Statement statement) throws SQLException {
    try (ResultSet result =
        statement.executeQuery(
            "SELECT (SELECT sum(balance) FROM checking) + (SELECT sum(balance) FROM savings)")) {
      result.next();
      if (result.getLong(1) != TOTAL) {
        WrongRows.assertNone(
            "the sum of all balances", List.of(result.getLong(1) + " instead of " + TOTAL));
      }
    }
    looks.incrementAndGet();
    LockSupport.parkNanos(5_000_000);
  }

  private static void await(List<Future<?>> futures) throws InterruptedException {
    for (Future<?> future : futures) {
      try {
        future.get();
      } catch (ExecutionException e) {
        throw new AssertionError("The bank failed", e.getCause());
      }
    }
    futures.clear();
  }

  @Override
  public void close() {
    transferring.set(false);
    looking.set(false);
    threads.shutdownNow();
  }
}
