package io.github.pg2adb.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class DashboardPortTest {

  @Test
  void takesAnotherPortThanTheUsualOneAndSaysSo() {
    try (DashboardPort first = DashboardPort.choose(null);
        DashboardPort second = DashboardPort.choose(null)) {
      assertThat(second.number()).isNotEqualTo(DashboardPort.USUAL);
      assertThat(second.number()).isNotEqualTo(first.number());
      assertThat(second.url()).isEqualTo("http://localhost:" + second.number());
      assertThat(second.notice().orElseThrow())
          .startsWith("Port 8081 is taken (")
          .endsWith("), the dashboard will be at " + second.number() + " instead.");
    }
  }

  @Test
  void keepsThePortUntilClosed() throws IOException {
    DashboardPort port = DashboardPort.choose(null);
    assertThatThrownBy(() -> DashboardPort.choose(port.number()))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("Cannot show the dashboard on port " + port.number() + ": ");

    port.close();
    port.close();

    try (ServerSocket socket =
        new ServerSocket(port.number(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
    }
  }
}
