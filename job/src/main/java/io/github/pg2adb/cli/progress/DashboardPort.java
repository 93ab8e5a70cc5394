package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The port of the dashboard.
 *
 * @param number the port
 * @param notice what to tell the user about the choice
 */
public record DashboardPort(int number, Optional<String> notice) {

  /** Where people expect Flink's dashboard. */
  public static final int USUAL = 8081;

  /**
   * Takes the wanted port, or where none was asked for the usual one, or another if that is taken.
   *
   * @throws MigrationException if the wanted port is taken
   */
  public static DashboardPort choose(@Nullable Integer wanted) {
    if (wanted != null) {
      if (!isFree(wanted)) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot show the dashboard on port " + wanted + ": another program listens there.",
            "Name another port with --port, or leave it out.");
      }
      return new DashboardPort(wanted, Optional.empty());
    }
    if (isFree(USUAL)) {
      return new DashboardPort(USUAL, Optional.empty());
    }
    try (ServerSocket socket = new ServerSocket(0)) {
      int other = socket.getLocalPort();
      return new DashboardPort(
          other,
          Optional.of("Port " + USUAL + " is taken, the dashboard is on " + other + " instead."));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR, "Cannot find a free port: " + e.getMessage(), "", e);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      // Whatever the reason, it cannot be used.
      return false;
    }
  }

  /** The dashboard's address. */
  public String url() {
    return "http://localhost:" + number;
  }
}
