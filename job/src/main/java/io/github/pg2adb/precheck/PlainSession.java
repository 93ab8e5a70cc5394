package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.postgres.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;

/** Opens sessions as other programs do, without the settings that ours ask for. */
final class PlainSession {

  private PlainSession() {}

  /**
   * Opens one for reading. The driver still asks for client_encoding, DateStyle, TimeZone and
   * extra_float_digits.
   *
   * @throws SQLException if the server cannot be reached or refuses
   */
  static Connection open(Endpoint endpoint) throws SQLException {
    Properties properties = Sessions.properties(endpoint, "pg2adb precheck");
    properties.remove("options");
    // as Sessions does: the DriverManager finds no driver in the second class loader of a process
    Connection connection =
        Objects.requireNonNull(
            new Driver().connect(Sessions.url(endpoint), properties),
            "a driver that takes its own URLs");
    try {
      connection.setReadOnly(true);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
