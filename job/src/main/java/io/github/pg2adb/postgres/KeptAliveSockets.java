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
import java.util.concurrent.atomic.AtomicLong;
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
  private static final Map<String, Heard> LISTENERS = new ConcurrentHashMap<>();

  private final String listener;

  /**
   * For the driver.
   *
   * @param listener a {@link Heard#key}, or empty for a session whose answers must not be late
   */
  public KeptAliveSockets(String listener) {
    this.listener = listener;
  }

  /** Knows when the server's last byte came. For any thread; to be closed with its connection. */
  static final class Heard implements AutoCloseable {

    private final String key = UUID.randomUUID().toString();
    private final AtomicLong nanos = new AtomicLong(System.nanoTime());

    Heard() {
      LISTENERS.put(key, this);
    }

    String key() {
      return key;
    }

    long silentNanos() {
      return System.nanoTime() - nanos.get();
    }

    private void now() {
      nanos.set(System.nanoTime());
    }

    @Override
    public void close() {
      LISTENERS.remove(key);
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
    Heard heard = LISTENERS.get(listener);
    return heard == null ? new Socket() : new GatheringSocket(heard::now);
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

  /** Reads in large gulps and notes when bytes come; TLS, too, reads its bytes from here. */
  private static final class GatheringSocket extends Socket {

    private final Runnable heard;
    private @Nullable GatheringInput input;

    GatheringSocket(Runnable heard) {
      this.heard = heard;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
      if (input == null) {
        input = new GatheringInput(super.getInputStream(), heard);
      }
      return input;
    }
  }
}
