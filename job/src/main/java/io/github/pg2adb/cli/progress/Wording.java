package io.github.pg2adb.cli.progress;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Wording {

  private Wording() {}

  /** Such as {@code 1,234,567}. */
  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Such as {@code 512 B}, {@code 34.5 kB}, {@code 1.2 GB}; a kB has 1,000 bytes. */
  public static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    double value = bytes;
    String unit = "B";
    for (String next : new String[] {"kB", "MB", "GB", "TB"}) {
      if (value < 1_000) {
        break;
      }
      value /= 1_000;
      unit = next;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }

  /** Milliseconds up to ten seconds, then seconds. */
  public static String time(Duration time) {
    long millis = time.toMillis();
    return millis < 10_000
        ? count(millis) + " ms"
        : String.format(Locale.ROOT, "%,.1f s", millis / 1000.0);
  }
}
