package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.JobMetric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Finds in Flink's metrics what fails and tries again. The names of metrics are {@code
 * SUBTASK.OPERATOR.METRIC} of tasks and {@code OPERATOR.enumerator.METRIC} of a coordinator.
 */
final class RetryMetrics {

  private static final String ATTEMPTS = "." + JobMetric.READER_RETRY_ATTEMPTS.word();
  private static final String SINCE = "." + JobMetric.READER_RETRYING_SINCE.word();
  private static final String NEXT = "." + JobMetric.READER_NEXT_RETRY.word();

  /** Metrics asked for at once: their names are in the request's line, whose length has a limit. */
  private static final int ASKED_AT_ONCE = 20;

  /** A place whose metrics Flink keeps together. */
  interface Place {

    /** The names of its metrics. */
    Collection<String> names();

    /** The values of these metrics by name; what has no value any more is absent. */
    Map<String, String> values(List<String> names);
  }

  private RetryMetrics() {}

  /**
   * What fails and tries again in a place, the one that has failed for longest first.
   *
   * @param describe makes a part's name of a metric's name without its last word
   */
  static List<Retrying> in(Place place, UnaryOperator<String> describe) {
    List<String> parts =
        place.names().stream()
            .filter(name -> name.endsWith(ATTEMPTS))
            .map(name -> name.substring(0, name.length() - ATTEMPTS.length()))
            .toList();
    Map<String, String> attempts = values(place, parts, ATTEMPTS);
    List<String> failing =
        parts.stream().filter(part -> number(attempts, part + ATTEMPTS) > 0).toList();
    Map<String, String> times = new HashMap<>(values(place, failing, SINCE));
    times.putAll(values(place, failing, NEXT));
    return failing.stream()
        .map(
            part ->
                new Retrying(
                    describe.apply(part),
                    number(attempts, part + ATTEMPTS),
                    Instant.ofEpochMilli(number(times, part + SINCE)),
                    Optional.of(number(times, part + NEXT))
                        .filter(millis -> millis > 0)
                        .map(Instant::ofEpochMilli)))
        // it may have gone on between the two questions
        .filter(retrying -> retrying.since().isAfter(Instant.EPOCH))
        .sorted(Comparator.comparing(Retrying::since))
        .toList();
  }

  private static Map<String, String> values(Place place, List<String> parts, String metric) {
    List<String> names = parts.stream().map(part -> part + metric).toList();
    Map<String, String> values = new HashMap<>();
    List<String> asked = new ArrayList<>();
    for (String name : names) {
      asked.add(name);
      if (asked.size() == ASKED_AT_ONCE) {
        values.putAll(place.values(asked));
        asked = new ArrayList<>();
      }
    }
    if (!asked.isEmpty()) {
      values.putAll(place.values(asked));
    }
    return values;
  }

  private static long number(Map<String, String> values, String name) {
    return Long.parseLong(values.getOrDefault(name, "0"));
  }
}
