package io.github.pg2adb.source.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Tuple;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CopyTextTest {

  @Test
  void takesEscapesNullsAndEmptyTextsApart() {
    assertThat(parse("a\\tb\\n\\\\N\t\\N\t\té\\b\\f\\r\\v\n", 4))
        .isEqualTo(Tuple.of("a\tb\n\\N", null, "", "é\b\f\r\u000B"));
    assertThat(parse("\n", 1)).isEqualTo(Tuple.of(""));
    assertThat(parse("\\N\n", 1)).isEqualTo(Tuple.of((String) null));
    assertThat(parse("\n", 0)).isEqualTo(Tuple.of());
  }

  @Test
  void refusesRowsWithAnotherNumberOfColumns() {
    assertThatThrownBy(() -> parse("a\tb\n", 1))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("it has more than 1 columns instead of 1");
    assertThatThrownBy(() -> parse("a\tb\n", 3))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("it has 2 columns instead of 3");
  }

  private static Tuple parse(String row, int columns) {
    return CopyText.parse(row.getBytes(StandardCharsets.UTF_8), columns);
  }
}
