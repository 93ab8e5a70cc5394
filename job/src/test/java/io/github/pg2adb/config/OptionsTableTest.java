package io.github.pg2adb.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTableTest {

  private static final Path README = Path.of("..", "README.md");
  private static final String BEGIN = "<!-- options:begin -->\n";
  private static final String END = "<!-- options:end -->";

  @Test
  void readmeShowsEveryOption() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    assertThat(end).as("README.md has " + BEGIN + " and " + END).isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("pg2adb.write-readme")) {
      readme = readme.substring(0, begin) + OptionsTable.markdown() + readme.substring(end);
      Files.writeString(README, readme);
      end = readme.indexOf(END);
    }

    assertThat(readme.substring(begin, end))
        .as("the options in README.md; CONTRIBUTING.md says how to write them")
        .isEqualTo(OptionsTable.markdown());
  }

  @Test
  void everyOptionHasADistinctNameAndASentence() {
    List<String> names = Options.ALL.stream().map(Option::name).toList();

    assertThat(new HashSet<>(names)).hasSameSizeAs(names);
    assertThat(Options.ALL).allMatch(option -> option.sentence().endsWith("."));
  }
}
