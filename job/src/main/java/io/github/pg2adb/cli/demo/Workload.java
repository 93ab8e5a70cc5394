package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * People who use the shop: sessions of their own, each with so many transactions per second until
 * {@link #stop}.
 */
final class Workload implements AutoCloseable {

  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);

  private final ScheduledExecutorService threads;
  private final List<Connection> connections = new ArrayList<>();
  private final Map<TableName, Long> changes = new ConcurrentHashMap<>();
  private final AtomicLong transactions = new AtomicLong();
  private volatile @Nullable Throwable failure;

  private Workload(int sessions) {
    threads =
        Executors.newScheduledThreadPool(
            sessions,
            task -> {
              Thread thread = new Thread(task, "shop");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts.
   *
   * @param shop the database
   * @param sessions how many work at the same time
   * @param customers how many customers the shop started with
   * @param orders how many orders the shop started with
   */
  static Workload start(Endpoint shop, int sessions, int customers, int orders)
      throws SQLException {
    Workload workload = new Workload(sessions);
    for (int session = 0; session < sessions; session++) {
      Connection connection = Sessions.open(shop, "shop");
      connection.setAutoCommit(false);
      workload.connections.add(connection);
      ShopActions actions = new ShopActions(new Random(), customers, orders);
      ScheduledFuture<?> unused =
          workload.threads.scheduleAtFixedRate(
              () -> workload.act(connection, actions), 0, INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
    }
    return workload;
  }

  /** Does one transaction; one that loses against another is rolled back, as in any shop. */
  private void act(Connection connection, ShopActions actions) {
    if (failure != null) {
      return;
    }
    try {
      ShopTransaction transaction = new ShopTransaction(connection);
      try {
        actions.any(transaction);
        transaction.commit().forEach((table, rows) -> changes.merge(table, rows, Long::sum));
        transactions.incrementAndGet();
      } catch (SQLException e) {
        connection.rollback();
        if (SqlErrors.kind(e) != ErrorKind.RETRY_TRANSACTION) {
          throw e;
        }
      }
    } catch (SQLException e) {
      failure = SqlErrors.wrap("Cannot go on with the shop", "", e);
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** How many transactions are committed. */
  long transactions() {
    return transactions.get();
  }

  /** How many rows of each table were changed by committed transactions. */
  Map<TableName, Long> changes() {
    return Map.copyOf(changes);
  }

  /** Why it has stopped by itself. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Stops and waits until every transaction has ended. */
  void stop() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot stop the shop: a transaction does not end", "");
    }
  }

  @Override
  public void close() throws SQLException {
    threads.shutdownNow();
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
