package io.github.pg2adb.model;

import java.util.List;

/**
 * Whole rows of one chunk in a format of COPY, as the source server wrote them. The blocks of a
 * chunk come in order to one writer; no block of another chunk comes between them. A chunk without
 * rows is one block with {@code rows} 0.
 *
 * @param chunk the chunk that the rows belong to
 * @param columns the columns of the rows as the source calls them, in order; generated columns are
 *     left out, and a constant column follows them if the table's route has one
 * @param snapshot what the chunk's transaction sees of the source
 * @param snapshotLsn a WAL position at or after every commit that the snapshot sees
 * @param reader the index of the source subtask that reads the chunk
 * @param binaryTypes empty if the rows are in COPY's text format, else they are in its binary
 *     format, and these are the columns' types at the source as {@link BinaryTypes} has them
 * @param first whether this is the chunk's first block
 * @param last whether this is the chunk's last block
 * @param rows the number of rows in {@code data}
 * @param data the rows, without what COPY's binary format has before and after them; not to be
 *     written
 */
// blocks are compared by nobody, and a wrapper around the bytes would only be unwrapped again
@SuppressWarnings("ArrayRecordComponent")
public record SnapshotBlock(
    Chunk chunk,
    List<String> columns,
    TransactionSnapshot snapshot,
    Lsn snapshotLsn,
    int reader,
    List<String> binaryTypes,
    boolean first,
    boolean last,
    int rows,
    byte[] data)
    implements Change {

  public SnapshotBlock {
    columns = List.copyOf(columns);
    binaryTypes = List.copyOf(binaryTypes);
  }

  /** The writer beside the reader, so that blocks seldom cross the network. */
  @Override
  public int writer() {
    return reader;
  }

  @Override
  public <E extends Exception> void accept(Visitor<E> visitor) throws E {
    visitor.visit(this);
  }

  @Override
  public String toString() {
    return "SnapshotBlock[" + chunk + ", " + rows + " rows, " + data.length + " bytes]";
  }
}
