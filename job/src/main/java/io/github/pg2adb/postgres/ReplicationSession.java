package io.github.pg2adb.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.postgresql.PGConnection;

/**
 * A session that streams the WAL, and when its server was last heard: streaming is the one thing
 * that goes on for weeks without a question that would have to be answered. For any thread.
 */
public final class ReplicationSession implements AutoCloseable {

  /**
   * How long a read may wait in the middle of a message or for the answer to a statement. The
   * driver's stream hides that it ended, so whoever reads must see for himself how long it took.
   */
  public static final Duration READ_LIMIT = Duration.ofMinutes(2);

  private final Connection connection;
  private final AtomicLong heardNanos;

  private ReplicationSession(Connection connection, AtomicLong heardNanos) {
    this.connection = connection;
    this.heardNanos = heardNanos;
  }

  /**
   * Connects.
   *
   * @param connect gets what the driver's {@code socketFactoryArg} must be
   */
  static ReplicationSession open(Function<String, Connection> connect) {
    AtomicLong heardNanos = new AtomicLong(System.nanoTime());
    Runnable heard = () -> heardNanos.set(System.nanoTime());
    try (KeptAliveSockets.Tap tap =
        new KeptAliveSockets.Tap(socket -> new GatheringInput(socket, heard))) {
      return new ReplicationSession(connect.apply(tap.key()), heardNanos);
    }
  }

  /** The connection, which this session closes. */
  public Connection connection() {
    return connection;
  }

  /** The server's process, as it has named itself at the connection's start. */
  public int backendPid() throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  /**
   * For how long no byte of the server was read. Bytes that nobody has tried to read do not count.
   */
  public Duration silence() {
    return Duration.ofNanos(System.nanoTime() - heardNanos.get());
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
