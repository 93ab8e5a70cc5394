package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The pooler itself, where it is installed, before a server that asks for no password. */
final class PgBouncer implements AutoCloseable {

  private static final List<Path> FOLDERS =
      List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/usr/local/bin"));

  private final Process process;
  private final int port;
  private final String user;

  private PgBouncer(Process process, int port, String user) {
    this.process = process;
    this.port = port;
    this.user = user;
  }

  static boolean isInstalled() {
    return program().isPresent();
  }

  private static Optional<Path> program() {
    return FOLDERS.stream()
        .map(folder -> folder.resolve("pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param ignored the startup parameters that it leaves out; it refuses others that it does not
   *     know
   */
  static PgBouncer before(Endpoint server, Path folder, String ignored) throws IOException {
    Files.createDirectory(folder);
    int port = freePort();
    Path file = folder.resolve("pgbouncer.ini");
    Files.write(
        file,
        List.of(
            "[databases]",
            "* = host=%s port=%d user=%s".formatted(server.host(), server.port(), server.user()),
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            "listen_port = " + port,
            "unix_socket_dir =",
            "auth_type = any",
            "pool_mode = session",
            "ignore_startup_parameters = extra_float_digits"
                + (ignored.isEmpty() ? "" : ", " + ignored)));
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // it refuses to run as root
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(program().orElseThrow().toString(), file.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    PgBouncer bouncer = new PgBouncer(process, port, server.user());
    Awaitility.await("pgbouncer listens")
        .atMost(Duration.ofMinutes(1))
        .until(() -> bouncer.listens());
    return bouncer;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      if (!process.isAlive()) {
        throw new IllegalStateException("pgbouncer ended with " + process.exitValue(), e);
      }
      return false;
    }
  }

  Endpoint endpoint(String database) {
    return new Endpoint("127.0.0.1", port, database, user, null, Endpoint.Tls.PREFER);
  }

  @Override
  public void close() {
    Stream.concat(process.descendants(), Stream.of(process.toHandle()))
        .forEach(ProcessHandle::destroyForcibly);
    process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
  }
}
