package io.github.pg2adb.config;

/**
 * A number of bytes.
 *
 * @param bytes how many, at least 0
 */
public record MemorySize(long bytes) implements Comparable<MemorySize> {

  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;

  public MemorySize {
    if (bytes < 0) {
      throw new IllegalArgumentException("A size cannot be negative: " + bytes);
    }
  }

  static MemorySize ofKib(long kib) {
    return new MemorySize(kib * KIB);
  }

  static MemorySize ofMib(long mib) {
    return new MemorySize(mib * MIB);
  }

  @Override
  public int compareTo(MemorySize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** As the task file takes it, in the largest unit that makes it a whole number. */
  @Override
  public String toString() {
    if (bytes % MIB == 0) {
      return bytes / MIB + "mb";
    }
    return bytes % KIB == 0 ? bytes / KIB + "kb" : bytes + "b";
  }
}
