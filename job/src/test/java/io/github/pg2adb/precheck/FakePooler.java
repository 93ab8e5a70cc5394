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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Passes sessions on to a server as a pooler does: what the client is told for cancelling (message
 * BackendKeyData, {@code K}) is not the server's process id.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">message
 *     formats</a>
 */
final class FakePooler implements AutoCloseable {

  private static final int KEY_DATA = 'K';
  private static final int NO_TLS = 'N';
  private static final int SOME_OTHER_PROCESS = 1;

  private final Endpoint server;
  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private FakePooler(Endpoint server, ServerSocket socket) {
    this.server = server;
    this.socket = socket;
  }

  static FakePooler before(Endpoint server) throws IOException {
    FakePooler pooler =
        new FakePooler(server, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
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
      threads.execute(() -> copy(in, backend));
      answer(new DataInputStream(backend.getInputStream()), client);
    } catch (IOException e) {
      assertClosed(e);
    }
  }

  private static void copy(DataInputStream in, Socket backend) {
    try {
      in.transferTo(backend.getOutputStream());
    } catch (IOException e) {
      assertClosed(e);
    }
  }

  private static void answer(DataInputStream in, Socket client) throws IOException {
    DataOutputStream out = new DataOutputStream(client.getOutputStream());
    while (true) {
      int type = in.readUnsignedByte();
      int length = in.readInt();
      byte[] body = in.readNBytes(length - Integer.BYTES);
      out.writeByte(type);
      out.writeInt(length);
      if (type == KEY_DATA) {
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
