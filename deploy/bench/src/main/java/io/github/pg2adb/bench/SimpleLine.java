package io.github.pg2adb.bench;

import java.util.List;

/**
 * A line as its parts.
 *
 * @param seed what is prepared in the source's empty database
 */
record SimpleLine(
    String name, String work, String unit, boolean moreIsBetter, Seed seed, List<Turn> turns)
    implements Line {

  /** Fills a database. */
  @FunctionalInterface
  interface Seed {
    void fill(Server.Db source) throws Exception;
  }

  SimpleLine {
    turns = List.copyOf(turns);
  }

  @Override
  public void prepare(Arena arena) throws Exception {
    seed.fill(arena.source());
  }
}
