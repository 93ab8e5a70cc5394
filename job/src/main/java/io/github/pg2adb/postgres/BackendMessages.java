package io.github.pg2adb.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a server sends, message by message: a byte that names the kind, four bytes of length that
 * count themselves, and the content. The driver gets no more than one message with each read, so
 * that the rows of a COPY can be taken past it, where it would make an array and a call or two of
 * each. An encrypted session has no messages to be seen here, and all of it goes to the driver. For
 * one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">message
 *     formats</a>
 */
final class BackendMessages extends InputStream {

  private static final int BUFFER_BYTES = 256 << 10;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  private enum Form {
    /** The answer to a request for encryption, or the first message. */
    START,
    MESSAGES,
    UNKNOWN
  }

  private final InputStream socket;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;
  private Form form = Form.START;

  /** Bytes of the message that the driver is reading. */
  private long left;

  private byte[] row = buffer;
  private int rowOffset;
  private int rowLength;

  BackendMessages(InputStream socket) {
    this.socket = socket;
  }

  /**
   * Takes the next message if it is a row of a COPY, waiting for it. If not, or if messages cannot
   * be seen, the driver gets it.
   */
  boolean takeCopyData() throws IOException {
    if (form != Form.MESSAGES || left > 0 || !fill(HEADER_BYTES) || buffer[at] != 'd') {
      return false;
    }
    int length = length() - Integer.BYTES;
    if (length > buffer.length - HEADER_BYTES) {
      takeLarge(length);
      return true;
    }
    if (!fill(HEADER_BYTES + length)) {
      throw new EOFException("The server has closed the connection in the middle of a row");
    }
    row = buffer;
    rowOffset = at + HEADER_BYTES;
    rowLength = length;
    at += HEADER_BYTES + length;
    return true;
  }

  private void takeLarge(int length) throws IOException {
    at += HEADER_BYTES;
    byte[] large = new byte[length];
    int have = end - at;
    System.arraycopy(buffer, at, large, 0, have);
    at = end;
    if (socket.readNBytes(large, have, length - have) < length - have) {
      throw new EOFException("The server has closed the connection in the middle of a row");
    }
    row = large;
    rowOffset = 0;
    rowLength = length;
  }

  /** Holds the row that was taken, until the next is asked for. */
  byte[] row() {
    return row;
  }

  int rowOffset() {
    return rowOffset;
  }

  int rowLength() {
    return rowLength;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill(1)) {
      return -1;
    }
    int count = (int) Math.min(Math.min(length, end - at), limit());
    System.arraycopy(buffer, at, target, offset, count);
    at += count;
    left -= Math.min(left, count);
    return count;
  }

  /** How many bytes the driver may have. */
  private long limit() throws IOException {
    if (form == Form.START) {
      byte first = buffer[at];
      if (first == 'N') {
        // encryption is refused: the first message is still to come
        return 1;
      }
      boolean isMessage = first == 'R' || first == 'E' || first == 'v';
      form = isMessage ? Form.MESSAGES : Form.UNKNOWN;
    }
    if (form == Form.UNKNOWN) {
      return Long.MAX_VALUE;
    }
    if (left == 0) {
      if (!fill(HEADER_BYTES)) {
        return Long.MAX_VALUE;
      }
      left = 1L + length();
    }
    return left;
  }

  private int length() throws IOException {
    // by hand: a ByteBuffer would be an object for each row where only the first compiler works
    int length =
        buffer[at + 1] << 24
            | (buffer[at + 2] & 0xFF) << 16
            | (buffer[at + 3] & 0xFF) << 8
            | (buffer[at + 4] & 0xFF);
    if (length < Integer.BYTES) {
      throw new IOException("The server sent a message of length " + length);
    }
    return length;
  }

  /** Reads until so many bytes are there; false if the server sends no more. */
  private boolean fill(int bytes) throws IOException {
    while (end - at < bytes) {
      if (at == end) {
        at = 0;
        end = 0;
      } else if (at + bytes > buffer.length) {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
      }
      int read = socket.read(buffer, end, buffer.length - end);
      if (read < 0) {
        return false;
      }
      end += read;
    }
    return true;
  }

  @Override
  public int available() throws IOException {
    return at < end ? end - at : socket.available();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
