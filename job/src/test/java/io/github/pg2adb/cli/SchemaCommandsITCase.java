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
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaCommandsITCase {

  @TempDir private Path folder;
  private TestDatabase source;
  private TestDatabase sink;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    sink = Servers.target().createDatabase();
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE EXTENSION citext SCHEMA shop",
        "CREATE TYPE shop.size AS ENUM ('small', 'large')",
        "CREATE DOMAIN shop.sizes AS shop.size[]",
        "CREATE FUNCTION shop.next() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2 $$",
        "CREATE TABLE shop.item (id shop.size, part serial, n int DEFAULT shop.next(), s shop.sizes, c shop.citext,"
            + " PRIMARY KEY (id, part), CHECK (n > 0))",
        "CREATE INDEX \"By C\" ON shop.item (c, lower(n::text))",
        "CREATE VIEW shop.shown AS SELECT id, n FROM shop.item",
        "CREATE FUNCTION shop.act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'",
        "CREATE TRIGGER acted BEFORE UPDATE ON shop.item FOR EACH ROW EXECUTE PROCEDURE shop.act()");
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    sink.close();
  }

  private String onExistingTable = "fail";

  private int execute(String... arguments) throws Exception {
    Path file = folder.resolve("task.yaml");
    try (TestMigration task =
        TestMigration.between(source, sink)
            .source("tables", "['shop.*']")
            .sink("on-existing-table", onExistingTable)) {
      Files.writeString(file, task.taskFile());
    }
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(1, List.of("-f", file.toString()));
    out.getBuffer().setLength(0);
    return Pg2Adb.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void planTouchesNothingAndSaysWhatIsLeftOut() throws Exception {
    assertThat(execute("plan")).isZero();

    assertThat(err.toString()).isEmpty();
    assertThat(out.toString())
        .contains("-- before the rows are copied")
        .contains("CREATE TABLE \"shop\".\"item\" (")
        .contains("-- when the rows are there")
        .contains(
            "CREATE INDEX \"By C\" ON \"shop\".\"item\" USING btree (\"c\", (lower((n)::text)));")
        .containsPattern("left-out +trigger acted of shop.item +What it does arrives")
        .containsPattern("\\d+ statements for \\w+ .*; 0 objects kept, 0 adapted, \\d left out");
    assertThat(sink.query("SELECT 1 FROM pg_namespace WHERE nspname = 'shop'")).isEmpty();
  }

  @Test
  void theScriptCreatesWhatTheCommandsWouldCreate() throws Exception {
    assertThat(execute("plan", "--sql")).isZero();
    try (Connection connection = sink.plainConnection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(out.toString());
    }

    assertThat(execute("schema")).isEqualTo(2);
    assertThat(err.toString())
        .contains("table \"shop.item\" is there and this task did not create it");
    onExistingTable = "keep";
    assertThat(execute("schema", "--json")).isZero();
    assertThat(outcomes("objects")).doesNotContain("created");
    assertThat(execute("schema", "--after-load", "--json")).isZero();
    assertThat(outcomes("objects")).doesNotContain("created").contains("kept", "left-out");
    assertThat(execute("plan", "--json")).isZero();
    assertThat(new ObjectMapper().readTree(out.toString()).get("statements"))
        .allMatch(statement -> statement.get("object").asText().startsWith("statistics of "));
  }

  @Test
  void schemaCreatesTablesAndAfterTheLoadTheRest() throws Exception {
    assertThat(execute("schema")).isZero();
    assertThat(out.toString())
        .containsPattern("created +type shop.size")
        .containsPattern("created +table shop.item")
        .containsPattern("\\d+ objects created, 0 kept, 0 adapted, 0 left out");
    assertThat(sink.single("SELECT to_regclass('shop.\"By C\"')")).isNull();

    assertThat(execute("schema", "--after-load")).isZero();

    assertThat(out.toString())
        .containsPattern("created +index shop.By C")
        .containsPattern("created +view shop.shown");
    assertThat(sink.single("SELECT to_regclass('shop.\"By C\"')")).isNotNull();
  }

  @Test
  void planIsJsonForPrograms() throws Exception {
    assertThat(execute("plan", "--json")).isZero();

    JsonNode plan = new ObjectMapper().readTree(out.toString());
    assertThat(plan.get("destination").get("kind").asText())
        .isEqualTo(Servers.target().product().kind().word());
    assertThat(plan.get("statements"))
        .anySatisfy(
            statement -> {
              assertThat(statement.get("moment").asText()).isEqualTo("after-load");
              assertThat(statement.get("object").asText()).isEqualTo("view shop.shown");
              assertThat(statement.get("sql").asText())
                  .startsWith("CREATE VIEW \"shop\".\"shown\"");
            });
    assertThat(outcomes("decisions")).containsOnly("left-out");
  }

  private List<String> outcomes(String list) throws Exception {
    List<String> outcomes = new ArrayList<>();
    new ObjectMapper()
        .readTree(out.toString())
        .get(list)
        .forEach(entry -> outcomes.add(entry.get("outcome").asText()));
    return outcomes;
  }
}
