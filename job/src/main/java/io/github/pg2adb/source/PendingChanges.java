package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Estimates how many changes are in WAL that the destination lacks, by how many were in the WAL
 * that it took of late. WAL is counted in bytes, and much in it is no change of the task: what
 * other tables write, indexes, vacuum. For one thread.
 */
final class PendingChanges {

  private static final long WINDOW_NANOS = Duration.ofMinutes(5).toNanos();

  private record Sample(long nanos, Lsn applied, long changes) {}

  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  /**
   * How many are left.
   *
   * @param nowNanos the time, by {@link System#nanoTime}
   * @param applied up to where the destination has the WAL
   * @param changes how many changes it has applied
   * @param lagBytes the WAL that it lacks
   * @return 0 if that is none or if nothing but other WAL was seen; -1 if no WAL was applied yet
   */
  long left(long nowNanos, Lsn applied, long changes, long lagBytes) {
    // while nothing is applied, the pace of before is the best that is known
    if (samples.isEmpty() || applied.isAfter(samples.getLast().applied)) {
      samples.addLast(new Sample(nowNanos, applied, changes));
    }
    while (samples.size() > 2 && nowNanos - samples.getFirst().nanos > WINDOW_NANOS) {
      samples.removeFirst();
    }
    if (lagBytes <= 0) {
      return 0;
    }
    Sample first = samples.getFirst();
    long bytes = applied.bytesSince(first.applied);
    return bytes <= 0
        ? -1
        : (long) Math.ceil((double) (changes - first.changes) * lagBytes / bytes);
  }
}
