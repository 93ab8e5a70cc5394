package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.pg2adb.schema.SchemaPlan;
import io.github.pg2adb.schema.SchemaPlan.Moment;
import io.github.pg2adb.schema.SchemaPlan.Statement;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Plans and reports of the schema for people and for programs. */
final class SchemaOutput {

  private SchemaOutput() {}

  /** {@code {"destination": {...}, "statements": [...], "decisions": [...]}}. */
  static String json(SchemaPlan plan) throws JsonProcessingException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put(
        "destination",
        Map.of("kind", plan.target().kind().word(), "version", plan.target().version()));
    root.put("statements", plan.statements().stream().map(SchemaOutput::fields).toList());
    root.put("decisions", plan.decisions().stream().map(SchemaOutput::fields).toList());
    return write(root);
  }

  /** {@code {"objects": [...]}} with an outcome each. */
  static String json(SchemaReport report) throws JsonProcessingException {
    return write(Map.of("objects", report.entries().stream().map(SchemaOutput::fields).toList()));
  }

  private static String write(Map<String, Object> root) throws JsonProcessingException {
    return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root)
        + "\n";
  }

  private static Map<String, Object> fields(Statement statement) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("moment", word(statement.moment()));
    fields.put("object", statement.object());
    fields.put("sql", statement.sql());
    return fields;
  }

  private static Map<String, Object> fields(Entry entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("outcome", word(entry.outcome()));
    fields.put("object", entry.object());
    fields.put("detail", entry.detail());
    return fields;
  }

  /** A script that psql takes. */
  static String sql(SchemaPlan plan) {
    StringBuilder text = new StringBuilder("SET search_path TO pg_catalog;\n");
    for (Moment moment : Moment.values()) {
      List<Statement> statements =
          plan.statements().stream().filter(statement -> statement.moment() == moment).toList();
      if (!statements.isEmpty()) {
        text.append(
            moment == Moment.BEFORE_LOAD
                ? "\n-- before the rows are copied\n\n"
                : "\n-- when the rows are there\n\n");
        statements.forEach(statement -> text.append(script(statement.sql())).append('\n'));
      }
    }
    return text.toString();
  }

  /** What sets something for its transaction alone needs one. */
  private static String script(String sql) {
    String ended = sql.stripTrailing() + ";";
    return ended.startsWith("SET LOCAL ") ? "BEGIN; " + ended + " COMMIT;" : ended;
  }

  /** One line per decision, then how many there are of each sort. */
  static String decisions(SchemaPlan plan) {
    return lines(plan.decisions())
        + String.format(
            "%n%d statements for %s %s; %d objects kept, %d adapted, %d left out.%n",
            plan.statements().size(),
            plan.target().kind().word(),
            plan.target().version(),
            count(plan.decisions(), Outcome.KEPT),
            count(plan.decisions(), Outcome.ADAPTED),
            count(plan.decisions(), Outcome.LEFT_OUT));
  }

  /** One line per object, then how many there are of each sort. */
  static String report(SchemaReport report) {
    return lines(report.entries())
        + String.format(
            "%n%d objects created, %d kept, %d adapted, %d left out.%n",
            count(report.entries(), Outcome.CREATED),
            count(report.entries(), Outcome.KEPT),
            count(report.entries(), Outcome.ADAPTED),
            count(report.entries(), Outcome.LEFT_OUT));
  }

  /** What the schema phase of a run did. */
  static void print(SchemaReport report, PrintWriter out) {
    out.printf(
        "Schema: %d objects created, %d kept.%n",
        count(report.entries(), Outcome.CREATED), count(report.entries(), Outcome.KEPT));
    for (Outcome outcome : List.of(Outcome.ADAPTED, Outcome.LEFT_OUT)) {
      for (Entry entry : report.of(outcome)) {
        out.printf("  %s: %s%n", entry.object(), entry.detail());
      }
    }
    out.flush();
  }

  private static String lines(List<Entry> entries) {
    int width = entries.stream().mapToInt(entry -> entry.object().length()).max().orElse(0);
    String format = "%-9s %-" + Math.max(1, Math.min(width, 60)) + "s %s";
    StringBuilder text = new StringBuilder();
    for (Outcome outcome : Outcome.values()) {
      for (Entry entry : entries) {
        if (entry.outcome() == outcome) {
          text.append(
                  String.format(format, word(outcome), entry.object(), entry.detail())
                      .stripTrailing())
              .append(System.lineSeparator());
        }
      }
    }
    return text.toString();
  }

  private static long count(List<Entry> entries, Outcome outcome) {
    return entries.stream().filter(entry -> entry.outcome() == outcome).count();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
