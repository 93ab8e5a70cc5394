package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecheckCommandITCase {

  @TempDir private Path folder;
  private TestDatabase source;
  private TestDatabase sink;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    sink = Servers.target().createDatabase();
    source.execute("CREATE TABLE plain (id int PRIMARY KEY)", "CREATE TABLE keyless (v text)");
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    sink.close();
  }

  private int execute(String command, String tables, String... options) throws Exception {
    Path file = folder.resolve("task.yaml");
    try (TestMigration task = TestMigration.between(source, sink).source("tables", tables)) {
      Files.writeString(file, task.taskFile());
    }
    List<String> arguments = new ArrayList<>(List.of(command, "-f", file.toString()));
    arguments.addAll(List.of(options));
    return Pg2Adb.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments.toArray(String[]::new));
  }

  @Test
  void printsATableOfWhatItFound() throws Exception {
    int exitCode = execute("precheck", "['public.*']");

    assertThat(exitCode).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("pass +WAL_LEVEL +wal_level is logical")
        .containsPattern("ERROR +REPLICA_IDENTITY +Every selected table has a replica identity")
        .contains("What: public.keyless")
        .contains("Mend it on the source, or let --fix do it:")
        .contains("ALTER TABLE \"public\".\"keyless\" REPLICA IDENTITY FULL;")
        .containsPattern("\\d+ passed, \\d+ skipped, \\d+ warnings?, 1 errors?\\.");
  }

  @Test
  void printsJsonAndFailsWithErrors() throws Exception {
    int exitCode = execute("precheck", "['public.plian']", "--json");

    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(exitCode).isEqualTo(1);
    assertThat(report.get("error").asInt()).isEqualTo(1);
    List<JsonNode> errors = new ArrayList<>();
    report
        .get("findings")
        .forEach(
            finding -> {
              if (finding.get("result").asText().equals("error")) {
                errors.add(finding);
              }
            });
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0).get("code").asText()).isEqualTo("TABLES_SELECTED");
    assertThat(errors.get(0).get("finding").asText())
        .isEqualTo(
            "Cannot select tables: \"public.plian\" matches no table, the nearest name is \"public.plain\".");
    assertThat(errors.get(0).get("ignorable").asBoolean()).isFalse();
    assertThat(errors.get(0).get("mend").get("place").asText()).isEqualTo("by-hand");
  }

  @Test
  void fixesAndLooksAgain() throws Exception {
    assertThat(execute("precheck", "['public.*']", "--fix")).isZero();

    assertThat(out.toString()).containsPattern("pass +REPLICA_IDENTITY");
    assertThat(source.single("SELECT relreplident FROM pg_class WHERE relname = 'keyless'"))
        .isEqualTo("f");
  }

  @Test
  void runRefusesToStartOnErrors() throws Exception {
    sink.execute("CREATE TABLE plain (id int PRIMARY KEY)", "INSERT INTO plain VALUES (1)");

    int exitCode = execute("run", "['public.plain']");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString())
        .contains("the precheck found 2 errors")
        .contains("SINK_TABLE_EXISTS: These tables are there and this task did not create them")
        .contains("sink.on-existing-table: keep")
        .contains("SINK_ROWS: These tables have rows that this task did not copy. (public.plain)")
        .contains("Mend it on the destination:")
        .contains("TRUNCATE TABLE \"public\".\"plain\"");
    assertThat(source.single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
  }
}
