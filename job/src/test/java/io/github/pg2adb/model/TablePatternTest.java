package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablePatternTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      textBlock =
          """
          public.orders          | public    | orders   | true
          public.orders          | public    | Orders   | false
          public.orders          | public    | orders2  | false
          public.*               | public    | anything | true
          public.*               | public2   | anything | false
          *.*                    | any       | thing    | true
          public.tmp_*           | public    | tmp_     | true
          public.tmp_*           | public    | atmp_1   | false
          public.*_log_*_old     | public    | a_log_b_old | true
          public.*_log_*_old     | public    | a_log_old | false
          public.ab*ba           | public    | aba      | false
          public.a*a*a           | public    | aa       | false
          public.a*a*a           | public    | aXaYa    | true
          `"My Schema"."we.ird"` | My Schema | we.ird   | true
          `"a""b"."c*d"`         | a"b       | c*d      | true
          `"a""b"."c*d"`         | a"b       | cXd      | false
          `x."a.b"*`             | x         | a.bc     | true
          """,
      delimiter = '|')
  void matches(String pattern, String schema, String name, boolean expected) {
    assertThat(TablePattern.parse(pattern).matches(new TableName(schema, name)))
        .isEqualTo(expected);
  }

  @Test
  void knowsWhetherItNamesOneTable() {
    assertThat(TablePattern.parse("a.b").isExact()).isTrue();
    assertThat(TablePattern.parse("a.\"*\"").isExact()).isTrue();
    assertThat(TablePattern.parse("a.b*").isExact()).isFalse();
    assertThat(TablePattern.parse("*.b").isExact()).isFalse();
  }

  @Test
  void saysWhatIsWrongWithAPattern() {
    assertMessage(
        "orders",
        "\"orders\" has 1 part and must be schema.table; put a name with a dot in double quotes");
    assertMessage(
        "a.b.c",
        "\"a.b.c\" has 3 parts and must be schema.table; put a name with a dot in double quotes");
    assertMessage("a.", "\"a.\" has an empty name and must be schema.table");
    assertMessage("", "\"\" has an empty name and must be schema.table");
    assertMessage("a.\"b", "\"a.\"b\" has no closing double quote");
  }

  private static void assertMessage(String pattern, String message) {
    assertThatThrownBy(() -> TablePattern.parse(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void selectionTakesWhatIsIncludedAndNotExcluded() {
    TableSelection selection =
        TableSelection.parse(List.of("public.*", "sales.orders"), List.of("public.tmp_*"));

    assertThat(selection.selects(new TableName("public", "users"))).isTrue();
    assertThat(selection.selects(new TableName("sales", "orders"))).isTrue();
    assertThat(selection.selects(new TableName("sales", "other"))).isFalse();
    assertThat(selection.selects(new TableName("public", "tmp_1"))).isFalse();
  }
}
