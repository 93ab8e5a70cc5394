package io.github.pg2adb.model;

/**
 * How much of a table's rows the destination has got from the snapshot.
 *
 * @param plannedChunks the table's chunks; 0 if it is not cut into several, or not yet
 * @param loadedChunks those that are durable
 * @param rows their rows
 * @param bytes their bytes of COPY data
 */
public record TableLoad(int plannedChunks, int loadedChunks, long rows, long bytes) {

  /** Nothing is known of the table. */
  public static final TableLoad NOTHING = new TableLoad(0, 0, 0, 0);

  /** The chunks that there are to load, as far as is known: at least one. */
  public int chunks() {
    return Math.max(1, plannedChunks);
  }

  /** This and what else is known of the table. */
  public TableLoad and(TableLoad other) {
    return new TableLoad(
        plannedChunks + other.plannedChunks,
        loadedChunks + other.loadedChunks,
        rows + other.rows,
        bytes + other.bytes);
  }

  /** Whether all of it is there. */
  public boolean isLoaded() {
    return loadedChunks >= chunks();
  }
}
