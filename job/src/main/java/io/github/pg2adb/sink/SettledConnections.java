package io.github.pg2adb.sink;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.postgres.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.jspecify.annotations.Nullable;

/**
 * Flink's connection provider (validity check, re-establishing) whose connections have the settings
 * of {@link Sessions}. Built where it is used and never serialized, so that the password stays in
 * {@link Endpoint}.
 */
final class SettledConnections implements JdbcConnectionProvider {

  private static final long serialVersionUID = 1L;
  private static final int CHECK_SECONDS = 15;

  private final SimpleJdbcConnectionProvider provider;
  private transient @Nullable Connection settled;

  private SettledConnections(SimpleJdbcConnectionProvider provider) {
    this.provider = provider;
  }

  static SettledConnections to(Endpoint endpoint, String application) {
    JdbcConnectionOptions.JdbcConnectionOptionsBuilder options =
        new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
            .withUrl(Sessions.url(endpoint))
            .withDriverName("org.postgresql.Driver")
            .withConnectionCheckTimeoutSeconds(CHECK_SECONDS);
    Properties properties = Sessions.properties(endpoint, application);
    for (String name : properties.stringPropertyNames()) {
      options.withProperty(name, properties.getProperty(name));
    }
    // details of a constraint violation quote the row, and exceptions end in logs
    options.withProperty("logServerErrorDetail", "false");
    return new SettledConnections(new SimpleJdbcConnectionProvider(options.build()));
  }

  @Override
  public @Nullable Connection getConnection() {
    return settled;
  }

  @Override
  public boolean isConnectionValid() throws SQLException {
    return settled != null && provider.isConnectionValid();
  }

  @Override
  public Connection getOrEstablishConnection() throws SQLException, ClassNotFoundException {
    Connection connection = provider.getOrEstablishConnection();
    if (connection != settled) {
      try {
        Sessions.settle(connection);
      } catch (SQLException e) {
        provider.closeConnection();
        throw e;
      }
      settled = connection;
    }
    return connection;
  }

  @Override
  public void closeConnection() {
    settled = null;
    provider.closeConnection();
  }

  @Override
  public void close() {
    closeConnection();
  }

  @Override
  public Connection reestablishConnection() throws SQLException, ClassNotFoundException {
    closeConnection();
    return getOrEstablishConnection();
  }
}
