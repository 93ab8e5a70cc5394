package io.github.pg2adb.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
  private final KeptAliveSockets.Heard heard;

  ReplicationSession(Connection connection, KeptAliveSockets.Heard heard) {
    this.connection = connection;
    this.heard = heard;
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
    return Duration.ofNanos(heard.silentNanos());
  }

  @Override
  public void close() throws SQLException {
    try {
      connection.close();
    } finally {
      heard.close();
    }
  }
}
