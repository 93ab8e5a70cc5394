package io.github.pg2adb.bench;

import java.util.List;
import java.util.Optional;

/** One line of the report: work that contestants do, measured in one unit. */
interface Line {

  /** Its name on the command line. */
  String name();

  /** The work in a sentence. */
  String work();

  /** The unit of the values. */
  String unit();

  /** Whether more is better, as with rows per second. */
  boolean moreIsBetter();

  /** Makes what every turn needs. */
  void prepare(Arena arena) throws Exception;

  /** The ones who take turns. The first is pg2adb, which the others are compared with. */
  List<Turn> turns();

  /** Who does what. */
  interface Turn {
    String name();

    Optional<String> absence(Arena arena);

    /** Does the work once. The sink is empty, and the source is what {@link #prepare} made. */
    Measurement take(Arena arena) throws Exception;
  }

  /** The work of a turn. */
  @FunctionalInterface
  interface Work {
    Measurement take(Arena arena) throws Exception;
  }

  /** A turn of a contestant. */
  static Turn turn(Contestant contestant, Work work) {
    return turn(contestant.name(), contestant, work);
  }

  /** The same under another name, where a contestant has several turns. */
  static Turn turn(String name, Contestant contestant, Work work) {
    return new Turn() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Optional<String> absence(Arena arena) {
        return contestant.absence(arena);
      }

      @Override
      public Measurement take(Arena arena) throws Exception {
        return work.take(arena);
      }
    };
  }
}
