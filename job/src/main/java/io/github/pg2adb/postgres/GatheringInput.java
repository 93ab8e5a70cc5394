package io.github.pg2adb.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a socket in large gulps. A server that streams sends a packet for each row or two; whoever
 * is woken up by each of them costs both ends more than the rows do. So between two reads there is
 * a pause, unless much has come already. The first bytes after a silence are there at once. For one
 * thread.
 */
final class GatheringInput extends InputStream {

  private static final int BUFFER_BYTES = 256 << 10;

  /** Well below what a socket holds before its peer must wait. */
  private static final int ENOUGH_BYTES = 32 << 10;

  private static final long PAUSE_NANOS = 500_000;

  private final InputStream socket;
  private final Runnable heard;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;
  private long readNanos = System.nanoTime() - PAUSE_NANOS;

  /**
   * @param heard called after each read that brought bytes
   */
  GatheringInput(InputStream socket, Runnable heard) {
    this.socket = socket;
    this.heard = heard;
  }

  @Override
  public int read() throws IOException {
    return isFilled() ? buffer[at++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!isFilled()) {
      return -1;
    }
    int count = Math.min(length, end - at);
    System.arraycopy(buffer, at, target, offset, count);
    at += count;
    return count;
  }

  private boolean isFilled() throws IOException {
    if (at == end) {
      gather();
      int read = socket.read(buffer, 0, buffer.length);
      readNanos = System.nanoTime();
      if (read < 0) {
        return false;
      }
      heard.run();
      at = 0;
      end = read;
    }
    return true;
  }

  private void gather() throws IOException {
    long left = PAUSE_NANOS - (System.nanoTime() - readNanos);
    if (left > 0 && socket.available() < ENOUGH_BYTES) {
      LockSupport.parkNanos(left);
    }
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
