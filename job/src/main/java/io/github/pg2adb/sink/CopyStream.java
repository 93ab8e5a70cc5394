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

  private final CopyIn copy;
  private final CopyText text = new CopyText();

  private CopyStream(CopyIn copy) {
    this.copy = copy;
  }

  /**
   * @param target the table and its column list, as SQL text
   */
  static CopyStream into(Connection connection, String target) throws SQLException {
    return new CopyStream(
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + target + " FROM STDIN"));
  }

  /** Sends whole rows in COPY's text format. */
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
    return copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }
}
