package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Launcher;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task with a cluster of its own, whose JobManager prepares it and ends with it, and which
 * outlives its JobManager. Flink is one that {@code FLINK_HOME} names.
 */
class ApplicationModeITCase {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String TASK = "application_" + ProcessHandle.current().pid();
  private static final Pattern JOB_ID = Pattern.compile("Job ([0-9a-f]{32}): pg2adb " + TASK);
  private static final Pattern SAVEPOINT = Pattern.compile("Path: (\\S+)");
  private static final String DIGEST =
      "SELECT count(*) || ' ' || coalesce(md5(string_agg(id || v, ',' ORDER BY id)), '') FROM public.item";

  @TempDir Path folder;

  private TestDatabase source;
  private TestDatabase target;
  private Launcher launcher;
  private String taskFile;
  private List<String> start;

  @BeforeEach
  void prepare() throws IOException {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
    String text = TestMigration.between(source, target).taskFile();
    taskFile =
        Files.writeString(
                folder.resolve("task.yaml"), text.replaceFirst("name: \\S+", "name: " + TASK))
            .toString();
    launcher =
        new Launcher(
            folder,
            Map.of(
                "FLINK_HOME", distribution().toString(),
                "PG2ADB_CLUSTER_DIR", home().toString()));
    start =
        List.of(
            "cluster",
            "start",
            "-f",
            taskFile,
            "--high-availability",
            "--port",
            String.valueOf(freePort()),
            "-D",
            "jobmanager.rpc.port=" + freePort(),
            "-D",
            "high-availability.zookeeper.quorum=localhost:" + freePort(),
            "-D",
            "execution.checkpointing.dir=" + folder.resolve("checkpoints").toUri(),
            "-D",
            "jobmanager.memory.process.size=768m",
            "-D",
            "taskmanager.memory.process.size=1g");
  }

  /** A folder laid out like Flink's distribution. */
  private Path distribution() throws IOException {
    Path flink = Files.createDirectories(folder.resolve("flink-1.20"));
    Path target = Launcher.repository().resolve("job/target");
    Files.createSymbolicLink(flink.resolve("lib"), target.resolve("flink-lib"));
    Files.createSymbolicLink(flink.resolve("plugins"), target.resolve("flink-plugins"));
    return flink;
  }

  private Path home() {
    return folder.resolve("home");
  }

  @AfterEach
  void stop() {
    launch(0, List.of("cluster", "stop"));
    target.close();
    source.close();
  }

  @Test
  void aTaskOutlivesItsJobManagerAndEndsWithItsCluster() throws IOException {
    source.execute(
        "CREATE TABLE item (id int PRIMARY KEY, v text NOT NULL)",
        "INSERT INTO item SELECT i, 'v' || i FROM generate_series(1, 20000) i");

    String started = launch(0, start);
    awaitEqual();
    assertThat(started).contains("jobmanager (pid", "taskmanager-1 (pid", "zookeeper (pid");
    assertThat(Files.readSymbolicLink(home().resolve("lib")))
        .isEqualTo(folder.resolve("flink-1.20/lib"));
    assertThat(launch(2, start)).contains("task \"" + TASK + "\": one runs here already");

    kill("jobmanager");
    change(1);
    assertThat(find(JOB_ID, launch(0, start)))
        .as("the job that was there before")
        .isEqualTo(find(JOB_ID, started));
    awaitEqual();
    assertThat(Files.readString(home().resolve("log/jobmanager.log")))
        .contains("The JobManager has brought the task's job back");

    String stopped =
        launch(
            0,
            List.of(
                "flink",
                "stop",
                "--savepointPath",
                folder.resolve("savepoints").toString(),
                find(JOB_ID, started)));
    assertThat(target.single(DIGEST)).as("stop has flushed").isEqualTo(source.single(DIGEST));
    Awaitility.await("the JobManager ends with its job")
        .atMost(LIMIT)
        .until(() -> process("jobmanager").isEmpty());

    change(2);
    List<String> again = new ArrayList<>(start);
    again.addAll(List.of("-s", find(SAVEPOINT, stopped), "--parallelism", "1"));
    launch(0, again);
    awaitEqual();
  }

  @Test
  void aTaskThatCannotRunEndsItsClusterAndSaysWhy() {
    // no table, which the precheck refuses
    assertThat(launch(1, start))
        .contains("Cannot start Flink: the jobmanager ended:")
        .contains("TABLES_SELECTED");
    assertThat(launch(1, List.of("cluster", "status"))).contains("No cluster runs.");
  }

  private void kill(String name) {
    ProcessHandle process = process(name).orElseThrow();
    assertThat(process.destroyForcibly()).isTrue();
    Awaitility.await(name + " is gone").atMost(LIMIT).until(() -> !process.isAlive());
  }

  private Optional<ProcessHandle> process(String name) {
    try {
      String pid = Files.readAllLines(home().resolve("run/" + name + ".pid")).get(0);
      return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(int round) {
    source.execute(
        "INSERT INTO item SELECT " + (100_000 * round) + " + i, 'n' FROM generate_series(1, 500) i",
        "UPDATE item SET v = v || '-" + round + "' WHERE id % 7 = " + round,
        "DELETE FROM item WHERE id % 11 = " + round);
  }

  private void awaitEqual() {
    Awaitility.await("source and destination are equal")
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> Objects.equals(source.single(DIGEST), target.single(DIGEST)));
  }

  private String launch(int exitCode, List<String> arguments) {
    Launcher.Result result = launcher.run(arguments.toArray(String[]::new));
    assertThat(result.exitCode())
        .as("%s: %s", String.join(" ", arguments), result.output())
        .isEqualTo(exitCode);
    return result.output();
  }

  private static String find(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    assertThat(matcher.find()).as("%s in %s", pattern, output).isTrue();
    return matcher.group(1);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
