package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Secret;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario is found, and passes after what is said to mend it is done. */
class PrecheckScenariosITCase {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Settings that are read again arrive in running sessions some time later. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Two files of it. */
  private static final long MUCH_WAL = 32L << 20;

  private static final Target PRODUCT = Servers.target().product();
  private static final Target.Kind KIND = PRODUCT.kind();

  static Stream<Scenario> scenarios() {
    return Scenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void isFoundAndMended(Scenario scenario) {
    Assumptions.assumeTrue(
        scenario.value("sink", KIND.word()).equals(KIND.word()),
        () -> scenario + " is about " + scenario.value("sink", "") + " alone");
    Assumptions.assumeTrue(
        PRODUCT.postgresMajor() < Integer.parseInt(scenario.value("sink.below", "1000")),
        () -> scenario + " is about older destinations than " + PRODUCT.version());
    String task = "precheck_" + scenario.name().toLowerCase(Locale.ROOT).replace('-', '_');
    try (TestDatabase source =
            Servers.source().createDatabase(scenario.value("source.database", ""));
        TestDatabase sink = Servers.target().createDatabase(scenario.value("sink.database", ""))) {
      Run run = new Run(scenario, task, source, sink);
      try {
        run.prepare();
        run.findMendAndPass();
      } finally {
        run.cleanUp();
      }
    }
  }

  /** One scenario between two databases. */
  private record Run(Scenario scenario, String task, TestDatabase source, TestDatabase sink) {

    private String role() {
      return task + "_role";
    }

    private Map<String, String> variables() {
      TaskNames names = TaskNames.of(task);
      Map<String, String> variables = new TreeMap<>();
      variables.put("task", task);
      variables.put("role", role());
      variables.put("slot", names.slot());
      variables.put("publication", names.publication());
      variables.put("source.database", source.name());
      variables.put("sink.database", sink.name());
      return variables;
    }

    private boolean isLimited(String end) {
      return scenario.value(end + ".role", "").equals("limited");
    }

    private void prepare() {
      if (isLimited("source")) {
        source.execute("CREATE ROLE " + role() + " LOGIN REPLICATION" + password(source));
      }
      if (isLimited("sink")) {
        sink.execute("CREATE ROLE " + role() + " LOGIN" + password(sink));
      }
      source.execute("CREATE TABLE public.plain (id int PRIMARY KEY, v text)");
      execute("setup.sql");
    }

    /**
     * The superuser's, since {@link #endpoint} logs in with that; servers in containers ask for
     * one.
     */
    private static String password(TestDatabase database) {
      Secret password = database.endpoint().password();
      return password == null ? "" : " PASSWORD " + Sql.literal(password.reveal());
    }

    private void execute(String file) {
      for (Scenario.Step step : scenario.steps(file, variables())) {
        (step.isForSource() ? source : sink).execute(step.statement());
      }
    }

    private void findMendAndPass() {
      Result expected = Result.valueOf(scenario.value("result", ""));
      List<Finding> findings = await(false, expected);
      assertThat(findings.stream().flatMap(finding -> finding.objects().stream()))
          .as("objects of %s", findings)
          .hasSameSizeAs(scenario.objects());
      for (String object : scenario.objects()) {
        String full =
            object
                .replace("${role}", role())
                .replace("${slot}", TaskNames.of(task).slot())
                .replace("${sink}", sink.endpoint().toString());
        assertThat(findings)
            .as("findings about %s", full)
            .anyMatch(
                finding -> finding.objects().stream().anyMatch(found -> found.startsWith(full)));
      }
      for (Finding finding : findings) {
        assertThat(finding.why()).endsWith(".");
        assertThat(finding.mend().place().name().toLowerCase(Locale.ROOT))
            .isEqualTo(scenario.value("mend", ""));
        assertThat(finding.isFixable())
            .isEqualTo(Boolean.parseBoolean(scenario.value("fixable", "false")));
        assertThat(finding.mend().steps()).isNotEmpty();
        Probe.mend(finding, source, sink);
      }
      execute("after.sql");
      await(true, Result.valueOf(scenario.value("after.result", "PASS")));
    }

    private List<Finding> await(boolean isAfter, Result expected) {
      return Awaitility.await("%s is %s".formatted(scenario.code(), expected))
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .pollInterval(PAUSE)
          .until(
              () -> look(isAfter),
              findings -> findings.stream().allMatch(finding -> finding.result() == expected));
    }

    private List<Finding> look(boolean isAfter) {
      TableSelection selection =
          TableSelection.parse(scenario.tables(isAfter), scenario.excluded(isAfter));
      PrecheckReport report =
          Precheck.run(
              options(isAfter),
              connection -> SourceCatalog.read(connection, selection),
              Precheck.items(Duration.ZERO, MUCH_WAL).stream()
                  .filter(item -> item.codes().contains(scenario.code()))
                  .toList());
      return report.findings().stream()
          .filter(finding -> finding.code() == scenario.code())
          .toList();
    }

    private PrecheckOptions options(boolean isAfter) {
      String kind = scenario.value("sink.type", KIND.word());
      return new PrecheckOptions(
          task,
          scenario.phases(isAfter),
          2,
          endpoint(source.endpoint(), "source", isAfter),
          endpoint(sink.endpoint(), "sink", isAfter),
          isAfter ? KIND : Target.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
          "pg2adb",
          scenario.sinkTables(isAfter),
          scenario.ignored(isAfter),
          scenario.routes(isAfter));
    }

    private Endpoint endpoint(Endpoint superuser, String end, boolean isAfter) {
      String user = scenario.value(end + ".user", superuser.user());
      return new Endpoint(
          superuser.host(),
          superuser.port(),
          superuser.database()
              + (isAfter ? scenario.value("after." + end + ".database-suffix", "") : ""),
          isLimited(end) ? role() : isAfter ? superuser.user() : user,
          superuser.password(),
          superuser.tls());
    }

    private void cleanUp() {
      execute("cleanup.sql");
      if (isLimited("source")) {
        source.execute("DROP OWNED BY " + role(), "DROP ROLE " + role());
      }
      if (isLimited("sink")) {
        sink.execute("DROP OWNED BY " + role(), "DROP ROLE " + role());
      }
    }
  }
}
