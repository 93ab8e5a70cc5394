package io.github.pg2adb.testing;

import io.github.pg2adb.model.Endpoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The data of a server as it was when it stopped, as a file system's snapshot has it. One server
 * can be started from it: the server as it was then, or a standby of it. For one thread.
 */
public final class ServerCopy implements AutoCloseable {

  private static final int START_SECONDS = 90;

  private final Path folder;
  private final Path data;
  private final Path programs;
  private final int port = freePort();
  private final Thread exitHook = new Thread(this::stop, "server-copy-exit");
  private @Nullable TestServer server;

  private ServerCopy(Path folder, Path programs) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.programs = programs;
  }

  /** Kills a server of {@link Servers#embedded}, copies its data and starts it again. */
  public static ServerCopy of(TestServer server) {
    Path original = Path.of(setting(server, "data_directory"));
    try {
      Path programs = programs(original);
      ServerCopy copy =
          new ServerCopy(Files.createTempDirectory("pg2adb-copy-").toRealPath(), programs);
      server.kill();
      try {
        copy.fill(original);
      } finally {
        server.restart();
      }
      return copy;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String setting(TestServer server, String name) {
    try (var connection = TestDatabase.open(server.endpoint());
        var statement = connection.createStatement();
        var result = statement.executeQuery("SHOW " + name)) {
      result.next();
      return result.getString(1);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path programs(Path data) throws IOException {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
    String program = ProcessHandle.of(pid).orElseThrow().info().command().orElseThrow();
    return Objects.requireNonNull(Path.of(program).getParent(), program);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void fill(Path original) throws IOException {
    Files.walkFileTree(
        original,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectory(
                data.resolve(original.relativize(from)),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path from, BasicFileAttributes attributes)
              throws IOException {
            if (!from.getFileName().toString().startsWith("postmaster.")) {
              Files.copy(from, data.resolve(original.relativize(from)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Map<String, String> settings = new LinkedHashMap<>(Servers.SOURCE_SETTINGS);
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("port", String.valueOf(port));
    configure(settings);
  }

  private void configure(Map<String, String> settings) throws IOException {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) -> lines.append(name).append(" = '").append(value).append("'\n"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"), lines.toString(), StandardOpenOption.APPEND);
  }

  /** Starts the server as it was. */
  public TestServer start() {
    try {
      return launch();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Starts a standby that streams from the server that was copied; as a base backup, without slots.
   */
  public TestServer startStandby(TestServer primary) {
    try {
      Path slots = data.resolve("pg_replslot");
      delete(slots);
      Files.createDirectory(
          slots,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createFile(data.resolve("standby.signal"));
      Endpoint endpoint = primary.endpoint();
      configure(
          Map.of(
              "primary_conninfo",
              "host=" + endpoint.host() + " port=" + endpoint.port() + " user=" + endpoint.user()));
      return launch();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private TestServer launch() throws IOException {
    Runtime.getRuntime().addShutdownHook(exitHook);
    pgCtl(
        "start", "-w", "-t", String.valueOf(START_SECONDS), "-l", folder.resolve("log").toString());
    Endpoint endpoint =
        new Endpoint("127.0.0.1", port, "postgres", "postgres", null, Endpoint.Tls.PREFER);
    TestServer started = new TestServer("copy in " + folder, endpoint, null);
    server = started;
    return started;
  }

  /** Ends the recovery of a standby, and waits until it takes writes. */
  public void promote() {
    TestServer standby = Objects.requireNonNull(server, "started");
    TestDatabase.run(standby.endpoint(), "SELECT pg_promote(true, " + START_SECONDS + ")");
    Awaitility.await("the standby is promoted")
        .atMost(java.time.Duration.ofSeconds(START_SECONDS))
        .until(() -> setting(standby, "transaction_read_only"), "off"::equals);
  }

  private void pgCtl(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // servers refuse to run as root
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(programs.resolve("pg_ctl").toString(), "-D", data.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("pg_ctl.log").toFile())
            .start();
    try {
      if (!process.waitFor(2L * START_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(
            command + " failed: " + Files.readString(folder.resolve("pg_ctl.log")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void stop() {
    try {
      pgCtl("stop", "-w", "-m", "immediate");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() {
    try {
      if (server != null) {
        Runtime.getRuntime().removeShutdownHook(exitHook);
        stop();
      }
      delete(folder);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
