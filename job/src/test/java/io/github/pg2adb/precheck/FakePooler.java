package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Passes sessions on to a server as poolers and gateways do. A pooler tells the client something
 * else for cancelling (message BackendKeyData, {@code K}) than the server's process id; a gateway
 * leaves out the startup parameter {@code options}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">message
 *     formats</a>
 */
final class FakePooler implements AutoCloseable {

  private static final int KEY_DATA = 'K';
  private static final int NO_TLS = 'N';
  private static final int SOME_OTHER_PROCESS = 1;

  /** Four bytes for the length and four for the protocol's version. */
  private static final int STARTUP_HEAD = 8;

  private final Endpoint server;
  private final boolean isPooler;
  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private FakePooler(Endpoint server, boolean isPooler, ServerSocket socket) {
    this.server = server;
    this.isPooler = isPooler;
    this.socket = socket;
  }

  static FakePooler pooler(Endpoint server) throws IOException {
    return start(server, true);
  }

  static FakePooler gateway(Endpoint server) throws IOException {
    return start(server, false);
  }

  private static FakePooler start(Endpoint server, boolean isPooler) throws IOException {
    FakePooler pooler =
        new FakePooler(server, isPooler, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    pooler.threads.execute(pooler::accept);
    return pooler;
  }

  Endpoint endpoint() {
    return new Endpoint(
        "127.0.0.1",
        socket.getLocalPort(),
        server.database(),
        server.user(),
        server.password(),
        server.tls());
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      assertClosed(e);
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket backend = new Socket(server.host(), server.port())) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      // the request for TLS has no type and eight bytes
      in.readNBytes(8);
      client.getOutputStream().write(NO_TLS);
      start(in, new DataOutputStream(backend.getOutputStream()));
      threads.execute(() -> copy(in, backend));
      answer(new DataInputStream(backend.getInputStream()), client);
    } catch (IOException e) {
      assertClosed(e);
    }
  }

  /** Names and values end with a zero byte each, and so does their list. */
  private void start(DataInputStream in, DataOutputStream out) throws IOException {
    int length = in.readInt();
    int version = in.readInt();
    String[] parameters =
        new String(in.readNBytes(length - STARTUP_HEAD), StandardCharsets.UTF_8).split("\0", -1);
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i + 1 < parameters.length && !parameters[i].isEmpty(); i += 2) {
      if (isPooler || !parameters[i].equals("options")) {
        kept.append(parameters[i]).append('\0').append(parameters[i + 1]).append('\0');
      }
    }
    byte[] body = kept.append('\0').toString().getBytes(StandardCharsets.UTF_8);
    out.writeInt(STARTUP_HEAD + body.length);
    out.writeInt(version);
    out.write(body);
    out.flush();
  }

  private static void copy(DataInputStream in, Socket backend) {
    try {
      in.transferTo(backend.getOutputStream());
    } catch (IOException e) {
      assertClosed(e);
    }
  }

  private void answer(DataInputStream in, Socket client) throws IOException {
    DataOutputStream out = new DataOutputStream(client.getOutputStream());
    while (true) {
      int type = in.readUnsignedByte();
      int length = in.readInt();
      byte[] body = in.readNBytes(length - Integer.BYTES);
      out.writeByte(type);
      out.writeInt(length);
      if (isPooler && type == KEY_DATA) {
        out.writeInt(SOME_OTHER_PROCESS);
        out.write(body, Integer.BYTES, body.length - Integer.BYTES);
      } else {
        out.write(body);
      }
      out.flush();
    }
  }

  /** Either side goes away at its end. */
  private static void assertClosed(IOException e) {
    if (!(e instanceof SocketException || e instanceof EOFException)) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
