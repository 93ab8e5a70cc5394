package io.github.pg2adb.testing;

import io.github.pg2adb.cli.demo.EmbeddedServer;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.TargetProbe;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A running server. Threads may share it. */
public final class TestServer implements AutoCloseable {

  private final String origin;
  private final Endpoint endpoint;
  private final @Nullable AutoCloseable process;

  TestServer(String origin, Endpoint endpoint, @Nullable AutoCloseable process) {
    this.origin = origin;
    this.endpoint = endpoint;
    this.process = process;
  }

  /** The maintenance database, as a superuser. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** A database of this server, as a superuser. */
  public Endpoint endpoint(String database) {
    return new Endpoint(
        endpoint.host(),
        endpoint.port(),
        database,
        endpoint.user(),
        endpoint.password(),
        endpoint.tls());
  }

  /** What the server says it is. */
  public Target product() {
    try (Connection connection = Sessions.open(endpoint, "pg2adb test")) {
      return TargetProbe.ask(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Creates an empty database with a random name. */
  public TestDatabase createDatabase() {
    return createDatabase("");
  }

  /**
   * Creates an empty database with a random name.
   *
   * @param options what follows the name in {@code CREATE DATABASE}, such as {@code TEMPLATE
   *     template0 ENCODING 'LATIN1'}
   */
  public TestDatabase createDatabase(String options) {
    String name = "test_" + UUID.randomUUID().toString().replace("-", "").toLowerCase(Locale.ROOT);
    TestDatabase.run(endpoint, "CREATE DATABASE " + Sql.quote(name) + " " + options);
    return new TestDatabase(this, name);
  }

  /** Whether {@link #kill} is possible. */
  public boolean isOurs() {
    return process instanceof EmbeddedServer;
  }

  /** Ends all processes of a server of {@link Servers#embedded} at once. */
  public void kill() {
    embedded().kill();
  }

  /** Starts it again, with the same data and port. */
  public void restart() {
    embedded().restart();
  }

  /** Where a server of this process keeps its data. */
  public Path dataFolder() {
    return embedded().logFolder().getParent();
  }

  private EmbeddedServer embedded() {
    if (process instanceof EmbeddedServer server) {
      return server;
    }
    throw new IllegalStateException("Not a server of this process: " + this);
  }

  /** The same server through a proxy. */
  public TestServer behind(Proxy proxy) {
    return new TestServer(origin + " behind a proxy", proxy.endpoint(endpoint), null);
  }

  /** A database of this server that is there already. */
  public TestDatabase database(String name) {
    return new TestDatabase(this, name);
  }

  /**
   * Stops a server that {@link Servers#embedded} has started; the shared ones stop with the JVM.
   */
  @Override
  public void close() {
    if (process == null) {
      return;
    }
    try {
      process.close();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot stop " + this, e);
    }
  }

  @Override
  public String toString() {
    return origin + " at " + endpoint;
  }
}
