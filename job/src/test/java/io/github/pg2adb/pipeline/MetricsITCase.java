package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.model.JobMetric;
import io.github.pg2adb.testing.Scrape;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a running job reports through the Prometheus reporter, set up as {@code flink-conf} does it,
 * and whether the alerts and the Grafana dashboard ask for that.
 */
class MetricsITCase {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Path ALERTS = Path.of("../deploy/prometheus/alerts.yaml");
  private static final Path DASHBOARD = Path.of("../deploy/grafana/dashboards/pg2adb.json");
  private static final Pattern METRIC = Pattern.compile("\\bflink_\\w+");

  private static final int SMALL_TABLES = 30;
  private static final int LARGE_ROWS = 20_000;
  private static final int CHANGES = 110;

  private static final String READER = "Source: Read PostgreSQL";
  private static final String WRITER = "Write ";

  /** When everything was applied. */
  private static Scrape following;

  /** While the destination did not take what the source had. */
  private static Scrape behind;

  @BeforeAll
  static void runAJob() throws Exception {
    int port = freePort();
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE \"large table\" (id int PRIMARY KEY, t text)",
          "INSERT INTO \"large table\" SELECT i, repeat('x', 50) FROM generate_series(1, "
              + LARGE_ROWS
              + ") i",
          "ANALYZE \"large table\"");
      source.execute(
          IntStream.range(0, SMALL_TABLES)
              .mapToObj(i -> "CREATE TABLE small_" + i + " (id int PRIMARY KEY)")
              .toArray(String[]::new));
      TestMigration migration =
          TestMigration.between(source, target)
              .pipeline("checkpoint-interval", "1s")
              .source("chunk-size", "256kb");
      migration.flink(reporter()).flink("metrics.reporter.prom.port", String.valueOf(port));
      try (migration) {
        migration.start().awaitConsistent();
        source.execute(
            "INSERT INTO small_1 SELECT generate_series(1, 100)",
            "DELETE FROM small_1 WHERE id > 90");
        migration.awaitCaughtUp();
        following = awaitFollowing(port);
        behind = awaitBehind(port, source, target);
      }
    }
  }

  /** What {@code flink-conf} says of metrics. */
  private static Configuration reporter() {
    Configuration metrics = GlobalConfiguration.loadConfiguration("../flink-conf");
    for (String key : metrics.clone().keySet()) {
      if (!key.startsWith("metrics.")) {
        metrics.removeKey(key);
      }
    }
    return metrics;
  }

  /** The writer counts after it has committed, and the coordinator looks now and then. */
  private static Scrape awaitFollowing(int port) {
    return Awaitility.await("the metrics say that all is applied")
        .atMost(LIMIT)
        .until(() -> Scrape.of(port), MetricsITCase::saysThatAllIsApplied);
  }

  private static boolean saysThatAllIsApplied(Scrape scrape) {
    return coordinator(scrape, JobMetric.PHASE) == 3
        && coordinator(scrape, JobMetric.LAG_BYTES) == 0
        && coordinator(scrape, JobMetric.LAG_MILLIS) == 0
        && scrape.sum(JobMetric.ROWS_SENT.prometheusName(), WRITER) >= LARGE_ROWS + CHANGES;
  }

  private static Scrape awaitBehind(int port, TestDatabase source, TestDatabase target)
      throws Exception {
    try (Connection connection = target.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("LOCK TABLE public.small_2 IN ACCESS EXCLUSIVE MODE");
      source.execute("INSERT INTO small_2 VALUES (1)");
      return Awaitility.await("the metrics say that the destination is behind")
          .atMost(LIMIT)
          .until(
              () -> Scrape.of(port), scrape -> coordinator(scrape, JobMetric.LAG_MILLIS) > 2_000);
    }
  }

  @Test
  void exportsEveryMetricOfTheList() {
    for (JobMetric metric : JobMetric.values()) {
      String operator = metric.place() == JobMetric.Place.WRITER ? WRITER : READER;
      assertThat(following.of(metric.prometheusName(), operator))
          .as(metric.prometheusName())
          .isNotEmpty()
          .allMatch(
              sample ->
                  sample.labels().containsKey("quantile")
                      == (metric.kind() == JobMetric.Kind.HISTOGRAM));
    }
  }

  @Test
  void countsRowsAndNotWhatCarriesThem() {
    double all = LARGE_ROWS + CHANGES;

    assertThat(following.sum(JobMetric.SNAPSHOT_ROWS_READ.prometheusName(), READER))
        .isEqualTo(LARGE_ROWS);
    assertThat(following.sum(JobMetric.ROWS_READ.prometheusName(), READER)).isEqualTo(all);
    assertThat(following.sum(JobMetric.ROWS_EMITTED.prometheusName(), READER)).isEqualTo(all);
    assertThat(following.sum(JobMetric.ROWS_RECEIVED.prometheusName(), WRITER)).isEqualTo(all);
    assertThat(following.sum(JobMetric.ROWS_SENT.prometheusName(), WRITER)).isEqualTo(all);
  }

  /** What Flink's dashboard shows of a whole task in its columns "Records Sent" and "Received". */
  @Test
  void theDashboardCountsRowsToo() {
    double all = LARGE_ROWS + CHANGES;

    assertThat(ofTask("numRecordsOut", READER)).isEqualTo(all);
    assertThat(ofTask("numRecordsIn", WRITER)).isEqualTo(all);
  }

  private static double ofTask(String word, String operator) {
    return following.of("flink_taskmanager_job_task_" + word, "").stream()
        .filter(sample -> sample.labels().getOrDefault("task_name", "").contains(operator))
        .mapToDouble(Scrape.Sample::value)
        .sum();
  }

  @Test
  void saysWhatIsPending() {
    assertThat(coordinator(following, JobMetric.PENDING_RECORDS)).isZero();
    assertThat(coordinator(behind, JobMetric.PENDING_RECORDS)).isPositive();
  }

  @Test
  void saysHowFarTheCopyIs() {
    assertThat(coordinator(following, JobMetric.SNAPSHOT_TABLES)).isEqualTo(SMALL_TABLES + 1);
    assertThat(coordinator(following, JobMetric.SNAPSHOT_TABLES_LOADED))
        .isEqualTo(SMALL_TABLES + 1);
    assertThat(coordinator(following, JobMetric.SNAPSHOT_CHUNKS)).isGreaterThan(SMALL_TABLES + 1);
    assertThat(coordinator(following, JobMetric.SNAPSHOT_CHUNKS_LOADED))
        .isEqualTo(coordinator(following, JobMetric.SNAPSHOT_CHUNKS));
    assertThat(coordinator(following, JobMetric.SNAPSHOT_ROWS_LOADED)).isEqualTo(LARGE_ROWS);
    assertThat(coordinator(following, JobMetric.SNAPSHOT_ROWS_ESTIMATED)).isEqualTo(LARGE_ROWS);
    assertThat(coordinator(following, JobMetric.SNAPSHOT_SECONDS_LEFT)).isZero();
  }

  @Test
  void reportsTheLargestTablesAlone() {
    List<Scrape.Sample> tables = following.of(JobMetric.TABLE_ROWS_LOADED.prometheusName(), READER);

    assertThat(tables).hasSize(20);
    assertThat(tables)
        .filteredOn(sample -> "public.large table".equals(sample.labels().get("table")))
        .singleElement()
        .extracting(Scrape.Sample::value)
        .isEqualTo((double) LARGE_ROWS);
    assertThat(following.text().lines().filter(line -> line.contains("small_")).toList())
        .as("series of small tables")
        .hasSizeLessThanOrEqualTo(4 * 19);
  }

  @Test
  void lagGrowsWhileTheDestinationStandsStill() {
    assertThat(coordinator(following, JobMetric.LAG_MILLIS)).isZero();
    assertThat(coordinator(behind, JobMetric.LAG_MILLIS)).isGreaterThan(2_000);
    assertThat(coordinator(behind, JobMetric.LAG_BYTES)).isPositive();
    assertThat(coordinator(behind, JobMetric.SLOT_RETAINED_BYTES)).isPositive();
    assertThat(coordinator(behind, JobMetric.SOURCE_LSN))
        .isGreaterThan(coordinator(behind, JobMetric.APPLIED_LSN));
  }

  private static double coordinator(Scrape scrape, JobMetric metric) {
    return scrape.sum(metric.prometheusName(), READER);
  }

  @Test
  void alertsAskForWhatIsExported() throws IOException {
    assertThat(metricsIn(Files.readString(ALERTS))).isNotEmpty().isSubsetOf(following.names());
  }

  @Test
  void dashboardAsksForWhatIsExported() throws IOException {
    assertThat(metricsIn(String.join("\n", queries()))).isNotEmpty().isSubsetOf(following.names());
  }

  private static Set<String> metricsIn(String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = METRIC.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).path("panels")) {
      panel.path("targets").forEach(target -> queries.add(target.path("expr").asText()));
    }
    return queries;
  }

  @Test
  void alertsFireWhenTheyShould() throws Exception {
    promtool(ALERTS.getParent(), "test", "rules", "alerts-test.yaml");
  }

  @Test
  void everyAlertIsTested() throws IOException {
    Pattern alert = Pattern.compile("alert: (\\w+)");
    String tests = Files.readString(ALERTS.resolveSibling("alerts-test.yaml"));

    assertThat(alert.matcher(Files.readString(ALERTS)).results().map(found -> found.group(1)))
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(tests)
                    .containsPattern(
                        "alertname: " + name + "\\R\\s+exp_alerts:\\R\\s+- exp_labels"));
  }

  @Test
  void prometheusUnderstandsTheDashboardsQueries(@TempDir Path folder) throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    for (String query : queries()) {
      String filled = query.replace("$__rate_interval", "1m").replace("$job", ".*");
      rules.append("  - record: panel:").append(rules.length()).append("\n    expr: |-\n      ");
      rules.append(filled).append('\n');
    }
    Path file = Files.writeString(folder.resolve("panels.yaml"), rules);

    promtool(folder, "check", "rules", file.toString());
  }

  /** Runs Prometheus's own tool, which a machine may not have. */
  private static void promtool(Path folder, String... arguments) throws Exception {
    String path = System.getenv().getOrDefault("PATH", "");
    boolean there =
        Arrays.stream(path.split(java.io.File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
    if (!there) {
      System.out.println(
          "[pg2adb tests] SKIPPED: promtool is not on the PATH: Debian has it in package prometheus");
    }
    Assumptions.assumeTrue(there, "promtool is on the PATH");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
