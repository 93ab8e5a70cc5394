package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Money moves between two tables, so their sum is the same in every state that the source ever was
 * in, and in no other.
 */
class ConsistencyITCase {

  private static final int ACCOUNTS = 200;
  private static final String SUM =
      "SELECT (SELECT sum(balance) FROM checking) + (SELECT sum(balance) FROM savings)";

  @Test
  void showsOnlyStatesThatTheSourceWasIn() throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger looks = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      for (String table : new String[] {"checking", "savings"}) {
        source.execute(
            "CREATE TABLE " + table + " (id int PRIMARY KEY, balance bigint NOT NULL)",
            "INSERT INTO " + table + " SELECT i, 1000 FROM generate_series(1, " + ACCOUNTS + ") i");
      }
      Future<?> first = threads.submit(() -> transfer(source, 1, stopped));
      Future<?> second = threads.submit(() -> transfer(source, 2, stopped));
      try (TestMigration migration =
          TestMigration.between(source, target).pipeline("parallelism", "2").start()) {
        migration.awaitConsistent();
        Future<?> reader = threads.submit(() -> look(target, stopped, looks));
        Awaitility.await("enough looks")
            .atMost(Duration.ofMinutes(1))
            .until(() -> looks.get() > 300 || reader.isDone());
        stopped.set(true);
        first.get();
        second.get();
        reader.get();
        migration.awaitCaughtUp().assertEqual();
      }
    } finally {
      stopped.set(true);
      threads.shutdownNow();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean transfer(TestDatabase source, int seed, AtomicBoolean stopped)
      throws Exception {
    Random random = new Random(seed);
    try (Connection connection = source.plainConnection();
        Statement statement = connection.createStatement()) {
      while (!stopped.get()) {
        int amount = 1 + random.nextInt(50);
        int from = 1 + random.nextInt(ACCOUNTS);
        int to = 1 + random.nextInt(ACCOUNTS);
        boolean forth = random.nextBoolean();
        // always in the same table order, so that the two sessions do not deadlock
        statement.execute(
            "BEGIN; UPDATE checking SET balance = balance - "
                + (forth ? amount : -amount)
                + " WHERE id = "
                + from
                + "; UPDATE savings SET balance = balance + "
                + (forth ? amount : -amount)
                + " WHERE id = "
                + to
                + "; COMMIT");
      }
    }
    return true;
  }

  private static boolean look(TestDatabase target, AtomicBoolean stopped, AtomicInteger looks)
      throws Exception {
    try (Connection connection = target.plainConnection();
        Statement statement = connection.createStatement()) {
      while (!stopped.get()) {
        try (java.sql.ResultSet result = statement.executeQuery(SUM)) {
          assertThat(result.next()).isTrue();
          assertThat(result.getLong(1)).as("sum of all balances").isEqualTo(2000L * ACCOUNTS);
        }
        looks.incrementAndGet();
      }
    }
    return true;
  }
}
