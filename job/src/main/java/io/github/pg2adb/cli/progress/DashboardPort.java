package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The port of the dashboard, kept from other programs until it is closed. */
public final class DashboardPort implements AutoCloseable {

  /** Where people expect Flink's dashboard. */
  public static final int USUAL = 8081;

  private final ServerSocket socket;
  private final int number;
  private final Optional<String> notice;

  private DashboardPort(ServerSocket socket, Optional<String> notice) {
    this.socket = socket;
    this.number = socket.getLocalPort();
    this.notice = notice;
  }

  /**
   * Takes the wanted port, or where none was asked for the usual one, or another if that is taken.
   *
   * @throws MigrationException if the wanted port is taken
   */
  public static DashboardPort choose(@Nullable Integer wanted) {
    try {
      return new DashboardPort(bind(wanted == null ? USUAL : wanted), Optional.empty());
    } catch (IOException e) {
      if (wanted != null) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot show the dashboard on port " + wanted + ": " + e.getMessage() + ".",
            "Name another port with --port, or leave it out.",
            e);
      }
      return other(e);
    }
  }

  private static DashboardPort other(IOException reason) {
    try {
      ServerSocket socket = bind(0);
      return new DashboardPort(
          socket,
          Optional.of(
              "Port "
                  + USUAL
                  + " is taken ("
                  + reason.getMessage()
                  + "), the dashboard will be at "
                  + socket.getLocalPort()
                  + " instead."));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR, "Cannot find a free port: " + e.getMessage(), "", e);
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  /** The port. */
  public int number() {
    return number;
  }

  /** The dashboard's address. */
  public String url() {
    return "http://localhost:" + number;
  }

  /** What to tell the user about the choice. */
  public Optional<String> notice() {
    return notice;
  }

  /** Lets the dashboard have it. Does nothing the second time. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot free port " + number + ": " + e.getMessage(), "", e);
    }
  }
}
