package io.github.pg2adb.source;

import java.time.Duration;
import java.util.ArrayDeque;

/** Says when a load will be done, from its speed of late. For one thread. */
final class LoadSpeed {

  private static final long WINDOW_NANOS = Duration.ofMinutes(5).toNanos();

  private record Sample(long nanos, double done) {}

  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  /**
   * How long the rest takes.
   *
   * @param nowNanos the time, by {@link System#nanoTime}
   * @param done what is done, in any unit
   * @param whole what there is, in the same unit
   * @return seconds; 0 if all is done, -1 if nothing was done of late
   */
  long secondsLeft(long nowNanos, double done, double whole) {
    samples.addLast(new Sample(nowNanos, done));
    while (nowNanos - samples.getFirst().nanos > WINDOW_NANOS) {
      samples.removeFirst();
    }
    if (done >= whole) {
      return 0;
    }
    Sample first = samples.getFirst();
    double progress = done - first.done;
    double seconds = (nowNanos - first.nanos) / 1e9;
    return progress <= 0 || seconds <= 0
        ? -1
        : (long) Math.ceil((whole - done) * seconds / progress);
  }
}
