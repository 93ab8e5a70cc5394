package io.github.pg2adb.postgres;

import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.postgresql.PGConnection;

/** A session whose COPY rows come without a detour. For one thread at a time. */
public final class CopySession implements AutoCloseable {

  private final Connection connection;
  private final BackendMessages messages;

  private CopySession(Connection connection, BackendMessages messages) {
    this.connection = connection;
    this.messages = messages;
  }

  /**
   * Connects.
   *
   * @param connect gets what the driver's {@code socketFactoryArg} must be
   */
  static CopySession open(Function<String, Connection> connect) {
    // of several attempts, with and without TLS, the last one is the session's
    AtomicReference<BackendMessages> messages = new AtomicReference<>();
    try (KeptAliveSockets.Tap tap = new KeptAliveSockets.Tap(socket -> tap(socket, messages))) {
      Connection connection = connect.apply(tap.key());
      return new CopySession(connection, Objects.requireNonNull(messages.get(), "messages"));
    }
  }

  private static InputStream tap(InputStream socket, AtomicReference<BackendMessages> messages) {
    BackendMessages made = new BackendMessages(socket);
    messages.set(made);
    return made;
  }

  /** The connection, which this session closes. */
  public Connection connection() {
    return connection;
  }

  /**
   * Starts a COPY.
   *
   * @param sql a COPY TO STDOUT
   * @return its rows, to be read to their end before anything else is done with the session
   */
  public CopyRows copyOut(String sql) throws SQLException {
    return new CopyRows(messages, connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
