package io.github.pg2adb.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** What one contestant did in one line, over all rounds. */
final class Result {
  private final String contestant;
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  Result(String contestant) {
    this.contestant = contestant;
  }

  String contestant() {
    return contestant;
  }

  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  /** Why there is no measurement. */
  void remark(String why) {
    if (!remarks.contains(why)) {
      remarks.add(why);
    }
  }

  List<String> remarks() {
    return remarks;
  }

  List<Double> values() {
    return measurements.stream().map(Measurement::value).toList();
  }

  OptionalDouble median() {
    return median(values());
  }

  /** The medians of the other figures. */
  Map<String, Double> details() {
    Map<String, List<Double>> byName = new TreeMap<>();
    for (Measurement measurement : measurements) {
      measurement
          .details()
          .forEach(
              (name, value) -> byName.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    Map<String, Double> medians = new TreeMap<>();
    byName.forEach((name, values) -> medians.put(name, median(values).orElse(0)));
    return medians;
  }

  /**
   * How many times better another is.
   *
   * @return more than 1 if the other one is better; nothing if one of both has no value
   */
  OptionalDouble ratioOf(Result other, boolean moreIsBetter) {
    OptionalDouble mine = median();
    OptionalDouble theirs = other.median();
    if (mine.isEmpty() || theirs.isEmpty()) {
      return OptionalDouble.empty();
    }
    double ratio = theirs.getAsDouble() / mine.getAsDouble();
    return OptionalDouble.of(moreIsBetter ? ratio : 1 / ratio);
  }

  private static OptionalDouble median(List<Double> values) {
    if (values.isEmpty()) {
      return OptionalDouble.empty();
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1
            ? sorted[middle]
            : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow());
  }
}
