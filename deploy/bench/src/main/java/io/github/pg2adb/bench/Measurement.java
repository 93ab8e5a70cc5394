package io.github.pg2adb.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * What one contestant did once.
 *
 * @param value in the line's unit
 * @param details other figures by name, with their unit in it
 */
record Measurement(double value, Map<String, Double> details) {

  Measurement {
    details = new TreeMap<>(details);
  }

  static Measurement of(double value) {
    return new Measurement(value, Map.of());
  }

  /**
   * Work per second.
   *
   * @param amount rows or changes
   * @param nanos how long they took
   */
  static Measurement rate(long amount, long nanos) {
    return of(amount / seconds(nanos));
  }

  Measurement with(String name, double figure) {
    Map<String, Double> more = new TreeMap<>(details);
    more.put(name, figure);
    return new Measurement(value, more);
  }

  static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
