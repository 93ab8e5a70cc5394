package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.postgres.Sessions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

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
    Connection connection = DriverManager.getConnection(Sessions.url(endpoint), properties);
    try {
      connection.setReadOnly(true);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
