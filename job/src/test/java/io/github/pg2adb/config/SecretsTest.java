package io.github.pg2adb.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.MigrationException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Breaks a task file in thousands of ways: whatever is said of it, no part of a secret is in it.
 */
class SecretsTest {

  private static final int FILES = 3_000;
  private static final int TELLING_CHARACTERS = 4;

  /** Letters that are in no message and in no other value; the rest means something to YAML. */
  private static final String LETTERS = "QXZJ";

  private static final String SPECIAL = ":#*&%@!{}[],|>'\"`- ?";

  private static final String FILE =
      """
      pipeline:
        name: shop
      source:
        type: postgres
        hostname: db.internal
        port: 5432
        password: SECRET1
        database: shop
        username: reader
        tls.key-password: SECRET2
        tables: [public.*]
      sink:
        type: analyticdb
        hostname: gp.internal
        database: warehouse
        username: loader
        tls.mode: prefer
        password: ${VARIABLE}
        batch-rows: 20000
      """;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void areInNoMessageAndNoDescription(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      String letters = letters(random);
      String secret = random.nextBoolean() ? letters : withSpecial(letters, random);
      String text = FILE.replace("SECRET1", secret).replace("SECRET2", secret);
      for (int edit = random.nextInt(3); edit > 0; edit--) {
        text = edited(text, random);
      }
      assertHidden(text, letters, said(text, letters));
    }
  }

  private static String letters(Random random) {
    return random
        .ints(12, 0, LETTERS.length())
        .mapToObj(index -> String.valueOf(LETTERS.charAt(index)))
        .collect(Collectors.joining());
  }

  private static String withSpecial(String letters, Random random) {
    int at = random.nextInt(3) * letters.length() / 2;
    return letters.substring(0, at)
        + SPECIAL.charAt(random.nextInt(SPECIAL.length()))
        + letters.substring(at);
  }

  /**
   * The text without a character, with one more, with a line twice, or with another value where the
   * environment is named.
   */
  private static String edited(String text, Random random) {
    int at = random.nextInt(text.length());
    char c = SPECIAL.charAt(random.nextInt(SPECIAL.length()));
    return switch (random.nextInt(5)) {
      case 0 -> text.substring(0, at) + text.substring(at + 1);
      case 1 -> text.substring(0, at) + c + text.substring(at);
      case 2 -> text.replace("password: ", random.nextBoolean() ? "password:" : "password: [");
      case 3 -> text.replace("port: 5432", "port: ${VARIABLE}").replace("prefer", "${VARIABLE}");
      default -> text.replace("[public.*]", "[\"${VARIABLE}\"]");
    };
  }

  /** Everything that is said of the file, to people or to a log. */
  private static String said(String text, String secret) {
    try {
      return TaskFile.parse(text, "task.yaml", Map.of("VARIABLE", secret)).toString();
    } catch (MigrationException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return trace.toString();
    }
  }

  private static void assertHidden(String text, String secret, String said) {
    for (int i = 0; i + TELLING_CHARACTERS <= secret.length(); i++) {
      assertThat(said).as(text).doesNotContain(secret.substring(i, i + TELLING_CHARACTERS));
    }
  }
}
