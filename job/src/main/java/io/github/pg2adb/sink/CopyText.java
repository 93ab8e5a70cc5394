package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/**
 * Writes rows in COPY's text format. Backslash, tab, newline and carriage return are all that the
 * format gives a meaning; UTF-8 has none of those bytes inside a character. Used by one thread.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2">COPY text
 *     format</a>
 */
final class CopyText {

  private static final int SEND_SIZE = 64 * 1024;
  private static final int KEPT_SIZE = 1024 * 1024;

  private byte[] buffer = new byte[2 * SEND_SIZE];
  private int size;
  private boolean atRowStart = true;

  /** Adds a value to the row. */
  void value(Tuple tuple, int column) {
    separate();
    int length = tuple.length(column);
    if (length < 0) {
      nullValue();
    } else {
      escape(tuple.buffer(), tuple.start(column), length);
    }
  }

  /** Adds a text to the row, null for SQL NULL. */
  void value(@Nullable String text) {
    separate();
    if (text == null) {
      nullValue();
    } else {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      escape(bytes, 0, bytes.length);
    }
  }

  /** Adds NULL to the row. */
  void nothing() {
    separate();
    nullValue();
  }

  void endRow() {
    ensure(1);
    buffer[size++] = '\n';
    atRowStart = true;
  }

  /** Sends what has gathered if that is worth a message. */
  void sendIfLarge(CopyIn copy) throws SQLException {
    if (size >= SEND_SIZE) {
      send(copy);
    }
  }

  /** Sends what has gathered. */
  void send(CopyIn copy) throws SQLException {
    if (size > 0) {
      copy.writeToCopy(buffer, 0, size);
    }
    clear();
  }

  /** Forgets what has gathered. */
  void clear() {
    size = 0;
    atRowStart = true;
    if (buffer.length > KEPT_SIZE) {
      buffer = new byte[2 * SEND_SIZE];
    }
  }

  /** What has gathered, for tests. */
  byte[] bytes() {
    return Arrays.copyOf(buffer, size);
  }

  private void separate() {
    if (!atRowStart) {
      ensure(1);
      buffer[size++] = '\t';
    }
    atRowStart = false;
  }

  private void nullValue() {
    ensure(2);
    buffer[size++] = '\\';
    buffer[size++] = 'N';
  }

  private void escape(byte[] bytes, int start, int length) {
    int end = start + length;
    int from = start;
    for (int i = start; i < end; i++) {
      byte letter = letterOf(bytes[i]);
      if (letter != 0) {
        append(bytes, from, i - from);
        ensure(2);
        buffer[size++] = '\\';
        buffer[size++] = letter;
        from = i + 1;
      }
    }
    append(bytes, from, end - from);
  }

  private static byte letterOf(byte value) {
    return switch (value) {
      case '\\' -> (byte) '\\';
      case '\t' -> (byte) 't';
      case '\n' -> (byte) 'n';
      case '\r' -> (byte) 'r';
      default -> 0;
    };
  }

  private void append(byte[] bytes, int start, int length) {
    ensure(length);
    System.arraycopy(bytes, start, buffer, size, length);
    size += length;
  }

  private void ensure(int more) {
    if (buffer.length - size < more) {
      long wanted = Math.max(buffer.length + (long) (buffer.length >> 1), (long) size + more);
      buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Integer.MAX_VALUE - 16L));
    }
  }
}
