package io.github.pg2adb.source.copy;

import java.util.Arrays;

/**
 * Packs rows into blocks of whole rows. A row larger than a block is a block of its own. The
 * blocks' arrays have exactly the size of their content and are never written again. For one
 * thread.
 */
public final class RowBlocks {

  /** Takes a block. */
  @FunctionalInterface
  public interface BlockConsumer {

    /**
     * Takes the next block.
     *
     * @param data whole rows, not to be written
     * @param rows how many
     */
    void accept(byte[] data, int rows);
  }

  private final byte[] buffer;
  private final BlockConsumer output;
  private int size;
  private int rows;

  /**
   * An empty packer.
   *
   * @param blockBytes how large a block may be
   * @param output takes the blocks in order
   */
  public RowBlocks(int blockBytes, BlockConsumer output) {
    this.buffer = new byte[blockBytes];
    this.output = output;
  }

  /**
   * Adds a row, which is copied.
   *
   * @param data holds the row
   * @param offset where it begins
   * @param length its length with its end, in bytes
   */
  public void add(byte[] data, int offset, int length) {
    if (length > buffer.length - size) {
      flush();
    }
    if (length >= buffer.length) {
      output.accept(Arrays.copyOfRange(data, offset, offset + length), 1);
      return;
    }
    System.arraycopy(data, offset, buffer, size, length);
    size += length;
    rows++;
  }

  /** Hands on what is left. */
  public void flush() {
    if (rows > 0) {
      output.accept(Arrays.copyOf(buffer, size), rows);
      size = 0;
      rows = 0;
    }
  }
}
