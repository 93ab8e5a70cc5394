package io.github.pg2adb.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What came out.
 *
 * @param facts the machine and the servers
 * @param scale how much there was to do, by name
 * @param rounds how often each contestant had its turn
 * @param lines one for each piece of work
 */
record Report(
    Map<String, String> facts, Map<String, Long> scale, int rounds, List<LineResult> lines) {

  /** The contestant that the others are compared with. */
  static final String SUBJECT = "pg2adb";

  /**
   * One line's results.
   *
   * @param results in the order of the line's turns
   */
  record LineResult(Line line, List<Result> results) {
    LineResult {
      results = List.copyOf(results);
    }
  }

  /** Whether pg2adb, or its turn of some kind, has failed somewhere. */
  boolean hasSubjectFailed() {
    return lines.stream()
        .anyMatch(line -> !line.results().isEmpty() && line.results().get(0).median().isEmpty());
  }

  /** Markdown tables that can also be read as they are. */
  String text() {
    StringBuilder text = new StringBuilder();
    facts.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    text.append("rounds: ").append(rounds).append(", median\n");
    for (LineResult line : lines) {
      text.append('\n').append(table(line));
    }
    return text.toString();
  }

  private static String table(LineResult result) {
    Line line = result.line();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of(line.work(), line.unit(), "ratio", "rounds", "besides"));
    Result first = result.results().get(0);
    for (Result each : result.results()) {
      OptionalDouble ratio =
          each == first || !isCompared(first)
              ? OptionalDouble.empty()
              : each.ratioOf(first, line.moreIsBetter());
      rows.add(
          List.of(
              each.contestant(),
              each.median().isPresent() ? number(each.median().getAsDouble()) : "-",
              ratio.isPresent() ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble()) : "",
              each.values().stream().map(Report::number).collect(Collectors.joining(" ")),
              besides(each)));
    }
    return table(rows);
  }

  /** Turns of pg2adb that do different work have names of their own, and no ratio. */
  private static boolean isCompared(Result first) {
    return first.contestant().equals(SUBJECT);
  }

  private static String besides(Result result) {
    List<String> texts = new ArrayList<>();
    result.details().forEach((name, value) -> texts.add(name + " " + number(value)));
    texts.addAll(result.remarks());
    return String.join("; ", texts).replace("\n", " ").replace("|", "\\|");
  }

  private static String table(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        text.append("|---|--:|--:|---|---|\n");
      }
    }
    return text.toString();
  }

  /** Three digits at least, and no more behind the point than say something. */
  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
  }

  String json() throws JsonProcessingException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("facts", facts);
    root.put("scale", scale);
    root.put("rounds", rounds);
    root.put("lines", lines.stream().map(Report::json).toList());
    return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root);
  }

  private static Map<String, Object> json(LineResult result) {
    Line line = result.line();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", line.name());
    values.put("work", line.work());
    values.put("unit", line.unit());
    values.put("more-is-better", line.moreIsBetter());
    Result first = result.results().get(0);
    List<Map<String, Object>> contestants = new ArrayList<>();
    for (Result each : result.results()) {
      Map<String, Object> contestant = new LinkedHashMap<>();
      contestant.put("name", each.contestant());
      contestant.put("values", each.values());
      each.median().ifPresent(median -> contestant.put("median", median));
      if (each != first && isCompared(first)) {
        each.ratioOf(first, line.moreIsBetter())
            .ifPresent(ratio -> contestant.put("pg2adb-is-better-by", ratio));
      }
      contestant.put("besides", each.details());
      contestant.put("remarks", each.remarks());
      contestants.add(contestant);
    }
    values.put("contestants", contestants);
    return values;
  }
}
