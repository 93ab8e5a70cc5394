package io.github.pg2adb.model;

import java.io.Serializable;
import java.time.Duration;

/**
 * For how long failures are retried before the job fails with the last of them.
 *
 * @param connection while a server cannot be reached, or is starting or stopping
 * @param other while transactions lose against others or a server refuses to write; shorter than
 *     {@code connection}
 */
public record RetryLimits(Duration connection, Duration other) implements Serializable {

  /** Half a day for a server that is away, ten minutes for everything else. */
  public static final RetryLimits DEFAULT =
      new RetryLimits(Duration.ofHours(12), Duration.ofMinutes(10));

  public RetryLimits {
    if (other.compareTo(connection) >= 0) {
      throw new IllegalArgumentException(
          "Other failures are retried for " + other + ", lost connections for " + connection);
    }
  }
}
