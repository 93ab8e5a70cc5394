package io.github.pg2adb.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.cli.cluster.FlinkJvm;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A Flink cluster of real processes: ZooKeeper, one JobManager and one TaskManager, from what
 * {@code package} has put beside the job jar. With ZooKeeper a JobManager that was killed and
 * started again goes on with its jobs by itself. For one thread.
 */
public final class FlinkCluster implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
  private static final List<String> OPENED =
      List.of(
          "lang",
          "lang.reflect",
          "io",
          "net",
          "nio",
          "text",
          "time",
          "util",
          "util.concurrent",
          "util.concurrent.atomic",
          "util.concurrent.locks");

  private final Path folder;
  private final Path libraries;
  private final Path job;
  private final int restPort = freePort();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final Process zooKeeper;
  private Process jobManager;
  private Process taskManager;
  private final Thread exitHook = new Thread(this::killAll, "flink-cluster-exit");
  private int starts;

  private FlinkCluster(Path folder) throws IOException {
    this.folder = folder;
    Path target = Path.of(System.getProperty("pg2adb.target", "target")).toAbsolutePath();
    this.libraries = target.resolve("flink-lib");
    this.job = jobJar(target);
    int zooKeeperPort = freePort();
    writeConfiguration(zooKeeperPort);
    Runtime.getRuntime().addShutdownHook(exitHook);
    this.zooKeeper =
        java(
            "zookeeper",
            "-Xmx128m",
            "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain",
            String.valueOf(zooKeeperPort),
            folder.resolve("zookeeper").toString());
    startJobManager();
    startTaskManager();
  }

  /** Starts the processes and waits until jobs can be submitted. */
  public static FlinkCluster start() {
    try {
      FlinkCluster cluster = new FlinkCluster(Files.createTempDirectory("pg2adb-flink-"));
      cluster.awaitSlots();
      return cluster;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path jobJar(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("pg2adb-job-.*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("No job jar in " + target));
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void writeConfiguration(int zooKeeperPort) throws IOException {
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(
        folder.resolve("conf/config.yaml"),
        String.join(
            "\n",
            "jobmanager.rpc.address: localhost",
            "jobmanager.bind-host: localhost",
            "rest.address: localhost",
            "rest.bind-address: localhost",
            "rest.port: " + restPort,
            "rest.bind-port: '" + restPort + "'",
            "taskmanager.host: localhost",
            "taskmanager.bind-host: localhost",
            "taskmanager.numberOfTaskSlots: 2",
            "taskmanager.cpu.cores: 2.0",
            "taskmanager.memory.framework.heap.size: 128mb",
            "taskmanager.memory.framework.off-heap.size: 64mb",
            "taskmanager.memory.jvm-metaspace.size: 256mb",
            "taskmanager.memory.jvm-overhead.min: 64mb",
            "taskmanager.memory.jvm-overhead.max: 64mb",
            "taskmanager.memory.task.heap.size: 384mb",
            "taskmanager.memory.task.off-heap.size: 0mb",
            "taskmanager.memory.network.min: 64mb",
            "taskmanager.memory.network.max: 64mb",
            "taskmanager.memory.managed.size: 4mb",
            // ten seconds are not enough on a machine that does other things
            "pekko.startup-timeout: 3 min",
            "heartbeat.interval: 1000",
            "heartbeat.timeout: 8000",
            "high-availability.type: zookeeper",
            "high-availability.zookeeper.quorum: localhost:" + zooKeeperPort,
            "high-availability.zookeeper.client.session-timeout: 8000",
            "high-availability.storageDir: " + folder.resolve("ha").toUri(),
            "execution.checkpointing.dir: " + folder.resolve("checkpoints").toUri(),
            "execution.checkpointing.savepoint-dir: " + folder.resolve("savepoints").toUri(),
            "io.tmp.dirs: " + folder.resolve("tmp"),
            "web.tmpdir: " + Files.createDirectories(folder.resolve("tmp")),
            ""));
    Files.writeString(
        folder.resolve("conf/log4j.properties"),
        """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = console
        appender.console.name = console
        appender.console.type = Console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %-40c{1} %m%n%ex{30}
        """);
  }

  private Process java(String name, String memory, String... mainAndArguments) {
    List<String> options =
        new ArrayList<>(
            List.of(
                memory,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlog4j2.configurationFile=" + folder.resolve("conf/log4j.properties")));
    OPENED.forEach(opened -> options.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED"));
    options.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
    List<String> arguments = List.of(mainAndArguments);
    ProcessBuilder builder =
        new FlinkJvm(libraries, folder.resolve("plugins"), folder.resolve("conf"))
            .process(options, arguments.get(0), arguments.subList(1, arguments.size()));
    builder.redirectOutput(folder.resolve(++starts + "-" + name + ".log").toFile());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts the JobManager, without waiting for it. */
  public void startJobManager() {
    jobManager =
        java(
            "jobmanager",
            "-Xmx320m",
            FlinkJvm.JOB_MANAGER,
            "--configDir",
            folder.resolve("conf").toString());
  }

  /** Starts the TaskManager, without waiting for it. */
  public void startTaskManager() {
    taskManager =
        java(
            "taskmanager",
            "-Xmx512m",
            FlinkJvm.TASK_MANAGER,
            "--configDir",
            folder.resolve("conf").toString());
  }

  /** {@code kill -9} of the JobManager. */
  public void killJobManager() {
    kill(jobManager);
  }

  /** {@code kill -9} of the TaskManager. */
  public void killTaskManager() {
    kill(taskManager);
  }

  private static void kill(Process process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  private void awaitSlots() {
    Awaitility.await("slots in the cluster of " + folder)
        .atMost(START_LIMIT)
        .ignoreExceptions()
        .until(() -> get("/overview").path("slots-available").asInt() > 0);
  }

  /** Starts {@code flink run -d} with this task file, without waiting for it. */
  public Submission submit(String taskFile) {
    try {
      Path file = Files.writeString(folder.resolve("task-" + starts + ".yaml"), taskFile);
      Process process =
          java(
              "run",
              "-Xmx256m",
              FlinkJvm.CLIENT,
              "run",
              "-d",
              job.toString(),
              "-f",
              file.toString());
      return new Submission(process, folder.resolve(starts + "-run.log"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client that submits a job. */
  public record Submission(Process process, Path log) {

    /** Waits for its end and returns the job's id. */
    public String jobId() throws IOException, InterruptedException {
      if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("flink run does not end: " + Files.readString(log));
      }
      String output = Files.readString(log);
      Matcher matcher = JOB_ID.matcher(output);
      if (!matcher.find()) {
        throw new AssertionError("flink run submitted nothing: " + output);
      }
      return matcher.group(1);
    }

    /** {@code kill -9} of the client. */
    public void kill() {
      FlinkCluster.kill(process);
    }
  }

  /** The job's state, such as RUNNING; UNKNOWN while the JobManager does not answer. */
  public String state(String jobId) {
    try {
      return get("/jobs/" + jobId).path("state").asText("UNKNOWN");
    } catch (IOException e) {
      return "UNKNOWN";
    }
  }

  /** Why the job failed last, for messages of tests. */
  public String exceptions(String jobId) {
    try {
      return get("/jobs/" + jobId + "/exceptions").toPrettyString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** How many checkpoints are under way. */
  public int checkpointsInProgress(String jobId) {
    return checkpoints(jobId, "in_progress");
  }

  /** How many checkpoints the JobManager has completed since it started. */
  public int checkpointsCompleted(String jobId) {
    return checkpoints(jobId, "completed");
  }

  private int checkpoints(String jobId, String what) {
    try {
      return get("/jobs/" + jobId + "/checkpoints").path("counts").path(what).asInt();
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Asks for a savepoint, without waiting for it.
   *
   * @return whether the JobManager has begun it; not while it starts or has no such job yet
   */
  public boolean triggerSavepoint(String jobId) {
    try {
      return send(HttpRequest.newBuilder(uri("/jobs/" + jobId + "/savepoints"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"cancel-job\": false}")))
          .has("request-id");
    } catch (IOException e) {
      return false;
    }
  }

  private JsonNode get(String path) throws IOException {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + restPort + path);
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException {
    try {
      return json.readTree(
          http.send(
                  request.timeout(Duration.ofSeconds(10)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where logs, checkpoints and configuration are. */
  public Path folder() {
    return folder;
  }

  @Override
  public void close() {
    killAll();
    Runtime.getRuntime().removeShutdownHook(exitHook);
  }

  /** Also when the constructor did not get far. */
  private void killAll() {
    Stream.of(taskManager, jobManager, zooKeeper)
        .filter(Objects::nonNull)
        .forEach(FlinkCluster::kill);
  }
}
