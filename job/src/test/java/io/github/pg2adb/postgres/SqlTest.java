package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTest {

  @Test
  void quotesIdentifiersSoThatTheyStayAsTheyAre() {
    assertThat(Sql.quote("a\"b")).isEqualTo("\"a\"\"b\"");
    assertThat(Sql.quote(new TableName("My.Schema", "select")))
        .isEqualTo("\"My.Schema\".\"select\"");
    assertThat(Sql.quoteAll(List.of("a", "B"))).isEqualTo("\"a\", \"B\"");
  }

  @Test
  void writesLiteralsThatDependOnNoSetting() {
    assertThat(Sql.literal("it's")).isEqualTo("'it''s'");
    assertThat(Sql.literal("a\\'b")).isEqualTo("E'a\\\\''b'");
  }
}
