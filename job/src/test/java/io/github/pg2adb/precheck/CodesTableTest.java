package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.PrecheckCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodesTableTest {

  private static final Path README = Path.of("..", "README.md");
  private static final String BEGIN = "<!-- prechecks:begin -->\n";
  private static final String END = "<!-- prechecks:end -->";

  @Test
  void readmeShowsEveryCode() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    assertThat(end).as("README.md has " + BEGIN + " and " + END).isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("pg2adb.write-readme")) {
      readme = readme.substring(0, begin) + CodesTable.markdown() + readme.substring(end);
      Files.writeString(README, readme);
      end = readme.indexOf(END);
    }

    assertThat(readme.substring(begin, end))
        .as("the codes in README.md; CONTRIBUTING.md says how to write them")
        .isEqualTo(CodesTable.markdown());
  }

  @Test
  void everyCodeIsLookedAtByOneItem() {
    List<PrecheckCode> codes =
        Precheck.items(Duration.ZERO, 0).stream().flatMap(item -> item.codes().stream()).toList();

    assertThat(codes).doesNotHaveDuplicates().containsExactlyInAnyOrder(PrecheckCode.values());
  }

  @Test
  void everyCodeSaysWhatMustHoldAndWhy() {
    assertThat(PrecheckCode.values()).allMatch(code -> code.reason().endsWith("."));
    assertThat(PrecheckCode.values()).noneMatch(code -> code.title().endsWith("."));
  }
}
