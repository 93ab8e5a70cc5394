package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Follower.Following;
import io.github.pg2adb.bench.Server.Db;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A steady load of transactions of ten updates, and the time until each of some of them is seen in
 * the destination. Every transaction also numbers a row of {@code orders}: what shows a number
 * shows everything before it, whatever is flushed together.
 *
 * @param tables what is updated, in turns
 * @param rows how many rows each has
 * @param changesPerSecond how many updates a second
 * @param seconds for how long; a third of it passes before anything is measured
 */
record SteadyLoad(List<String> tables, long rows, int changesPerSecond, int seconds) {
  private static final int UPDATES = 10;

  /**
   * Starts the follower, writes, and looks.
   *
   * @return the median in ms, with the 99th percentile and the rate that was reached
   */
  Measurement measure(Arena arena, Following following) throws Exception {
    String mark = "0";
    Orders.mark(arena.source(), mark);
    following.start(mark);
    try (Connection sink = arena.sink().connect()) {
      Waiting.until("the follower is there", () -> following.isCaughtUp(sink, mark));
    }
    // commit times of the numbers that were not seen yet, and the delays of those that were
    ConcurrentSkipListMap<Long, Long> committed = new ConcurrentSkipListMap<>();
    Map<Long, Double> delays = new TreeMap<>();
    AtomicLong last = new AtomicLong(-1);
    ExecutorService writer = Executors.newSingleThreadExecutor();
    try {
      long begin = System.nanoTime();
      Future<?> writing =
          writer.submit(
              () -> {
                last.set(write(arena.source(), begin, committed));
                return last;
              });
      try (Connection sink = arena.sink().connect()) {
        Waiting.untilAtOnce(
            "the last number has arrived",
            () -> {
              following.check();
              look(sink, committed, delays);
              return writing.isDone() && committed.isEmpty();
            });
      }
      writing.get();
    } finally {
      writer.shutdownNow();
    }
    long transactions = last.get();
    double[] sorted =
        delays.entrySet().stream()
            .filter(delay -> delay.getKey() > transactions / 3)
            .mapToDouble(Map.Entry::getValue)
            .sorted()
            .toArray();
    return Measurement.of(percentile(sorted, 0.5))
        .with("p99 ms", percentile(sorted, 0.99))
        .with("max ms", percentile(sorted, 1))
        .with("changes/s reached", transactions * (UPDATES + 1.0) / seconds);
  }

  /**
   * Writes transactions at their times, or as fast as it can when it is late.
   *
   * @return how many it has committed
   */
  private long write(Db source, long begin, Map<Long, Long> committed) throws SQLException {
    double interval = 1e9 * (UPDATES + 1) / changesPerSecond;
    long end = begin + TimeUnit.SECONDS.toNanos(seconds);
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (long number = 1; ; number++) {
        long due = begin + (long) (number * interval);
        if (due > end || System.nanoTime() > end) {
          return number - 1;
        }
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        String table = tables.get((int) (number % tables.size()));
        statement.execute(
            "UPDATE "
                + table
                + " SET amount = amount + 1 WHERE id = ANY ("
                + Arrays.toString(ids(number)).replace("[", "ARRAY[")
                + "::bigint[]); UPDATE orders SET note = '"
                + number
                + "' WHERE id = 1");
        connection.commit();
        committed.put(number, System.nanoTime());
      }
    }
  }

  /** Ten rows other than the first, spread over the table. */
  private long[] ids(long number) {
    long[] ids = new long[UPDATES];
    for (int i = 0; i < UPDATES; i++) {
      ids[i] = 2 + (number * UPDATES + i) * 7919 % (rows - 1);
    }
    return ids;
  }

  private static void look(
      Connection sink, ConcurrentSkipListMap<Long, Long> committed, Map<Long, Double> delays)
      throws SQLException {
    long seen = Long.parseLong(Db.text(sink, Orders.MARKER));
    long now = System.nanoTime();
    // one by one: the writer may add a number that was seen before its commit was known
    for (Map.Entry<Long, Long> first = committed.firstEntry();
        first != null && first.getKey() <= seen;
        first = committed.firstEntry()) {
      delays.put(first.getKey(), Math.max(0, now - first.getValue()) / 1e6);
      committed.remove(first.getKey());
    }
  }

  /** The smallest value that is not below the part of all. */
  static double percentile(double[] sorted, double part) {
    if (sorted.length == 0) {
      throw new IllegalArgumentException("nothing was measured");
    }
    return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
  }
}
