package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code status} says of a task without a cluster, and what a running task keeps from. */
class StatusCommandITCase {

  /** A port on which nothing listens: tcpmux is not in use. */
  private static final String NOBODY = "1";

  @TempDir Path folder;

  private String output = "";

  @Test
  void showsATaskFromBeforeItsStartUntilAfterItsEnd() throws IOException {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 1000)");
      try (TestMigration migration = TestMigration.between(source, target)) {
        assertThat(status(migration.taskFile())).isEqualTo(1);
        assertThat(output)
            .contains("DOWN: no run of the task is alive; Cannot reach a Flink cluster at ")
            .contains("not started")
            .contains("there is no slot of the task")
            .contains("public.t");

        migration.start().awaitConsistent();

        assertThat(status(migration.taskFile())).isZero();
        assertThat(output)
            .contains("runs, not on the Flink that was asked: session ")
            .contains("following changes")
            .contains("slot pg2adb_" + migration.name() + " is read and keeps ")
            .contains("100%, 1 of 1 tables, 1,000 rows");
        refuses(migration.taskFile(), "run");
        refuses(migration.taskFile(), "release");

        migration.stop();

        assertThat(status(migration.taskFile())).isEqualTo(1);
        assertThat(output).contains("DOWN: no run of the task is alive").contains("is not read");
        showsWhatIsLeft(migration);
      }
    }
  }

  private void refuses(String task, String command) throws IOException {
    assertThat(execute(command, "-f", write(task))).isEqualTo(2);
    assertThat(output)
        .contains("Cannot take over task ")
        .contains(": it runs already; its lock in ");
  }

  private void showsWhatIsLeft(TestMigration migration) throws IOException {
    migration.source("port", NOBODY);
    assertThat(status(migration.taskFile())).isEqualTo(1);
    assertThat(output)
        .contains("source       CANNOT BE ASKED: Cannot connect to ")
        .contains("destination  has the WAL up to ")
        .contains("bytes not known")
        .contains("1,000 rows");

    migration.sink("port", NOBODY);
    assertThat(status(migration.taskFile())).isEqualTo(1);
    assertThat(output)
        .contains("NOT KNOWN: Cannot reach a Flink cluster at ")
        .contains("destination  CANNOT BE ASKED: Cannot connect to ")
        .contains("not known: the destination cannot be asked");
    assertThat(execute("status", "--json", "-f", write(migration.taskFile()))).isEqualTo(1);
    assertThat(output).contains("\"running\":false").contains("\"problems\":{\"flink\":");
  }

  private int status(String task) throws IOException {
    return execute("status", "--address", "localhost:" + NOBODY, "-f", write(task));
  }

  private int execute(String... arguments) {
    StringWriter text = new StringWriter();
    int exitCode =
        Pg2Adb.commandLine()
            .setOut(new PrintWriter(text, true))
            .setErr(new PrintWriter(text, true))
            .execute(arguments);
    output = text.toString();
    return exitCode;
  }

  private String write(String task) throws IOException {
    return Files.writeString(folder.resolve("task.yaml"), task).toString();
  }
}
