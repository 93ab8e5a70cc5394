package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * A byte position in the source's write-ahead log, ordered as an unsigned 64-bit number.
 *
 * @param value the position as the wire carries it
 * @see <a href="https://www.postgresql.org/docs/current/datatype-pg-lsn.html">pg_lsn</a>
 */
public record Lsn(long value) implements Comparable<Lsn>, Serializable {

  /** Before every position; PostgreSQL's InvalidXLogRecPtr. */
  public static final Lsn NONE = new Lsn(0);

  /**
   * Reads the text form {@code XXXXXXXX/XXXXXXXX}.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1 || slash > 8 || text.length() - slash - 1 < 1 || text.length() - slash - 1 > 8) {
      throw new IllegalArgumentException("Not an LSN: \"" + text + "\"");
    }
    try {
      long high = Long.parseUnsignedLong(text.substring(0, slash), 16);
      long low = Long.parseUnsignedLong(text.substring(slash + 1), 16);
      return new Lsn(high << 32 | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("Not an LSN: \"" + text + "\"", e);
    }
  }

  /** Whether this is a real position, not {@link #NONE}. */
  public boolean isSet() {
    return value != 0;
  }

  public boolean isBefore(Lsn other) {
    return compareTo(other) < 0;
  }

  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  /** The number of WAL bytes from {@code earlier} to this, 0 if that is not earlier. */
  public long bytesSince(Lsn earlier) {
    return isAfter(earlier) ? value - earlier.value : 0;
  }

  /** The later of the two. */
  public static Lsn max(Lsn first, Lsn second) {
    return first.isBefore(second) ? second : first;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format("%X/%X", value >>> 32, value & 0xFFFFFFFFL);
  }
}
