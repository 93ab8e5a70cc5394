package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

class KeptAliveSocketsTest {

  @Test
  void asksAnIdlePeerForASignOfLifeAndGivesUpAfterTwoMinutes() throws Exception {
    try (KeptAliveSockets.Tap tap = new KeptAliveSockets.Tap(input -> input)) {
      for (String key : Set.of("", tap.key())) {
        try (Socket socket = new KeptAliveSockets(key).createSocket()) {
          assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
          if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            int idle = socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE);
            int interval = socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL);
            int count = socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT);
            assertThat(idle + interval * count).isEqualTo(120);
          }
        }
      }
    }
  }
}
