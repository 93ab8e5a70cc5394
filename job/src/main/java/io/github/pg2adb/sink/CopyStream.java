package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A COPY FROM STDIN. Closed without {@link #finish} it is cancelled, so that half a stream never
 * becomes rows.
 */
final class CopyStream implements AutoCloseable {

  /** The signature, and no flags and no extension. */
  private static final byte[] BINARY_HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private static final byte[] BINARY_TRAILER = {-1, -1};

  private final CopyIn copy;
  private final byte[] trailer;
  private final CopyText text = new CopyText();

  private CopyStream(CopyIn copy, byte[] trailer) {
    this.copy = copy;
    this.trailer = trailer;
  }

  /**
   * @param target the table and its column list, as SQL text
   */
  static CopyStream into(Connection connection, String target) throws SQLException {
    return new CopyStream(start(connection, "COPY " + target + " FROM STDIN"), new byte[0]);
  }

  /**
   * A stream for {@link #raw} alone, with rows in COPY's binary format.
   *
   * @param target the table and its column list, as SQL text
   */
  static CopyStream ofBinary(Connection connection, String target) throws SQLException {
    CopyStream stream =
        new CopyStream(
            start(connection, "COPY " + target + " FROM STDIN (FORMAT binary)"), BINARY_TRAILER);
    stream.raw(BINARY_HEADER);
    return stream;
  }

  private static CopyIn start(Connection connection, String sql) throws SQLException {
    return connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
  }

  /** Sends whole rows in the stream's format. */
  void raw(byte[] rows) throws SQLException {
    if (rows.length > 0) {
      copy.writeToCopy(rows, 0, rows.length);
    }
  }

  void value(Tuple tuple, int column) {
    text.value(tuple, column);
  }

  void value(@Nullable String value) {
    text.value(value);
  }

  void nothing() {
    text.nothing();
  }

  void values(Tuple tuple, int[] columns) {
    for (int column : columns) {
      text.value(tuple, column);
    }
  }

  /** Ends the row, which has these values last. */
  void row(Tuple tuple, int[] columns) throws SQLException {
    values(tuple, columns);
    endRow();
  }

  void endRow() throws SQLException {
    text.endRow();
    text.sendIfLarge(copy);
  }

  /** Ends the stream and returns how many rows the server took. */
  long finish() throws SQLException {
    text.send(copy);
    raw(trailer);
    return copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }
}
