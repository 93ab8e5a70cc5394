package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * Remembers when the source's WAL ended where, which tells since when the destination has not had
 * everything. Commit times alone do not tell: an idle database has an old newest commit and no lag.
 * For one thread; times are of {@link System#nanoTime}.
 */
final class LagClock {

  /** Enough for an hour and a half of samples every 5 s; then every second one is forgotten. */
  private static final int MOST_SAMPLES = 1_000;

  private record Sample(Lsn end, long nanos) {}

  private ArrayDeque<Sample> samples = new ArrayDeque<>();

  /** The source's WAL ends here now. */
  void sourceEndsAt(Lsn end, long nowNanos) {
    Sample newest = samples.peekLast();
    if (newest != null && !end.isAfter(newest.end)) {
      samples.removeLast();
    }
    samples.addLast(new Sample(end, nowNanos));
    if (samples.size() > MOST_SAMPLES) {
      thin();
    }
  }

  private void thin() {
    ArrayDeque<Sample> kept = new ArrayDeque<>();
    int number = 0;
    for (Sample sample : samples) {
      if (number++ % 2 == 0) {
        kept.addLast(sample);
      }
    }
    samples = kept;
  }

  /**
   * Since when the destination has not had everything.
   *
   * @param applied up to where it has the WAL
   * @param commitNanos when the newest transaction that it has was committed, empty if that is not
   *     known
   * @return the earliest that it may be, empty if the destination has everything
   */
  OptionalLong behindSince(Lsn applied, OptionalLong commitNanos) {
    Sample newest = samples.peekLast();
    if (newest == null || !newest.end.isAfter(applied)) {
      return OptionalLong.empty();
    }
    Sample reached = null;
    while (!samples.isEmpty() && !samples.getFirst().end.isAfter(applied)) {
      reached = samples.removeFirst();
    }
    if (reached == null) {
      return OptionalLong.of(commitNanos.orElse(samples.getFirst().nanos));
    }
    samples.addFirst(reached);
    long since = reached.nanos;
    // times of nanoTime are compared by their difference
    return OptionalLong.of(
        commitNanos.isPresent() && commitNanos.getAsLong() - since > 0
            ? commitNanos.getAsLong()
            : since);
  }
}
