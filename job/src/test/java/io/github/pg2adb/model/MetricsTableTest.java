package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTableTest {

  private static final Path README = Path.of("..", "README.md");
  private static final String BEGIN = "<!-- metrics:begin -->\n";
  private static final String END = "<!-- metrics:end -->";

  @Test
  void readmeShowsEveryMetric() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    assertThat(end).as("README.md has " + BEGIN + " and " + END).isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("pg2adb.write-readme")) {
      readme = readme.substring(0, begin) + markdown() + readme.substring(end);
      Files.writeString(README, readme);
      end = readme.indexOf(END);
    }

    assertThat(readme.substring(begin, end))
        .as("the metrics in README.md; CONTRIBUTING.md says how to write them")
        .isEqualTo(markdown());
  }

  @Test
  void everyMetricIsThereOnce() {
    assertThat(Arrays.stream(JobMetric.values()).map(metric -> metric.place() + metric.word()))
        .doesNotHaveDuplicates();
  }

  private static String markdown() {
    return Arrays.stream(JobMetric.Place.values())
        .map(MetricsTableTest::table)
        .collect(Collectors.joining("\n"));
  }

  private static String table(JobMetric.Place place) {
    return "| `"
        + place.prefix()
        + "…`<br>"
        + place.title()
        + " | | |\n|---|---|---|\n"
        + Arrays.stream(JobMetric.values())
            .filter(metric -> metric.place() == place)
            .map(
                metric ->
                    "| `"
                        + metric.word()
                        + "` | "
                        + metric.kind().word()
                        + " | "
                        + metric.meaning()
                        + " |\n")
            .collect(Collectors.joining());
  }
}
