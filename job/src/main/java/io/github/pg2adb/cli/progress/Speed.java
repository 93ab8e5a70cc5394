package io.github.pg2adb.cli.progress;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a counter grew during the last seconds. For one thread. */
final class Speed {

  private static final long WINDOW_NANOS = Duration.ofSeconds(3).toNanos();

  private final Deque<Reading> readings = new ArrayDeque<>();

  /**
   * Takes in a reading.
   *
   * @param nanos when, as {@link System#nanoTime} counts
   * @param total the counter
   * @return the growth per second, 0 while there is nothing to compare with
   */
  long perSecond(long nanos, long total) {
    readings.addLast(new Reading(nanos, total));
    while (readings.size() > 2 && nanos - readings.getFirst().nanos() > WINDOW_NANOS) {
      readings.removeFirst();
    }
    Reading first = readings.getFirst();
    long elapsed = nanos - first.nanos();
    return elapsed <= 0 ? 0 : Math.round((total - first.total()) * 1e9 / elapsed);
  }

  private record Reading(long nanos, long total) {}
}
