package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Runs prechecks of schema public, and does what their findings say. */
final class Probe {

  static final String TASK = "precheck_it";

  /** No slot that another test has left keeps as much. */
  private static final long MUCH_WAL = 1L << 30;

  private static final String ON_SOURCE = "On the source: ";
  private static final String ON_SINK = "On the destination: ";

  static final Precheck.SchemaReader READER =
      connection ->
          SourceCatalog.read(connection, TableSelection.parse(List.of("public.*"), List.of()));

  private Probe() {}

  static PrecheckOptions options(
      Endpoint source, Endpoint sink, Target.Kind kind, PrecheckCode... ignored) {
    return new PrecheckOptions(
        TASK,
        EnumSet.allOf(Phase.class),
        2,
        source,
        sink,
        kind,
        "pg2adb",
        SinkTables.DEFAULT,
        Set.of(ignored));
  }

  static PrecheckOptions options(Endpoint source, Endpoint sink, PrecheckCode... ignored) {
    return options(source, sink, Servers.target().product().kind(), ignored);
  }

  /** A precheck that reports transactions at once. */
  static PrecheckReport run(Endpoint source, Endpoint sink) {
    return run(source, sink, Duration.ZERO);
  }

  static PrecheckReport run(Endpoint source, Endpoint sink, Duration longTransaction) {
    return Precheck.run(options(source, sink), READER, Precheck.items(longTransaction, MUCH_WAL));
  }

  /** The finding of a code that has one. */
  static Finding only(PrecheckReport report, PrecheckCode code) {
    List<Finding> findings =
        report.findings().stream().filter(finding -> finding.code() == code).toList();
    assertThat(findings).as("findings of " + code).hasSize(1);
    return findings.get(0);
  }

  static Result result(PrecheckReport report, PrecheckCode code) {
    return only(report, code).result();
  }

  /**
   * Executes every command of the mend: SQL for one of the ends, and what a mend by hand says of
   * either in SQL.
   */
  static void mend(Finding finding, TestDatabase source, TestDatabase sink) {
    List<String> steps = finding.mend().steps();
    switch (finding.mend().place()) {
      case SOURCE -> source.execute(steps.toArray(String[]::new));
      case SINK -> sink.execute(steps.toArray(String[]::new));
      case BY_HAND -> {
        execute(source, steps, ON_SOURCE);
        execute(sink, steps, ON_SINK);
      }
      case TASK_FILE, NOWHERE -> assertThat(steps).isNotEmpty();
    }
  }

  /** Executes what a mend by hand says in SQL of the server that it is about. */
  static void mendServer(Finding finding, TestDatabase database) {
    String[] statements = statements(finding.mend().steps().stream());
    assertThat(statements).as("statements of %s", finding).isNotEmpty();
    database.execute(statements);
  }

  private static void execute(TestDatabase database, List<String> steps, String prefix) {
    database.execute(
        statements(
            steps.stream()
                .filter(step -> step.startsWith(prefix))
                .map(step -> step.substring(prefix.length()))));
  }

  private static String[] statements(Stream<String> steps) {
    return steps.filter(step -> step.endsWith(";")).toArray(String[]::new);
  }
}
