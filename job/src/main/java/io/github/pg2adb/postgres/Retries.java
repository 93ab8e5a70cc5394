package io.github.pg2adb.postgres;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RetryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts one reader's or writer's failures in a row and says when to try again and when to give up.
 *
 * <p>A row of failures begins with the first and ends with {@link #succeeded}, or when no failure
 * follows for ten minutes. The limit for lost connections counts from its beginning; the limit for
 * other failures counts from the first of those since a connection was last lost. The count is kept
 * in the JVM beyond the reader or writer, so that a restart of the job by Flink goes on counting; a
 * new process starts anew. Thread-safe.
 */
public final class Retries {

  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

  private static final Map<String, Retries> KNOWN = new ConcurrentHashMap<>();

  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final int MAX_DOUBLINGS = 8;

  /** Longer than any wait of ours or of Flink's restarts. */
  private static final Duration QUIET = Duration.ofMinutes(10);

  private final String who;
  private final RetryLimits limits;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private int attempts;
  private long firstNanos;
  private long firstOtherNanos;
  private long lastNanos;
  private @Nullable ErrorKind lastKind;
  private Instant since = Instant.EPOCH;
  private Instant next = Instant.EPOCH;

  Retries(String who, RetryLimits limits, LongSupplier nanoTime, DoubleSupplier random) {
    this.who = who;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /**
   * The count of this reader or writer, which is the same object for the same name and limits.
   *
   * @param who names it in the log; unique in the process
   */
  public static Retries of(String who, RetryLimits limits) {
    return KNOWN.compute(
        who,
        (name, known) ->
            known != null && known.limits.equals(limits)
                ? known
                : new Retries(
                    name,
                    limits,
                    System::nanoTime,
                    () -> ThreadLocalRandom.current().nextDouble()));
  }

  /**
   * Counts a failure after which the same is to be tried again.
   *
   * @return how long to wait before that
   * @throws MigrationException if there is no use in it: the error itself, or one of kind {@link
   *     ErrorKind#FAIL} that says for how long it was tried
   */
  public synchronized Duration again(MigrationException error) {
    Duration wait = count(error);
    next = Instant.now().plus(wait);
    LOG.warn(
        "{} tries again: attempt {}, failing since {}, next at {}: {}",
        who,
        attempts,
        since,
        next,
        error.getMessage(),
        // the others look alike
        attempts == 1 ? error : null);
    return wait;
  }

  /**
   * Counts a failure after which Flink is to restart the job, since what was half done cannot be
   * repeated from here.
   *
   * @throws MigrationException as {@link #again} does
   */
  public synchronized void restart(MigrationException error) {
    count(error);
    next = Instant.EPOCH;
    LOG.warn(
        "{} leaves trying again to Flink: attempt {}, failing since {}: {}",
        who,
        attempts,
        since,
        error.getMessage());
  }

  private Duration count(MigrationException error) {
    Duration limit = limit(error);
    long now = nanoTime.getAsLong();
    if (attempts == 0 || now - lastNanos > QUIET.toNanos()) {
      attempts = 0;
      lastKind = null;
      firstNanos = now;
      since = Instant.now();
    }
    if (lastKind != ErrorKind.RETRY_TRANSACTION) {
      firstOtherNanos = now;
    }
    attempts++;
    lastNanos = now;
    lastKind = error.kind();
    boolean connection = error.kind() == ErrorKind.RETRY_CONNECTION;
    Duration elapsed = Duration.ofNanos(now - (connection ? firstNanos : firstOtherNanos));
    if (elapsed.compareTo(limit) >= 0) {
      throw exhausted(error, elapsed, connection);
    }
    return wait(limit.minus(elapsed));
  }

  private Duration limit(MigrationException error) {
    return switch (error.kind()) {
      case RETRY_CONNECTION -> limits.connection();
      case RETRY_TRANSACTION -> limits.other();
      case FAIL, OPERATOR -> throw error;
    };
  }

  /** Twice as long each time, and shorter by up to half so that not all come at once. */
  private Duration wait(Duration left) {
    long full =
        Math.min(
            LONGEST_WAIT.toMillis(),
            FIRST_WAIT.toMillis() << Math.min(attempts - 1, MAX_DOUBLINGS));
    long millis = full - (long) (full / 2.0 * random.getAsDouble());
    return Duration.ofMillis(Math.min(millis, left.toMillis()));
  }

  private MigrationException exhausted(
      MigrationException error, Duration elapsed, boolean connection) {
    int tried = attempts;
    succeeded();
    return new MigrationException(
        ErrorKind.FAIL,
        "Gave up after "
            + tried
            + " attempts in "
            + elapsed.toSeconds()
            + " s: "
            + error.getMessage(),
        "pipeline.retry." + (connection ? "connection" : "other") + " is how long it is tried.",
        error);
  }

  /** Ends the row of failures: something was done that stays done. */
  public synchronized void succeeded() {
    if (attempts > 0) {
      LOG.info("{} goes on after {} failures since {}", who, attempts, since);
      attempts = 0;
      since = Instant.EPOCH;
      next = Instant.EPOCH;
      lastKind = null;
    }
  }

  /** How many failures there were in a row, 0 if all is well. */
  public synchronized int attempts() {
    return attempts;
  }

  /** When the first of them was, as epoch milliseconds; 0 if all is well. */
  public synchronized long sinceMillis() {
    return since.toEpochMilli();
  }

  /** When it is tried again, as epoch milliseconds; 0 if all is well or Flink decides it. */
  public synchronized long nextMillis() {
    return next.toEpochMilli();
  }
}
