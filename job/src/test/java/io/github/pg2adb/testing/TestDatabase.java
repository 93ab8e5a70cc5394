package io.github.pg2adb.testing;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A database of one test. {@link #execute}, {@link #query} and {@link #single} share one session in
 * autocommit mode with the ordinary search path, and text as our sessions have it; errors are
 * {@link IllegalStateException} with the statement. For one thread, except {@link #connection},
 * {@link #plainConnection} and {@link #endpoint}.
 */
public final class TestDatabase implements AutoCloseable {

  private static final Duration DROP_LIMIT = Duration.ofSeconds(30);

  private final TestServer server;
  private final String name;
  private @Nullable Connection session;

  TestDatabase(TestServer server, String name) {
    this.server = server;
    this.name = name;
  }

  /** Where it is, as a superuser. */
  public Endpoint endpoint() {
    return server.endpoint(name);
  }

  /** The server it is on. */
  public TestServer server() {
    return server;
  }

  /** The database's name. */
  public String name() {
    return name;
  }

  /**
   * Opens a session as the product does: {@code search_path} is {@code pg_catalog}. The caller
   * closes it.
   */
  public Connection connection() {
    return Sessions.open(endpoint(), "pg2adb test");
  }

  /**
   * Opens a session with the ordinary search path and text as our sessions have it. The caller
   * closes it.
   */
  public Connection plainConnection() {
    return open(endpoint());
  }

  /** Runs the statements one after the other, each in a transaction of its own. */
  public void execute(String... statements) {
    for (String sql : statements) {
      execute(session(), sql);
    }
  }

  /** Every row's values as the server's text, null for NULL. */
  public List<List<@Nullable String>> query(String sql) {
    try (Statement statement = session().createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<List<@Nullable String>> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        @Nullable String[] row = new String[columns];
        for (int column = 1; column <= columns; column++) {
          row[column - 1] = result.getString(column);
        }
        rows.add(Collections.unmodifiableList(Arrays.asList(row)));
      }
      return rows;
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  /** The first value of the first row, null if that is NULL or if there is no row. */
  public @Nullable String single(String sql) {
    List<List<@Nullable String>> rows = query(sql);
    return rows.isEmpty() ? null : rows.get(0).get(0);
  }

  /** Closes the session that statements share; the next statement opens another. */
  public void disconnect() {
    try {
      if (session != null) {
        session.close();
      }
    } catch (SQLException e) {
      throw failed("closing the session", e);
    }
    session = null;
  }

  /**
   * Drops the database with its slots and prepared transactions; sessions that still use it are
   * ended.
   */
  @Override
  public void close() {
    try {
      if (session != null) {
        session.close();
      }
      rollBackPrepared();
      try (Connection connection = open(server.endpoint())) {
        Awaitility.await("no session uses " + name)
            .atMost(DROP_LIMIT)
            .pollInSameThread()
            .ignoreExceptionsMatching(TestDatabase::isStillInUse)
            .until(() -> drop(connection));
      }
    } catch (SQLException e) {
      throw failed("DROP DATABASE " + name, e);
    }
  }

  private void rollBackPrepared() throws SQLException {
    String prepared =
        "SELECT 'ROLLBACK PREPARED ' || quote_literal(gid) FROM pg_prepared_xacts WHERE database = "
            + Sql.literal(name);
    List<String> statements = new ArrayList<>();
    try (Connection connection = open(server.endpoint());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(prepared)) {
      while (result.next()) {
        statements.add(result.getString(1));
      }
    }
    if (!statements.isEmpty()) {
      run(endpoint(), statements.toArray(String[]::new));
    }
  }

  /** A slot is free, and a session gone, only some time after its process was told to end. */
  private boolean drop(Connection connection) throws SQLException {
    String of = " = " + Sql.literal(name);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
              + " WHERE active_pid IS NOT NULL AND database"
              + of);
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE pid <> pg_backend_pid() AND datname"
              + of);
      statement.execute(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database"
              + of);
      // a test that failed may have left a standby to wait for that never comes
      statement.execute("SET synchronous_commit = local");
      statement.execute("DROP DATABASE IF EXISTS " + Sql.quote(name));
      return true;
    }
  }

  /** 55006 is object_in_use; 42704 says that the slot, a temporary one, went away by itself. */
  private static boolean isStillInUse(Throwable error) {
    return error instanceof SQLException e
        && ("55006".equals(e.getSQLState()) || "42704".equals(e.getSQLState()));
  }

  private Connection session() {
    if (session == null) {
      session = plainConnection();
    }
    return session;
  }

  static void run(Endpoint endpoint, String... statements) {
    try (Connection connection = open(endpoint)) {
      for (String sql : statements) {
        execute(connection, sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot close a session with " + endpoint, e);
    }
  }

  private static void execute(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  static Connection open(Endpoint endpoint) {
    Properties properties = Sessions.properties(endpoint, "pg2adb test");
    properties.setProperty(
        "options",
        properties.getProperty("options").replace("search_path=pg_catalog", "search_path=public"));
    try {
      Connection connection = DriverManager.getConnection(Sessions.url(endpoint), properties);
      execute(connection, "SET TimeZone TO 'UTC'");
      return connection;
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot connect to " + endpoint, e);
    }
  }

  private static IllegalStateException failed(String sql, SQLException e) {
    return new IllegalStateException(sql + ": " + e.getMessage(), e);
  }
}
