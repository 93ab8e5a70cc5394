package io.github.pg2adb.bench;

import io.github.pg2adb.model.Endpoint;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * A server and a superuser of it.
 *
 * @param host its name or address
 * @param port its TCP port
 * @param user the role
 * @param password the role's password, empty where none is asked for
 */
record Server(String host, int port, String user, String password) {

  /**
   * Reads libpq's form of an address.
   *
   * @param address such as {@code postgresql://postgres:secret@127.0.0.1:5432}
   * @throws IllegalArgumentException if it is something else
   */
  static Server parse(String address) {
    URI uri = URI.create(address);
    String userInfo = uri.getRawUserInfo();
    if (!"postgresql".equals(uri.getScheme()) || uri.getHost() == null || userInfo == null) {
      throw new IllegalArgumentException(
          "not a server's address. Hint: write postgresql://USER:PASSWORD@HOST:PORT, the password where one is needed.");
    }
    String[] parts = userInfo.split(":", 2);
    return new Server(
        uri.getHost(),
        uri.getPort() < 0 ? 5432 : uri.getPort(),
        decode(parts[0]),
        parts.length == 2 ? decode(parts[1]) : "");
  }

  static Server of(Endpoint endpoint) {
    return new Server(endpoint.host(), endpoint.port(), endpoint.user(), "");
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  Db database(String name) {
    return new Db(this, name);
  }

  /** What {@code version()} says. */
  String version() throws SQLException {
    return database("postgres").text("SELECT version()");
  }

  boolean isGreenplum() throws SQLException {
    return version().contains("Greenplum");
  }

  /** Without the password. */
  @Override
  public String toString() {
    return user + "@" + host + ":" + port;
  }

  /** One database of the server. Each call has a connection of its own. */
  record Db(Server server, String name) {

    Connection connect() throws SQLException {
      Properties properties = new Properties();
      properties.setProperty("user", server.user());
      properties.setProperty("password", server.password());
      properties.setProperty("ApplicationName", "pg2adb-bench");
      // the extended protocol has Greenplum start processes for each question
      properties.setProperty("preferQueryMode", "simple");
      return DriverManager.getConnection(
          "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + name, properties);
    }

    void execute(String... statements) throws SQLException {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.execute(sql);
        }
      }
    }

    /** The first column of the first row. */
    String text(String query) throws SQLException {
      try (Connection connection = connect()) {
        return text(connection, query);
      }
    }

    static String text(Connection connection, String query) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery(query)) {
        if (!result.next()) {
          throw new IllegalStateException("No row: " + query);
        }
        return String.valueOf(result.getString(1));
      }
    }

    long number(String query) throws SQLException {
      return Long.parseLong(text(query));
    }

    /** Drops the database if it is there, with whoever is in it, and creates it. */
    void recreate(String options) throws SQLException {
      drop();
      server.database("postgres").execute("CREATE DATABASE " + name + options);
    }

    /** Slots and subscriptions first: a database that has them cannot be dropped. */
    void drop() throws SQLException {
      Db maintenance = server.database("postgres");
      if (maintenance.number("SELECT count(*) FROM pg_database WHERE datname = '" + name + "'")
          == 0) {
        return;
      }
      if (!server.isGreenplum()) {
        maintenance.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                + " WHERE active AND database = '"
                + name
                + "'");
        Waiting.until(
            "the slots of database " + name + " are free",
            () ->
                maintenance.number(
                        "SELECT count(*) FROM pg_replication_slots WHERE active AND database = '"
                            + name
                            + "'")
                    == 0);
        maintenance.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '"
                + name
                + "'");
      }
      maintenance.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
          "DROP DATABASE " + name);
    }

    /** What psql, pgcopydb and a subscription connect with; the password goes another way. */
    String conninfo() {
      return "host="
          + server.host()
          + " port="
          + server.port()
          + " user="
          + server.user()
          + " dbname="
          + name;
    }

    /** {@link #conninfo} with the password, for a server that connects by itself. */
    String secretConninfo() {
      return server.password().isEmpty()
          ? conninfo()
          : conninfo() + " password='" + server.password().replace("'", "\\'") + "'";
    }
  }
}
