package io.github.pg2adb.schema;

import io.github.pg2adb.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;

/** The sample database Pagila, whose script is from the days of release 8. */
final class Pagila {

  private Pagila() {}

  /**
   * Executes the script in this folder, without the languages, settings and owners that are gone.
   */
  static void create(TestDatabase database, Path folder) throws IOException, SQLException {
    String script =
        Files.readString(folder.resolve("pagila-schema.sql"))
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
}
