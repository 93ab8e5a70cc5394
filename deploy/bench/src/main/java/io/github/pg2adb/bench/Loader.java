package io.github.pg2adb.bench;

/** Copies the rows that are there. */
interface Loader extends Contestant {

  /**
   * Copies table {@code orders} into the sink, where its key is in place.
   *
   * @param rows how many there are
   * @return rows per second, from the first query that reads them to the last commit
   */
  Measurement load(Arena arena, long rows) throws Exception;
}
