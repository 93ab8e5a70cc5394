package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Launcher;
import io.github.pg2adb.testing.PseudoTerminal;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TerminalPicture;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code status --watch} draws on a terminal, and prints elsewhere, of a task that runs. */
class StatusWatchITCase {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int TABLES = 20;
  private static final int WIDTH = 50;
  private static final int HEIGHT = 14;

  /** What Ctrl-C gives in every shell. */
  private static final int INTERRUPTED = 130;

  @TempDir Path folder;

  private TestDatabase source;
  private TestDatabase target;
  private TestMigration migration;
  private List<String> command;

  @BeforeEach
  void startTask() throws IOException {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
    for (int table = 0; table < TABLES; table++) {
      source.execute("CREATE TABLE t%02d (id int PRIMARY KEY)".formatted(table));
    }
    migration = TestMigration.between(source, target).start();
    migration.awaitConsistent();
    Path file = Files.writeString(folder.resolve("task.yaml"), migration.taskFile());
    command =
        List.of(
            Launcher.repository().resolve("deploy/pg2adb").toString(),
            "status",
            "--watch",
            // a port on which nothing listens: tcpmux is not in use
            "--address",
            "localhost:1",
            "-f",
            file.toString());
  }

  @AfterEach
  void stopTask() {
    migration.close();
    target.close();
    source.close();
  }

  @Test
  void isDrawnInPlaceOnATerminalUntilCtrlC() throws Exception {
    Assumptions.assumeTrue(
        PseudoTerminal.isAvailable(), "this machine has no `script` of util-linux");
    String again = "\u001b[" + (HEIGHT - 1) + "F";
    try (PseudoTerminal terminal =
        PseudoTerminal.start(
            folder.resolve("terminal"),
            Map.of("JAVA_HOME", System.getProperty("java.home")),
            WIDTH,
            HEIGHT,
            command)) {
      Awaitility.await("the second frame")
          .atMost(LIMIT)
          .until(() -> terminal.text().contains(again));
      source.execute("INSERT INTO t00 SELECT generate_series(1, 1234)");
      Awaitility.await("the change is drawn")
          .atMost(LIMIT)
          .until(
              () ->
                  terminal.picture().lines().stream()
                      .anyMatch(line -> line.startsWith("  changes      1,234 applied")));
      terminal.interrupt();

      assertThat(terminal.awaitEnd(LIMIT)).isEqualTo(INTERRUPTED);
      TerminalPicture picture = terminal.picture();
      assertThat(picture.scrolled())
          .as("only what was there before the first frame may leave")
          .noneMatch(line -> line.startsWith("Task ") || line.startsWith("  "));
      assertThat(picture.lines().get(0)).startsWith("Task " + migration.name() + " at ");
      assertThat(picture.lines())
          .filteredOn(line -> line.startsWith("  public.t"))
          .as("as many tables as there is room for")
          .hasSize(HEIGHT - 9);
      assertThat(picture.lines().get(HEIGHT - 2)).isEqualTo("  ... 15 lines more");
      assertThat(picture.lines().get(HEIGHT - 1)).isIn("", "^C");
    }
  }

  @Test
  void isPrintedWithoutAnythingElseIntoAFile() throws Exception {
    Path output = folder.resolve("file");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      Awaitility.await("two readings")
          .atMost(LIMIT)
          .until(() -> Files.readString(output).split("Task " + migration.name(), -1).length > 2);
    } finally {
      process.destroy();
    }
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .doesNotContain("\u001b")
        .contains("runs, not on the Flink that was asked")
        .contains("public.t00 ")
        .contains("public.t19 ");
  }
}
