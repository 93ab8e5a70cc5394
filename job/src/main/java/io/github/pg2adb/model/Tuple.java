package io.github.pg2adb.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row as slices of one buffer, in PostgreSQL's text form and UTF-8, untouched.
 * Immutable by agreement: nobody writes into the buffer after construction, so tuples may share it
 * and may be handed between threads.
 */
public final class Tuple {

  /** The length that marks SQL NULL. */
  public static final int NULL = -1;

  /**
   * The length that marks a TOAST value that the update did not change and the WAL does not carry.
   */
  public static final int UNCHANGED = -2;

  private final byte[] buffer;
  private final int[] starts;
  private final int[] lengths;

  /**
   * @param buffer the bytes that the slices are in
   * @param starts where each value starts, meaningless for NULL and UNCHANGED
   * @param lengths how long each value is in bytes, or {@link #NULL} or {@link #UNCHANGED}
   */
  public Tuple(byte[] buffer, int[] starts, int[] lengths) {
    if (starts.length != lengths.length) {
      throw new IllegalArgumentException(
          "starts has " + starts.length + " entries and lengths " + lengths.length);
    }
    this.buffer = buffer;
    this.starts = starts;
    this.lengths = lengths;
  }

  /** A tuple of these texts, null standing for SQL NULL. */
  public static Tuple of(@Nullable String... values) {
    byte[][] encoded = new byte[values.length][];
    int[] starts = new int[values.length];
    int[] lengths = new int[values.length];
    int size = 0;
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      encoded[i] = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
      starts[i] = size;
      lengths[i] = value == null ? NULL : encoded[i].length;
      size += encoded[i].length;
    }
    byte[] buffer = new byte[size];
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(encoded[i], 0, buffer, starts[i], encoded[i].length);
    }
    return new Tuple(buffer, starts, lengths);
  }

  /** The number of values. */
  public int size() {
    return lengths.length;
  }

  /** The buffer that {@link #start} points into; not to be written. */
  public byte[] buffer() {
    return buffer;
  }

  /** Where value {@code column} starts in {@link #buffer}. */
  public int start(int column) {
    return starts[column];
  }

  /** The length of value {@code column} in bytes, or {@link #NULL} or {@link #UNCHANGED}. */
  public int length(int column) {
    return lengths[column];
  }

  public boolean isNull(int column) {
    return lengths[column] == NULL;
  }

  public boolean isUnchanged(int column) {
    return lengths[column] == UNCHANGED;
  }

  /** Whether any value is {@link #UNCHANGED}. */
  public boolean hasUnchanged() {
    for (int length : lengths) {
      if (length == UNCHANGED) {
        return true;
      }
    }
    return false;
  }

  /** The number of bytes in all values. */
  public long byteCount() {
    long sum = 0;
    for (int length : lengths) {
      sum += Math.max(length, 0);
    }
    return sum;
  }

  /** Value {@code column} as text, null for SQL NULL; for messages, tests and small values. */
  public @Nullable String text(int column) {
    if (isUnchanged(column)) {
      throw new IllegalStateException("Column " + column + " is unchanged and not known");
    }
    return isNull(column)
        ? null
        : new String(buffer, starts[column], lengths[column], StandardCharsets.UTF_8);
  }

  /**
   * Whether value {@code column} has the same bytes here as value {@code otherColumn} of {@code
   * other}.
   */
  public boolean sameValue(int column, Tuple other, int otherColumn) {
    int length = lengths[column];
    if (length != other.lengths[otherColumn]) {
      return false;
    }
    return length < 0
        || Arrays.equals(
            buffer,
            starts[column],
            starts[column] + length,
            other.buffer,
            other.starts[otherColumn],
            other.starts[otherColumn] + length);
  }

  /**
   * Compares value {@code column} with value {@code otherColumn} of {@code other}: shorter ones
   * come first, and those of one length go by their bytes. PostgreSQL's order is another one for
   * most types.
   */
  public int compareValue(int column, Tuple other, int otherColumn) {
    int length = lengths[column];
    int otherLength = other.lengths[otherColumn];
    if (length != otherLength || length < 0) {
      return Integer.compare(length, otherLength);
    }
    return Arrays.compareUnsigned(
        buffer,
        starts[column],
        starts[column] + length,
        other.buffer,
        other.starts[otherColumn],
        other.starts[otherColumn] + length);
  }

  @Override
  public boolean equals(Object object) {
    if (!(object instanceof Tuple other) || other.size() != size()) {
      return false;
    }
    for (int i = 0; i < size(); i++) {
      if (!sameValue(i, other, i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int column = 0; column < lengths.length; column++) {
      hash = 31 * hash + lengths[column];
      int end = starts[column] + Math.max(lengths[column], 0);
      for (int i = lengths[column] < 0 ? end : starts[column]; i < end; i++) {
        hash = 31 * hash + buffer[i];
      }
    }
    return hash;
  }

  /** The number of values and bytes; never the values, which may be secret. */
  @Override
  public String toString() {
    return "Tuple[" + size() + " values, " + byteCount() + " bytes]";
  }
}
