package io.github.pg2adb.postgres;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.MigrationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.QueryExecutor;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Opens sessions in which every value has one text form, whatever the server's, database's or
 * role's settings say, so that text read at one end means the same at the other. The settings
 * travel as startup options: a replication session renders text too and takes them no other way.
 */
public final class Sessions {

  /** The settings that decide how values look as text, and the time limits of our statements. */
  private static final String OPTIONS =
      "-c DateStyle=ISO,YMD -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=3"
          + " -c bytea_output=hex -c xmloption=content -c lc_monetary=C -c statement_timeout=0"
          + " -c search_path=pg_catalog";

  private static final String LOCK_TIMEOUT = " -c lock_timeout=30s";

  /** Far longer than any statement of {@link #openBrief} takes, waiting for locks included. */
  private static final int BRIEF_SECONDS = 600;

  private Sessions() {}

  /** The JDBC URL of the endpoint, without secrets. */
  public static String url(Endpoint endpoint) {
    String host = endpoint.host().contains(":") ? "[" + endpoint.host() + "]" : endpoint.host();
    return "jdbc:postgresql://"
        + host
        + ":"
        + endpoint.port()
        + "/"
        + java.net.URLEncoder.encode(endpoint.database(), java.nio.charset.StandardCharsets.UTF_8)
            .replace("+", "%20");
  }

  /**
   * The driver's properties for a session as described above.
   *
   * @param application what {@code pg_stat_activity.application_name} shows
   */
  public static Properties properties(Endpoint endpoint, String application) {
    Properties properties = new Properties();
    properties.setProperty("user", endpoint.user());
    if (endpoint.password() != null) {
      properties.setProperty("password", endpoint.password().reveal());
    }
    properties.setProperty("ApplicationName", application);
    properties.setProperty("options", OPTIONS + LOCK_TIMEOUT);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("socketFactory", KeptAliveSockets.class.getName());
    properties.setProperty("socketFactoryArg", "");
    properties.setProperty("connectTimeout", "15");
    properties.setProperty("loginTimeout", "30");
    Endpoint.Tls tls = endpoint.tls();
    properties.setProperty("sslmode", tls.mode().word());
    setIfPresent(properties, "sslrootcert", tls.rootCertificate());
    setIfPresent(properties, "sslcert", tls.certificate());
    setIfPresent(properties, "sslkey", tls.key());
    if (tls.keyPassword() != null) {
      properties.setProperty("sslpassword", tls.keyPassword().reveal());
    }
    return properties;
  }

  private static void setIfPresent(
      Properties properties, String name, @org.jspecify.annotations.Nullable String value) {
    if (value != null) {
      properties.setProperty(name, value);
    }
  }

  /**
   * Opens a session.
   *
   * @throws MigrationException if the server cannot be reached or refuses
   */
  public static Connection open(Endpoint endpoint, String application) {
    return connect(endpoint, properties(endpoint, application));
  }

  /**
   * Opens a session for short statements alone: one that is not answered within ten minutes counts
   * as a lost connection, also where something between here and the server keeps the connection up.
   *
   * @throws MigrationException if the server cannot be reached or refuses
   */
  public static Connection openBrief(Endpoint endpoint, String application) {
    Properties properties = properties(endpoint, application);
    properties.setProperty("socketTimeout", String.valueOf(BRIEF_SECONDS));
    return connect(endpoint, properties);
  }

  /**
   * Opens a session that speaks the replication protocol.
   *
   * @throws MigrationException if the server cannot be reached or refuses
   */
  public static Connection openReplication(Endpoint endpoint, String application) {
    return connect(endpoint, replicationProperties(endpoint, application));
  }

  /**
   * As {@link #openReplication}, for a stream whose server must be heard again and again.
   *
   * @throws MigrationException if the server cannot be reached or refuses
   */
  public static ReplicationSession openStream(Endpoint endpoint, String application) {
    Properties properties = replicationProperties(endpoint, application);
    properties.setProperty(
        "socketTimeout", String.valueOf(ReplicationSession.READ_LIMIT.toSeconds()));
    return ReplicationSession.open(tap -> connect(endpoint, tapped(properties, tap)));
  }

  /**
   * Opens a session that reads tables with COPY.
   *
   * @throws MigrationException if the server cannot be reached or refuses
   */
  public static CopySession openCopy(Endpoint endpoint, String application) {
    Properties properties = properties(endpoint, application);
    return CopySession.open(tap -> connect(endpoint, tapped(properties, tap)));
  }

  private static Properties tapped(Properties properties, String tap) {
    properties.setProperty("socketFactoryArg", tap);
    return properties;
  }

  private static Properties replicationProperties(Endpoint endpoint, String application) {
    Properties properties = properties(endpoint, application);
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "10");
    properties.setProperty("options", OPTIONS);
    return properties;
  }

  private static Connection connect(Endpoint endpoint, Properties properties) {
    try {
      // the DriverManager looks for drivers once per process, so that a second job of the same
      // Flink,
      // whose classes have a loader of their own, would find none
      Connection connection =
          Objects.requireNonNull(
              new Driver().connect(url(endpoint), properties), "a driver that takes its own URLs");
      try {
        settle(connection);
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      return connection;
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot connect to " + endpoint,
          "Check host, port, database, username, password and TLS options, and pg_hba.conf on the server.",
          e);
    }
  }

  /**
   * For a connection that was opened elsewhere with {@link #properties}: sets what cannot travel as
   * a startup option: the driver sends the JVM's time zone after our options, and the others do not
   * exist on every release. With {@code row_security} off a policy that would hide rows is an error
   * instead. Compiling a statement costs seconds where statements about catalogs look expensive.
   *
   * <p>Greenplum starts new processes on its segments for every query of the extended protocol, as
   * it would for a cursor, and ends them with it: 33 ms instead of 1 ms for one that reads a row.
   * So it is asked by the simple protocol, which knows no fetch size; {@link #fetchInParts} is for
   * those who need one.
   */
  public static void settle(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone TO 'UTC'");
      try (ResultSet settings =
          statement.executeQuery(
              "SELECT name LIKE 'gp\\_%' AS of_greenplum, CASE WHEN name LIKE 'gp\\_%' THEN setting ELSE"
                  + " pg_catalog.set_config(name, CASE WHEN name IN ('row_security', 'jit') THEN 'off' ELSE '0' END, false) END"
                  + " FROM pg_catalog.pg_settings WHERE name IN ('row_security', 'jit', 'gp_role', 'gp_server_version',"
                  + " 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')")) {
        while (settings.next()) {
          if (settings.getBoolean(1)) {
            executor(connection).setPreferQueryMode(PreferQueryMode.SIMPLE);
          }
        }
      }
    }
  }

  /** Statements of the session may hold a part of their result in memory while this is open. */
  public static FetchInParts fetchInParts(Connection connection) throws SQLException {
    QueryExecutor executor = executor(connection);
    PreferQueryMode before = executor.getPreferQueryMode();
    executor.setPreferQueryMode(PreferQueryMode.EXTENDED);
    return new FetchInParts(executor, before);
  }

  /** A session's time by the extended protocol; a result that was begun in it may outlast it. */
  public static final class FetchInParts implements AutoCloseable {
    private final QueryExecutor executor;
    private final PreferQueryMode before;

    private FetchInParts(QueryExecutor executor, PreferQueryMode before) {
      this.executor = executor;
      this.before = before;
    }

    /** Has the statement, which needs a transaction, hold so many rows at a time. */
    public void limit(Statement statement, int rows) throws SQLException {
      statement.setFetchSize(rows);
    }

    @Override
    public void close() {
      executor.setPreferQueryMode(before);
    }
  }

  private static QueryExecutor executor(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getQueryExecutor();
  }
}
