package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.precheck.Finding;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.precheck.PrecheckReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A precheck's report for people and for programs. */
final class PrecheckOutput {

  private static final int NARROWEST = 40;
  private static final int WIDEST = 120;
  private static final String INDENT = "  ";

  private PrecheckOutput() {}

  /** {@code {"errors": 0, "warnings": 1, ..., "findings": [...]}} with a line feed at the end. */
  static String json(PrecheckReport report) throws JsonProcessingException {
    Map<String, Object> root = new LinkedHashMap<>();
    for (Result result : Result.values()) {
      root.put(result.name().toLowerCase(Locale.ROOT), report.of(result).size());
    }
    root.put("findings", report.findings().stream().map(PrecheckOutput::fields).toList());
    return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root)
        + "\n";
  }

  private static Map<String, Object> fields(Finding finding) {
    PrecheckCode code = finding.code();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("code", code.name());
    fields.put("title", code.title());
    fields.put("result", finding.result().name().toLowerCase(Locale.ROOT));
    fields.put("objects", finding.objects());
    fields.put("finding", finding.why());
    fields.put("reason", code.reason());
    fields.put(
        "mend",
        Map.of(
            "place", finding.mend().place().name().toLowerCase(Locale.ROOT).replace('_', '-'),
            "steps", finding.mend().steps()));
    fields.put("fixable", finding.isFixable());
    fields.put("ignorable", code.isIgnorable());
    return fields;
  }

  /**
   * One line per code, and below it what is wrong and what mends it; errors come last, where a
   * terminal shows them.
   *
   * @param width how many characters a line may have, except commands, which are for copying
   */
  static String table(PrecheckReport report, int width) {
    int columns = Math.max(NARROWEST, Math.min(WIDEST, width));
    StringBuilder text = new StringBuilder();
    for (Result result : List.of(Result.PASS, Result.SKIPPED, Result.WARNING, Result.ERROR)) {
      report.of(result).forEach(finding -> describe(finding, columns, text));
    }
    return text.append(
            String.format(
                "%n%d passed, %d skipped, %d warnings, %d errors.%n",
                report.of(Result.PASS).size(),
                report.of(Result.SKIPPED).size(),
                report.of(Result.WARNING).size(),
                report.of(Result.ERROR).size()))
        .toString();
  }

  private static void describe(Finding finding, int columns, StringBuilder text) {
    text.append(
        String.format(
            "%-8s %-22s %s%n", word(finding.result()), finding.code(), finding.code().title()));
    if (finding.result() == Result.SKIPPED) {
      wrap("not looked at: " + finding.why(), columns, text);
    } else if (finding.result() != Result.PASS) {
      wrap(finding.why(), columns, text);
      if (!finding.objects().isEmpty()) {
        wrap("What: " + PrecheckReport.objects(finding), columns, text);
      }
      wrap("Why it matters: " + finding.code().reason(), columns, text);
      mend(finding, text);
    }
  }

  private static void mend(Finding finding, StringBuilder text) {
    if (finding.mend().steps().isEmpty()) {
      return;
    }
    text.append(INDENT).append("Mend it ").append(finding.mend().place().words());
    text.append(finding.isFixable() ? ", or let --fix do it:" : ":").append(System.lineSeparator());
    for (String step : PrecheckReport.steps(finding)) {
      text.append(INDENT).append(INDENT).append(step).append(System.lineSeparator());
    }
  }

  private static String word(Result result) {
    return switch (result) {
      case PASS -> "pass";
      case SKIPPED -> "skipped";
      case WARNING -> "WARNING";
      case ERROR -> "ERROR";
    };
  }

  /** Breaks lines at spaces. */
  private static void wrap(String sentence, int columns, StringBuilder text) {
    StringBuilder line = new StringBuilder(INDENT);
    for (String word : sentence.split("\\s+", -1)) {
      if (line.length() > INDENT.length() && line.length() + word.length() + 1 > columns) {
        text.append(line).append(System.lineSeparator());
        line = new StringBuilder(INDENT);
      }
      line.append(line.length() == INDENT.length() ? "" : " ").append(word);
    }
    text.append(line).append(System.lineSeparator());
  }
}
