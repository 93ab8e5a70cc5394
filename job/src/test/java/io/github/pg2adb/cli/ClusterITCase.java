package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.testing.Browser;
import io.github.pg2adb.testing.Launcher;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task's life on a cluster of real processes, by the commands that a person types: {@code
 * deploy/pg2adb cluster}, {@code submit}, {@code status} and Flink's own command line.
 */
class ClusterITCase {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String SECRET = "S3cret-that-nobody-may-see";
  private static final String TASK = "cluster_" + ProcessHandle.current().pid();

  /** Smaller than usual, and with metrics that the dashboard shows at once. */
  private static final String CLUSTER_START =
      "cluster start --port %d -D jobmanager.rpc.port=%d -D execution.checkpointing.dir=%s"
          + " -D jobmanager.memory.process.size=768m -D taskmanager.memory.process.size=1g"
          + " -D metrics.fetcher.update-interval=1000 -D web.refresh-interval=1000";

  private static final Pattern JOB_ID = Pattern.compile("Job(?:ID|:) ([0-9a-f]{32})");
  private static final Pattern SAVEPOINT = Pattern.compile("Path: (\\S+)");

  /** Says where to keep the picture of the dashboard; it is not kept otherwise. */
  private static final @Nullable String PICTURE = System.getProperty("pg2adb.write-screenshot");

  private static final String DIGEST =
      "SELECT count(*) || ' ' || coalesce(md5(string_agg(id || v || coalesce(note, '-'), ',' ORDER BY id)), '')"
          + " FROM public.item";

  private static final String GRAPH_IS_IN_PLACE =
      "[...document.querySelectorAll('.node-group')].map(n => n.getBoundingClientRect())"
          + ".filter(r => r.left > 260 && r.right < innerWidth && r.top > 250 && r.bottom < innerHeight).length == 3";

  private static final String TERMINATE_WRITERS =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
          + " AND application_name LIKE 'pg2adb%writer%'";

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = freePort();
  private Map<String, String> properties = Map.of();
  private Launcher launcher;
  private TestDatabase source;
  private TestDatabase target;
  private boolean hasSecret;
  private String taskFile;
  private String plainTaskFile;

  @BeforeEach
  void startCluster() throws IOException {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
    // a server that asks for no password takes any
    hasSecret = source.endpoint().password() == null;
    taskFile = write("task.yaml", "${TASK_SECRET}");
    plainTaskFile = write("plain.yaml", SECRET);
    Path cluster = folder.resolve("flink");
    launcher =
        new Launcher(
            folder, Map.of("TASK_SECRET", SECRET, "PG2ADB_CLUSTER_DIR", cluster.toString()));
    Path target = Launcher.repository().resolve("job/target");
    properties =
        Map.of(
            "pg2adb.flink-home", cluster.toString(),
            "pg2adb.flink-lib", target.resolve("flink-lib").toString(),
            "pg2adb.flink-plugins", target.resolve("flink-plugins").toString(),
            "pg2adb.flink-conf", Launcher.repository().resolve("flink-conf").toString(),
            "pg2adb.job-jar", jobJar());
    properties.forEach(System::setProperty);
    assertThat(here(1, "cluster", "status")).contains("No cluster runs.");
    assertThat(launch(0, CLUSTER_START.formatted(port, freePort(), checkpoints()).split(" ")))
        .contains("Dashboard: http://localhost:" + port)
        .contains("TaskManagers: 1; slots: 4, 4 free");
  }

  private String write(String file, String password) throws IOException {
    TestMigration task = TestMigration.between(source, target);
    if (hasSecret) {
      task.source("password", password);
    }
    String text = task.taskFile().replaceFirst("name: \\S+", "name: " + TASK);
    return Files.writeString(folder.resolve(file), text).toString();
  }

  private String checkpoints() {
    return folder.resolve("checkpoints").toUri().toString();
  }

  @AfterEach
  void stopCluster() {
    assertThat(here(0, "cluster", "stop")).contains("Stopped 2 processes.");
    properties.keySet().forEach(System::clearProperty);
    target.close();
    source.close();
  }

  @Test
  void aTaskIsSubmittedStoppedAndContinued() throws Exception {
    source.execute(
        "CREATE TABLE item (id int PRIMARY KEY, v text NOT NULL, note text)",
        "INSERT INTO item SELECT i, 'v' || i, NULL FROM generate_series(1, 20000) i");
    assertThat(here(0, "cluster", "start")).contains("The cluster runs already:");

    String first = jobId(launch(0, "submit", "-f", taskFile));
    awaitEqual();
    assertThat(here(2, "submit", "-f", plainTaskFile))
        .contains("Cannot take over task \"" + TASK + "\": it runs already");
    change(1);
    awaitEqual();
    checkStatus(first);
    checkRetries();
    checkDashboard(first);
    checkNothingShowsTheSecret(first);

    change(2);
    String folderOfSavepoints = folder.resolve("savepoints").toString();
    String savepoint =
        find(SAVEPOINT, launch(0, "flink", "stop", "--savepointPath", folderOfSavepoints, first));
    assertThat(target.single(DIGEST)).as("stop has flushed").isEqualTo(source.single(DIGEST));
    assertThat(here(1, "status", "-f", plainTaskFile))
        .contains("DOWN: FINISHED")
        .contains("following changes");
    change(3);
    String second =
        jobId(launch(0, "flink", "run", "-d", "-s", savepoint, jobJar(), "-f", taskFile));
    awaitEqual();

    cancel(second);
    change(4);
    String third = jobId(here(0, "submit", "-f", plainTaskFile, "--parallelism", "1"));
    awaitEqual();
    assertThat(
            get("/jobs/" + third + "/config")
                .path("execution-config")
                .path("job-parallelism")
                .asInt())
        .isEqualTo(1);

    change(5);
    String drained =
        find(
            SAVEPOINT,
            launch(0, "flink", "stop", "--drain", "--savepointPath", folderOfSavepoints, third));
    assertThat(target.single(DIGEST)).as("stop has flushed").isEqualTo(source.single(DIGEST));
    change(6);
    jobId(here(0, "submit", "-f", plainTaskFile, "-s", drained));
    awaitEqual();
  }

  private void cancel(String jobId) throws IOException {
    send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/jobs/" + jobId))
            .method("PATCH", HttpRequest.BodyPublishers.noBody()));
    Awaitility.await("job " + jobId + " is cancelled")
        .atMost(LIMIT)
        .until(() -> get("/jobs/" + jobId).path("state").asText().equals("CANCELED"));
  }

  /** As many rows of every kind of change, each number once. */
  private void change(int round) {
    int base = 20_000 + 1_000 * round;
    source.execute(
        "INSERT INTO item SELECT i, 'new' || i, 'n' FROM generate_series("
            + base
            + ", "
            + (base + 500)
            + ") i",
        "UPDATE item SET v = v || '-" + round + "' WHERE id % 7 = " + round,
        "DELETE FROM item WHERE id % 11 = " + round);
  }

  private void awaitEqual() {
    Awaitility.await("source and destination are equal")
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> Objects.equals(source.single(DIGEST), target.single(DIGEST)));
  }

  private void checkStatus(String jobId) throws IOException {
    JsonNode status = new ObjectMapper().readTree(here(0, "status", "-f", plainTaskFile, "--json"));

    assertThat(status.path("running").asBoolean()).isTrue();
    assertThat(status.path("stage").asText()).isEqualTo("following");
    assertThat(status.path("job").path("id").asText()).isEqualTo(jobId);
    assertThat(status.path("job").path("state").asText()).isEqualTo("RUNNING");
    assertThat(status.path("problems")).isEmpty();
    assertThat(status.path("source").path("slotActive").asBoolean()).isTrue();
    assertThat(status.path("destination").path("holder").asInt()).isPositive();
    assertThat(status.path("destination").path("changes").asInt()).isPositive();
    assertThat(status.path("lagBytes").isNumber()).isTrue();
    assertThat(status.path("tables")).hasSize(1);
    assertThat(status.path("tables").get(0).path("table").asText()).isEqualTo("item");
    assertThat(status.path("tables").get(0).path("rows").asInt()).isEqualTo(20_000);
    assertThat(status.path("tables").get(0).path("loaded").asBoolean()).isTrue();
  }

  /** Writers of a destination that is read-only are shown with their attempts until they go on. */
  private void checkRetries() throws Exception {
    assertThat(retrying()).isEmpty();
    String database = "ALTER DATABASE " + target.name();
    target.execute(database + " SET default_transaction_read_only = on", TERMINATE_WRITERS);
    source.execute("INSERT INTO item VALUES (900000, 'waits', NULL)");
    Awaitility.await("status shows the failing writer")
        .atMost(LIMIT)
        .until(() -> !retrying().isEmpty());
    JsonNode part = retrying().get(0);
    assertThat(part.path("part").asText()).contains("AnalyticDB").endsWith(" #0");
    assertThat(part.path("attempts").asInt()).isPositive();
    assertThat(Instant.parse(part.path("since").asText()))
        .isBetween(Instant.now().minus(LIMIT), Instant.now());
    assertThat(here(0, "status", "-f", plainTaskFile))
        .containsPattern("retrying     .*AnalyticDB.* #0 has failed \\d+ times since .*Z, ");
    target.execute(
        "SET default_transaction_read_only = off",
        "BEGIN READ WRITE; " + database + " RESET default_transaction_read_only; COMMIT",
        TERMINATE_WRITERS);
    awaitEqual();
    Awaitility.await("status shows that it goes on")
        .atMost(LIMIT)
        .until(() -> retrying().isEmpty());
  }

  private JsonNode retrying() throws IOException {
    return new ObjectMapper()
        .readTree(here(0, "status", "-f", plainTaskFile, "--json"))
        .path("job")
        .path("retrying");
  }

  /** The page of the job, while changes arrive. */
  private void checkDashboard(String jobId) throws Exception {
    List<String> operators = new ArrayList<>();
    for (JsonNode vertex : get("/jobs/" + jobId).path("vertices")) {
      operators.add(vertex.path("name").asText());
      // also the one whose work is done: a savepoint fails that is triggered while a task ends
      assertThat(vertex.path("status").asText()).as(vertex.toString()).isEqualTo("RUNNING");
    }
    assertThat(operators).hasSize(3);
    assertThat(operators.get(0)).contains("PostgreSQL");
    assertThat(operators.get(1)).contains("indexes");
    String writer = operators.get(2);
    assertThat(writer).contains("AnalyticDB");
    Optional<Path> chromium = Browser.executable();
    if (chromium.isEmpty()) {
      System.out.println("SKIPPED: the dashboard's page, since no Chromium is on PATH");
      return;
    }
    try (Browser browser = Browser.start(chromium.get(), folder, 1400, 1000)) {
      browser.open("http://localhost:" + port + "/#/job/running/" + jobId + "/overview");
      for (String operator : operators) {
        Awaitility.await("the page shows \"" + operator + "\"")
            .atMost(LIMIT)
            .until(() -> plain(browser.text()).contains(plain(operator)));
      }
      int id = 1_000_000;
      long before = received(browser, writer);
      long now = before;
      long end = System.nanoTime() + LIMIT.toNanos();
      while (now <= before && System.nanoTime() < end) {
        source.execute("INSERT INTO item VALUES (" + id++ + ", 'moving', NULL)");
        now = received(browser, writer);
      }
      assertThat(now).as("records received by the writers").isGreaterThan(before);
      Awaitility.await("the graph has moved to its place")
          .atMost(LIMIT)
          .until(() -> browser.evaluate(GRAPH_IS_IN_PLACE).equals("true"));
      byte[] picture = browser.screenshot();
      assertThat(picture.length).isGreaterThan(20_000);
      if (PICTURE != null) {
        Files.write(Launcher.repository().resolve(PICTURE), picture);
      }
    }
    awaitEqual();
  }

  /** Without what the layout puts between words. */
  private static String plain(String text) {
    return text.replaceAll("\\s+", "");
  }

  /** The fourth column of the operator's row in the page's table; -1 while there is none. */
  private static long received(Browser browser, String operator) {
    String cell =
        browser.evaluate(
            "[...document.querySelectorAll('tbody tr')].filter(r => r.innerText.replace(/\\s+/g, '').includes('"
                + plain(operator)
                + "')).map(r => r.children[3].innerText)[0] || '-1'");
    String digits = cell.replaceAll("[^0-9-]", "");
    return digits.isEmpty() || digits.equals("-") ? -1 : Long.parseLong(digits);
  }

  private void checkNothingShowsTheSecret(String jobId) throws Exception {
    if (!hasSecret) {
      return;
    }
    List<String> paths = new ArrayList<>();
    for (String path :
        List.of(
            "",
            "/config",
            "/plan",
            "/exceptions",
            "/checkpoints",
            "/checkpoints/config",
            "/jobmanager/config",
            "/jobmanager/environment")) {
      paths.add("/jobs/" + jobId + path);
    }
    for (String path :
        List.of("config", "environment", "log", "stdout", "metrics", "thread-dump")) {
      paths.add("/jobmanager/" + path);
    }
    paths.add("/config");
    for (JsonNode manager : get("/taskmanagers").path("taskmanagers")) {
      for (String path : List.of("", "/log", "/stdout", "/metrics", "/thread-dump")) {
        paths.add("/taskmanagers/" + manager.path("id").asText() + path);
      }
    }
    for (String path : paths) {
      HttpResponse<String> answer = fetch(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      // a failure must not print a whole log
      assertThat(answer.body().contains(SECRET)).as("%s shows the secret", path).isFalse();
    }
    assertThat(fetch("/jobmanager/config").body())
        .as("it is the configuration")
        .contains("rest.port");
    for (String kept : List.of("flink/log", "flink/conf", "checkpoints")) {
      for (Path file : filesIn(folder.resolve(kept))) {
        assertThat(contentOf(file).contains(SECRET)).as("%s has the secret", file).isFalse();
      }
    }
  }

  private static String contentOf(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Checkpoints come and go meanwhile. */
  private static List<Path> filesIn(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException error) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** As a person does: in a process of its own. */
  private String launch(int exitCode, String... arguments) {
    Launcher.Result result = launcher.run(arguments);
    assertThat(result.exitCode())
        .as("%s: %s", String.join(" ", arguments), result.output())
        .isEqualTo(exitCode);
    return result.output();
  }

  /** The same in this process, which is there sooner. */
  private static String here(int exitCode, String... arguments) {
    StringWriter output = new StringWriter();
    int ended =
        Pg2Adb.commandLine()
            .setOut(new PrintWriter(output, true))
            .setErr(new PrintWriter(output, true))
            .execute(arguments);
    assertThat(ended).as("%s: %s", String.join(" ", arguments), output).isEqualTo(exitCode);
    return output.toString();
  }

  private JsonNode get(String path) throws IOException {
    return new ObjectMapper().readTree(fetch(path).body());
  }

  private HttpResponse<String> fetch(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String jobId(String output) {
    return find(JOB_ID, output);
  }

  private static String find(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    assertThat(matcher.find()).as("%s in %s", pattern, output).isTrue();
    return matcher.group(1);
  }

  private static String jobJar() throws IOException {
    try (Stream<Path> files = Files.list(Launcher.repository().resolve("job/target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("pg2adb-job-.*\\.jar"))
          .findFirst()
          .orElseThrow()
          .toString();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
