package io.github.pg2adb.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench as a whole, with the packaged job and hardly any data. */
class BenchITCase {

  @TempDir private Path folder;

  @Test
  void pg2adbLoadsNextToItsPeers() throws Exception {
    JsonNode line = measure("full");

    assertThat(line.get("work").asText()).isEqualTo("Full load of 2,000 orders, key in place");
  }

  @Test
  @Tag("slow")
  void pg2adbCatchesUpNextToItsPeers() throws Exception {
    JsonNode line = measure("bulk");

    assertThat(line.at("/contestants/1/pg2adb-is-better-by").asDouble())
        .as("the ratio to native replication")
        .isPositive();
  }

  /** Measures one line in one round, and returns it from the report. */
  private JsonNode measure(String name) throws Exception {
    Path file = folder.resolve("bench.json");
    StringWriter out = new StringWriter();
    StringWriter progress = new StringWriter();

    int exitCode =
        Bench.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(progress))
            .execute(
                "--quick",
                "--lines=" + name,
                "--set=rows=2000",
                "--set=bulk-rows=1000",
                "--without=stock,pgcopydb,walsender",
                "--heap=512m",
                "--json=" + file);

    assertThat(exitCode).as("%s%s", progress, out).isZero();
    assertThat(out.toString()).contains("processor: ", "source: PostgreSQL 16", "ratio");
    JsonNode lines = new ObjectMapper().readTree(file.toFile()).get("lines");
    assertThat(lines).hasSize(1);
    JsonNode line = lines.get(0);
    assertThat(line.at("/contestants/0/name").asText()).isEqualTo("pg2adb");
    assertThat(line.at("/contestants/0/median").asDouble()).isPositive();
    for (JsonNode contestant : line.get("contestants")) {
      assertThat(contestant.get("remarks"))
          .as(contestant.toString())
          .allSatisfy(remark -> assertThat(remark.asText()).startsWith("not there: "));
    }
    return line;
  }

  @Test
  void anUnknownLineIsRefusedWithThoseThereAre() {
    StringWriter error = new StringWriter();

    int exitCode = Bench.commandLine().setErr(new PrintWriter(error)).execute("--lines=full,slow");

    assertThat(exitCode).isEqualTo(2);
    assertThat(error.toString())
        .contains("no line is called \"slow\". Hint: there are [full, bulk, oltp,");
  }
}
