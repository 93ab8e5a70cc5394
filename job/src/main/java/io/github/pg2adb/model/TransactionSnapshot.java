package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Which transactions a query saw, as {@code txid_current_snapshot()} reports it. It answers the
 * question on which the hand-off from snapshot to WAL rests: was the transaction with this xid
 * already in what the chunk read?
 *
 * <p>Transaction ids here are 64 bits wide (epoch and xid). The WAL carries the lower 32 bits only;
 * {@link #sees(int)} takes those and places them next to this snapshot, which is right as long as
 * the two are less than 2^31 transactions apart: PostgreSQL itself allows no more.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS">snapshot
 *     parts</a>
 */
public final class TransactionSnapshot implements Serializable {

  private static final long serialVersionUID = 1L;

  private final long xmin;
  private final long xmax;
  private final long[] running;

  private TransactionSnapshot(long xmin, long xmax, long[] running) {
    this.xmin = xmin;
    this.xmax = xmax;
    this.running = running;
  }

  /**
   * Reads {@code xmin:xmax:xip,xip,...}.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static TransactionSnapshot parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("Not a transaction snapshot: \"" + text + "\"");
    }
    try {
      long[] running =
          parts[2].isEmpty()
              ? new long[0]
              : Arrays.stream(parts[2].split(",", -1))
                  .mapToLong(Long::parseLong)
                  .sorted()
                  .toArray();
      return new TransactionSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("Not a transaction snapshot: \"" + text + "\"", e);
    }
  }

  /** Every transaction below this 64-bit id is visible, if it committed. */
  public long xmin() {
    return xmin;
  }

  /** No transaction at or above this 64-bit id is visible. */
  public long xmax() {
    return xmax;
  }

  /**
   * Whether the committed transaction with this id is visible in the snapshot.
   *
   * @param xid the 32-bit id of a top-level transaction, as the WAL carries it
   */
  public boolean sees(int xid) {
    long wide = widen(xid);
    return wide < xmax && Arrays.binarySearch(running, wide) < 0;
  }

  /**
   * What both this and the other snapshot see: {@code sees} is true of it where it is true of both.
   */
  public TransactionSnapshot and(TransactionSnapshot other) {
    long end = Math.min(xmax, other.xmax);
    long[] either =
        LongStream.concat(Arrays.stream(running), Arrays.stream(other.running))
            .filter(xid -> xid < end)
            .sorted()
            .distinct()
            .toArray();
    return new TransactionSnapshot(Math.min(xmin, other.xmin), end, either);
  }

  /** The 64-bit id nearest to this snapshot that has these lower 32 bits. */
  public long widen(int xid) {
    int distance = xid - (int) xmax;
    return xmax + distance;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TransactionSnapshot that
        && xmin == that.xmin
        && xmax == that.xmax
        && Arrays.equals(running, that.running);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(xmin) * 31 + Long.hashCode(xmax);
  }

  /** The text form that {@link #parse} reads. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(xmin).append(':').append(xmax).append(':');
    for (int i = 0; i < running.length; i++) {
      text.append(i == 0 ? "" : ",").append(running[i]);
    }
    return text.toString();
  }
}
