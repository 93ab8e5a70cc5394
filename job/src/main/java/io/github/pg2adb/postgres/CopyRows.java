package io.github.pg2adb.postgres;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyOut;

/**
 * The messages of a COPY TO STDOUT, each of which is a row; in binary format the first one begins
 * with the header, and the trailer is one of them. For one thread.
 */
public final class CopyRows {

  /** {@code connection_failure}. */
  private static final String CONNECTION_FAILURE = "08006";

  private final BackendMessages messages;
  private final CopyOut copy;
  private byte[] data = new byte[0];
  private int offset;
  private int length;

  CopyRows(BackendMessages messages, CopyOut copy) {
    this.messages = messages;
    this.copy = copy;
  }

  /**
   * Goes to the next message, waiting for it.
   *
   * @return false at the end
   * @throws SQLException if the server ends the COPY with an error, or the connection is lost
   */
  public boolean next() throws SQLException {
    if (takeDirectly()) {
      data = messages.row();
      offset = messages.rowOffset();
      length = messages.rowLength();
      return true;
    }
    byte @Nullable [] message = copy.readFromCopy();
    if (message == null) {
      return false;
    }
    data = message;
    offset = 0;
    length = message.length;
    return true;
  }

  private boolean takeDirectly() throws SQLException {
    try {
      return messages.takeCopyData();
    } catch (IOException e) {
      throw new SQLException("The connection was lost while rows were read", CONNECTION_FAILURE, e);
    }
  }

  /** Holds the message, until the next one is asked for; not to be written. */
  public byte[] data() {
    return data;
  }

  /** Where the message begins in {@link #data}. */
  public int offset() {
    return offset;
  }

  /** The message's length in bytes. */
  public int length() {
    return length;
  }

  /** How many rows the server says that it has sent; known after the end. */
  public long sentRows() {
    return copy.getHandledRowCount();
  }
}
