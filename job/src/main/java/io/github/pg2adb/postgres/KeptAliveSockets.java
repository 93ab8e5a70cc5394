package io.github.pg2adb.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Makes the driver's sockets: each asks its idle peer for a sign of life after a minute, and takes
 * it for gone after two. What operating systems do by default takes two hours. The same packets
 * keep firewalls and load balancers from forgetting a connection that waits for a long statement.
 *
 * <p>The driver makes one factory per connection, from the class's name and a string. Public for
 * the driver alone.
 */
public final class KeptAliveSockets extends SocketFactory {

  private static final int IDLE_SECONDS = 60;
  private static final int PROBE_SECONDS = 10;
  private static final int PROBES = 6;

  /** By the string that the driver hands to its factory. */
  private static final Map<String, UnaryOperator<InputStream>> TAPS = new ConcurrentHashMap<>();

  private final String tap;

  /**
   * For the driver.
   *
   * @param tap a {@link Tap#key}, or empty for a session that reads its socket itself
   */
  public KeptAliveSockets(String tap) {
    this.tap = tap;
  }

  /**
   * Puts a stream of ours between a connection's socket and the driver. Closed, it leaves sockets
   * alone that are made from then on.
   */
  static final class Tap implements AutoCloseable {

    private final String key = UUID.randomUUID().toString();

    /**
     * @param input makes the stream that the driver reads, or TLS before it, from the socket's
     */
    Tap(UnaryOperator<InputStream> input) {
      TAPS.put(key, input);
    }

    String key() {
      return key;
    }

    @Override
    public void close() {
      TAPS.remove(key);
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = newSocket();
    socket.setKeepAlive(true);
    set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
    set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, PROBE_SECONDS);
    set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
    return socket;
  }

  private Socket newSocket() {
    UnaryOperator<InputStream> input = TAPS.get(tap);
    return input == null ? new Socket() : new TappedSocket(input);
  }

  /** Where the operating system has no such option, its own times hold. */
  private static void set(Socket socket, SocketOption<Integer> option, int value)
      throws IOException {
    if (socket.supportedOptions().contains(option)) {
      socket.setOption(option, value);
    }
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(InetAddress.getByName(host), port, null, 0);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(InetAddress.getByName(host), port, localHost, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(host, port, null, 0);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(host, port, localHost, localPort);
  }

  private Socket connected(
      InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
      throws IOException {
    Socket socket = createSocket();
    try {
      if (localHost != null) {
        socket.bind(new InetSocketAddress(localHost, localPort));
      }
      socket.connect(new InetSocketAddress(host, port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static final class TappedSocket extends Socket {

    private final UnaryOperator<InputStream> tap;
    private @Nullable InputStream input;

    TappedSocket(UnaryOperator<InputStream> tap) {
      this.tap = tap;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
      if (input == null) {
        input = tap.apply(super.getInputStream());
      }
      return input;
    }
  }
}
