package io.github.pg2adb.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterProcessTest {

  @Test
  void anErrorOfOursIsTheLastWord() {
    assertThat(
            ClusterProcess.lastWords(
                List.of(
                    "12:00 ERROR Fatal error",
                    "Caused by: io.github.pg2adb.model.MigrationException: Cannot start task:",
                    "  TABLES_SELECTED: nothing fits",
                    "\tat io.github.pg2adb.cli.Pg2Adb.main(Pg2Adb.java:1)",
                    "12:01 INFO Shutting down")))
        .containsExactly("Cannot start task:", "  TABLES_SELECTED: nothing fits");
  }

  @Test
  void withoutOneTheLastLinesAre() {
    List<String> log = IntStream.range(0, 100).mapToObj(i -> "line " + i).toList();

    assertThat(ClusterProcess.lastWords(log)).hasSize(15).endsWith("line 99");
  }
}
