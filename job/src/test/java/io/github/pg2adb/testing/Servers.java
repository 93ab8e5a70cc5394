package io.github.pg2adb.testing;

import io.github.pg2adb.cli.demo.EmbeddedServer;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.Driver;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The servers that tests run on: one source and one destination per JVM, started when first asked
 * for and stopped when the JVM ends.
 *
 * <p>Each comes from the first of these: the JDBC URL in the environment ({@code
 * PG2ADB_TEST_SOURCE_URL}, {@code PG2ADB_TEST_SINK_URL}), Testcontainers where a Docker API
 * answers, the PostgreSQL binaries that the build has copied from Maven Central.
 */
public final class Servers {

  /** What a source needs; also generous, since one server serves all tests of a JVM. */
  public static final Map<String, String> SOURCE_SETTINGS =
      Map.of(
          "wal_level", "logical",
          "max_wal_senders", "50",
          "max_replication_slots", "50",
          "max_prepared_transactions", "20",
          "max_connections", "300",
          "wal_sender_timeout", "60s",
          "fsync", "off");

  private static final Map<String, String> TARGET_SETTINGS =
      Map.of("max_connections", "300", "max_prepared_transactions", "20", "fsync", "off");

  private Servers() {}

  /** The server that changes are read from, with {@code wal_level=logical}. */
  public static TestServer source() {
    return Source.SERVER;
  }

  /**
   * The server that changes are written to; a real Greenplum or AnalyticDB if the environment says
   * so.
   */
  public static TestServer target() {
    return Target.SERVER;
  }

  /**
   * Starts a server of exactly this version for one test class, with a source's settings. The test
   * is skipped where the build has not copied that release, and fails if it was told to ({@code
   * -Pall-postgres}).
   *
   * @param version a release such as {@code 10.23.0}, or the beginning of one such as {@code 10}
   */
  public static TestServer embedded(String version) {
    return embedded(version, Map.of());
  }

  /**
   * As {@link #embedded(String)}.
   *
   * @param settings server settings besides or instead of a source's
   */
  public static TestServer embedded(String version, Map<String, String> settings) {
    requireAvailable(version);
    Map<String, String> all = new LinkedHashMap<>(SOURCE_SETTINGS);
    all.putAll(settings);
    return startEmbedded(version, all);
  }

  private static void requireAvailable(String version) {
    if (!EmbeddedServer.isAvailable(version)) {
      String reason = "PostgreSQL " + version + " is not there: build with -Pall-postgres";
      if (Boolean.getBoolean("pg2adb.all-postgres")) {
        Assertions.fail(reason);
      }
      say("SKIPPED: " + reason);
      Assumptions.abort(reason);
    }
  }

  /**
   * As {@link #embedded(String)}, but as the release is installed: settings are changed with {@code
   * ALTER SYSTEM} and {@link TestServer#restart}.
   */
  public static TestServer bare(String version) {
    requireAvailable(version);
    return startEmbedded(version, Map.of("fsync", "off"));
  }

  private static TestServer startEmbedded(String version, Map<String, String> settings) {
    EmbeddedServer server = EmbeddedServer.start(version, settings);
    return new TestServer("embedded PostgreSQL " + server.version(), server.endpoint(), server);
  }

  private static TestServer find(
      String role, String variable, String image, String embedded, Map<String, String> settings) {
    String url = System.getenv(variable);
    TestServer server;
    if (url != null && !url.isBlank()) {
      server = new TestServer(variable, parse(variable, url), null);
    } else if (dockerAnswers()) {
      server = startContainer(image, settings);
    } else {
      server = startEmbedded(embedded, settings);
    }
    say(role + ": " + server);
    return server;
  }

  /**
   * Testcontainers reports a missing Docker as an error at length, so it is only asked where one
   * may be.
   */
  private static boolean dockerAnswers() {
    Path home = Path.of(System.getProperty("user.home"));
    boolean mayAnswer =
        System.getenv("DOCKER_HOST") != null
            || Files.exists(Path.of("/var/run/docker.sock"))
            || Files.exists(home.resolve(".docker/run/docker.sock"))
            || Files.exists(home.resolve(".docker/desktop/docker.sock"))
            || Files.exists(home.resolve(".testcontainers.properties"));
    return mayAnswer && DockerClientFactory.instance().isDockerAvailable();
  }

  private static Endpoint parse(String variable, String url) {
    Properties properties = Driver.parseURL(url, null);
    if (properties == null) {
      throw new IllegalArgumentException(variable + " is not a PostgreSQL JDBC URL: " + url);
    }
    String password = properties.getProperty("password");
    return new Endpoint(
        properties.getProperty("PGHOST"),
        Integer.parseInt(properties.getProperty("PGPORT")),
        properties.getProperty("PGDBNAME"),
        properties.getProperty("user", "postgres"),
        password == null ? null : new Secret(password),
        Endpoint.Tls.PREFER);
  }

  // Testcontainers stops it when the JVM ends.
  @SuppressWarnings("resource")
  private static TestServer startContainer(String image, Map<String, String> settings) {
    StringBuilder command = new StringBuilder("postgres");
    settings.forEach(
        (name, value) -> command.append(" -c ").append(name).append('=').append(value));
    PostgreSQLContainer<?> container =
        new PostgreSQLContainer<>(
                DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"))
            .withCommand(command.toString());
    container.start();
    return new TestServer(
        "container " + image,
        new Endpoint(
            container.getHost(),
            container.getFirstMappedPort(),
            container.getDatabaseName(),
            container.getUsername(),
            new Secret(container.getPassword()),
            Endpoint.Tls.PREFER),
        container::stop);
  }

  private static void say(String line) {
    System.out.println("[pg2adb tests] " + line);
  }

  /** Started when first used, once, whichever thread comes first. */
  private static final class Source {
    static final TestServer SERVER =
        find("source", "PG2ADB_TEST_SOURCE_URL", "postgres:16", "16", SOURCE_SETTINGS);
  }

  private static final class Target {
    // PostgreSQL 12 is what AnalyticDB 7 and Greenplum 7 are made of; not every platform has it.
    static final TestServer SERVER =
        find(
            "destination",
            "PG2ADB_TEST_SINK_URL",
            "postgres:12",
            EmbeddedServer.isAvailable("12") ? "12" : "14",
            TARGET_SETTINGS);
  }
}
