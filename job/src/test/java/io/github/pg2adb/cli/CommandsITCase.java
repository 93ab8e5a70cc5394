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

/** The commands as a person types them, in this process. */
class CommandsITCase {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void runLoadsABoundedTaskAndEnds() throws IOException {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE t (id int PRIMARY KEY, v text)",
          "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 1000) i");
      TestMigration task =
          TestMigration.between(source, target).pipeline("phases", "[schema, full]");

      assertThat(execute("run", "-f", write(task.taskFile()))).isZero();

      assertThat(err.toString()).isEmpty();
      assertThat(out.toString())
          .contains("Flink's dashboard: http://localhost:")
          .contains("Done: 1,000 rows");
      assertThat(target.single("SELECT count(*) FROM t")).isEqualTo("1000");
    }
  }

  @Test
  void demoShowsThatEveryTableIsEqual() {
    assertThat(execute("demo", "--rows", "20000", "--seconds", "5")).isZero();

    assertThat(err.toString()).isEmpty();
    assertThat(out.toString()).contains("User.select").contains("all 10 tables are equal.");
  }

  @Test
  void releaseDropsSlotAndPublications() throws IOException {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      try (TestMigration migration = TestMigration.between(source, target).start()) {
        migration.awaitConsistent();
        migration.stop();

        assertThat(execute("release", "-f", write(migration.taskFile()))).isZero();

        assertThat(out.toString()).startsWith("Released task \"" + migration.name() + "\" in ");
        assertThat(
                source.query(
                    "SELECT 1 FROM pg_replication_slots WHERE database = current_database()"))
            .isEmpty();
        assertThat(source.query("SELECT 1 FROM pg_publication")).isEmpty();
      }
    }
  }

  @Test
  void aServerOfAnotherKindIsWrongConfiguration() throws IOException {
    try (TestDatabase source = Servers.source().createDatabase()) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY)");
      String task =
          TestMigration.between(source, source)
              .taskFile()
              .replace("type: postgresql", "type: analyticdb");

      assertThat(execute("run", "-f", write(task))).isEqualTo(2);

      assertThat(err.toString())
          .startsWith("pg2adb: Cannot run task ")
          .contains(
              "SINK_KIND: The task says sink.type is analyticdb, the server says it is postgresql")
          .contains("Hint: `pg2adb precheck -f TASK.yaml` shows all that was looked at.");
    }
  }

  @Test
  void everyProblemOfATaskFileIsShownWithItsLine() throws IOException {
    String file =
        write("pipeline:\n  name: x\n  paralelism: 2\nsource:\n  type: postgres\n  port: 99999\n");

    assertThat(execute("run", "-f", file)).isEqualTo(2);

    assertThat(err.toString())
        .contains(":3:")
        .contains("parallelism")
        .contains(":6:")
        .contains("99999")
        .contains("sink");
  }

  private int execute(String... arguments) {
    return Pg2Adb.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private String write(String task) throws IOException {
    return Files.writeString(folder.resolve("task.yaml"), task).toString();
  }
}
