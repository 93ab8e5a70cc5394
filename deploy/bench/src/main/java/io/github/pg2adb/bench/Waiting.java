package io.github.pg2adb.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for facts by asking again and again. */
final class Waiting {

  /** Nothing that is measured here takes longer, unless it never ends. */
  private static final Duration LIMIT = Duration.ofHours(2);

  private static final long SHORT_INTERVAL = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(20);

  /** For what takes many seconds: whoever looks all the time takes what is measured. */
  private static final long LONG_INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long DISPATCHED_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  private Waiting() {}

  /** A question about a server. */
  @FunctionalInterface
  interface Fact {
    boolean isSo() throws Exception;
  }

  /**
   * Returns as soon as the fact is so, looked at every 20 ms.
   *
   * @param claim the fact in words, for the error
   * @return {@link System#nanoTime} right after it was seen
   * @throws IllegalStateException if it cannot be asked, or does not become so in two hours
   */
  static long until(String claim, Fact fact) {
    return until(claim, fact, INTERVAL);
  }

  /** As {@link #until(String, Fact)}, looked at every 5 ms, for what takes some milliseconds. */
  static long untilAtOnce(String claim, Fact fact) {
    return until(claim, fact, SHORT_INTERVAL);
  }

  /**
   * As {@link #until(String, Fact)}, looked at every 50 ms, and every 100 ms where Greenplum sends
   * the question to all segments.
   */
  static long untilAtLast(Arena arena, String claim, Fact fact) {
    return until(claim, fact, arena.sinkGreenplum() ? DISPATCHED_INTERVAL : LONG_INTERVAL);
  }

  private static long until(String claim, Fact fact, long interval) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        if (fact.isSo()) {
          return System.nanoTime();
        }
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("Cannot tell whether " + claim + ": " + e.getMessage(), e);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "Waited for " + LIMIT.toHours() + " hours until " + claim + ".");
      }
      LockSupport.parkNanos(interval);
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("Interrupted while waiting until " + claim + ".");
      }
    }
  }
}
