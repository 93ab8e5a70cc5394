package io.github.pg2adb.testing;

import io.github.pg2adb.model.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between clients and a server and breaks their connections when a test says so. Its port
 * stays the same while the server is restarted. For any thread.
 */
public final class Proxy implements AutoCloseable {

  private volatile Endpoint server;
  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile @Nullable String lastRequest;
  private volatile @Nullable String lostAnswer;

  private Proxy(Endpoint server, ServerSocket listener) {
    this.server = server;
    this.listener = listener;
  }

  /** Listens on a free port and forwards to this server. */
  public static Proxy before(Endpoint server) {
    try {
      Proxy proxy = new Proxy(server, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      daemon(proxy::accept, "proxy-" + server.port());
      return proxy;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The endpoint with this proxy's address. */
  public Endpoint endpoint(Endpoint behind) {
    return new Endpoint(
        "127.0.0.1",
        listener.getLocalPort(),
        behind.database(),
        behind.user(),
        behind.password(),
        behind.tls());
  }

  /** Leads new connections to another server, as an address does after a failover. */
  public void leadTo(Endpoint other) {
    server = other;
    cut();
  }

  /** Breaks every connection; new ones go through. */
  public void cut() {
    links.forEach(Link::close);
  }

  /** Breaks every connection and, until {@link #heal}, every new one. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /**
   * Lets every connection die without a sign: what either side sends is thrown away, and neither
   * hears that the other one has closed. New ones go through.
   */
  public void stall() {
    links.forEach(Link::stall);
  }

  /** Lets connections through again. */
  public void heal() {
    refusing = false;
  }

  /**
   * The next request that contains this text reaches the server, and its sender never hears of it:
   * the answer is thrown away and the connection breaks.
   */
  public void cutAfterRequest(String text) {
    lastRequest = text;
  }

  /** As {@link #cutAfterRequest}, for the next answer that contains this text. */
  public void cutBeforeAnswer(String text) {
    lostAnswer = text;
  }

  /** Whether {@link #cutBeforeAnswer} is still to come. */
  public boolean isArmed() {
    return lostAnswer != null;
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
        } else {
          connect(client);
        }
      } catch (IOException e) {
        // the server is away, or a client went away at once: neither concerns the others
        if (listener.isClosed()) {
          return;
        }
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket onward;
    try {
      onward = new Socket(server.host(), server.port());
    } catch (IOException e) {
      client.close();
      throw e;
    }
    Link link = new Link(client, onward);
    links.add(link);
    daemon(link::requests, "proxy-requests");
    daemon(link::answers, "proxy-answers");
  }

  private static void daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      cut();
    }
  }

  /** One connection. */
  private final class Link {

    private final Socket client;
    private final Socket onward;
    private volatile boolean mute;
    private volatile boolean stalled;

    Link(Socket client, Socket onward) {
      this.client = client;
      this.onward = onward;
    }

    void stall() {
      stalled = true;
    }

    void requests() {
      copy(client, onward, true);
    }

    void answers() {
      copy(onward, client, false);
    }

    private void copy(Socket from, Socket to, boolean requests) {
      byte[] buffer = new byte[64 << 10];
      try {
        // closing a stream would close its socket, which a stalled link must not show
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (stalled) {
            continue;
          }
          String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
          String last = requests ? lastRequest : lostAnswer;
          boolean found = last != null && text.contains(last);
          if (requests && found) {
            lastRequest = null;
            mute = true;
          } else if (!requests && (found || mute)) {
            // the server has done what it was told
            lostAnswer = found ? null : lostAnswer;
            return;
          }
          out.write(buffer, 0, n);
          out.flush();
        }
      } catch (IOException e) {
        // one side is gone, and the other one is about to learn it
        mute = true;
      } finally {
        if (!stalled) {
          close();
        }
      }
    }

    void close() {
      links.remove(this);
      try {
        client.close();
        onward.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
