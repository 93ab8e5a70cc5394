package io.github.pg2adb.testing;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** The sample database Pagila, whose script is from the days of release 8. */
public final class Pagila {

  private Pagila() {}

  /** The folder that {@code PG2ADB_TEST_PAGILA} names; without one the test is skipped. */
  private static Path folder() {
    String folder = System.getenv("PG2ADB_TEST_PAGILA");
    if (folder == null) {
      System.out.println(
          "[pg2adb tests] SKIPPED: PG2ADB_TEST_PAGILA names no folder with pagila-schema.sql");
    }
    assumeThat(folder).as("PG2ADB_TEST_PAGILA").isNotNull();
    return Path.of(folder);
  }

  /** Creates the schema, without the languages, settings and owners that are gone. */
  public static void create(TestDatabase database) throws IOException, SQLException {
    String script =
        Files.readString(folder().resolve("pagila-schema.sql"))
            .lines()
            .filter(line -> !line.startsWith("SET default_with_oids"))
            .filter(line -> !line.startsWith("CREATE PROCEDURAL LANGUAGE"))
            .filter(line -> !line.contains("OWNER TO"))
            .filter(line -> !line.startsWith("REVOKE ") && !line.startsWith("GRANT "))
            .collect(Collectors.joining("\n"));
    try (Connection connection = database.plainConnection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(script);
    }
  }

  /** Copies the rows, as {@code psql} would from the script's COPY commands. */
  public static void load(TestDatabase database) throws IOException, SQLException {
    try (BufferedReader script = Files.newBufferedReader(folder().resolve("pagila-data.sql"));
        Connection connection = database.plainConnection();
        Statement statement = connection.createStatement()) {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      for (String line = script.readLine(); line != null; line = script.readLine()) {
        if (line.startsWith("COPY ")) {
          copy.copyIn(line, new StringReader(rows(script)));
        } else if (!line.isBlank() && !line.startsWith("--")) {
          statement.execute(line);
        }
      }
    }
  }

  private static String rows(BufferedReader script) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (String line = script.readLine();
        line != null && !line.equals("\\.");
        line = script.readLine()) {
      rows.append(line).append('\n');
    }
    return rows.toString();
  }
}
