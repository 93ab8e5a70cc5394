package io.github.pg2adb.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A real server judges what the encoder writes. */
class CopyTextITCase {

  private static final String[] PIECES = {
    "\\", "\\N", "\\.", "\t", "\n", "\r", "\r\n", "\b", "\f", "\u000b", "\u0001", "\u007f", "a",
    "N", ".", "'", "\"", ",", "é", "汉", "😀", "\u2028", " ", "x41", "\\x41", "\\101", "{}", "$1", ""
  };

  private static @Nullable String hostile(Random random) {
    if (random.nextInt(10) == 0) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  @Test
  void serverReadsBackWhatWasWritten() throws Exception {
    Random random = new Random(20240229);
    try (TestDatabase database = Servers.target().createDatabase();
        Connection connection = database.connection()) {
      database.execute("CREATE TABLE t (n int PRIMARY KEY, a text, b text)");
      List<List<@Nullable String>> rows = new ArrayList<>();
      try (CopyStream copy = CopyStream.into(connection, "public.t (n, a, b)")) {
        for (int i = 0; i < 20_000; i++) {
          List<@Nullable String> row =
              Arrays.asList(Integer.toString(i), hostile(random), hostile(random));
          rows.add(row);
          copy.value(row.get(0));
          copy.row(Tuple.of(row.get(1), row.get(2)), new int[] {0, 1});
        }
        assertThat(copy.finish()).isEqualTo(20_000);
      }

      assertThat(database.query("SELECT * FROM t ORDER BY n")).isEqualTo(rows);
    }
  }

  @Test
  void streamThatIsNotFinishedLeavesNoRow() throws Exception {
    try (TestDatabase database = Servers.target().createDatabase();
        Connection connection = database.connection()) {
      database.execute("CREATE TABLE t (a text)");
      try (CopyStream copy = CopyStream.into(connection, "public.t (a)")) {
        copy.raw("x\n".repeat(100_000).getBytes(StandardCharsets.UTF_8));
      }

      assertThat(database.single("SELECT count(*) FROM t")).isEqualTo("0");
    }
  }

  @Test
  void largeValuesTravelWhole() throws Exception {
    String large = "\\\n\té".repeat(2_000_000);
    try (TestDatabase database = Servers.target().createDatabase();
        Connection connection = database.connection()) {
      database.execute("CREATE TABLE t (a text)");
      try (CopyStream copy = CopyStream.into(connection, "public.t (a)")) {
        copy.row(Tuple.of(large), new int[] {0});
        copy.finish();
      }

      assertThat(database.single("SELECT a FROM t").equals(large)).isTrue();
    }
  }
}
