package io.github.pg2adb.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A statement and what takes it back.
 *
 * @param statement does it
 * @param undo takes it back, in the state that it has made
 */
record Undoable(String statement, String undo) {

  /**
   * The statements around others: each taken back afterwards, the last one first.
   *
   * @param inner what is done meanwhile
   */
  static List<String> around(List<Undoable> steps, List<String> inner) {
    List<String> all = new ArrayList<>(steps.stream().map(Undoable::statement).toList());
    all.addAll(inner);
    all.addAll(undone(steps));
    return all;
  }

  /** What takes all of them back, the last one first. */
  static List<String> undone(List<Undoable> steps) {
    List<String> undo = new ArrayList<>(steps.stream().map(Undoable::undo).toList());
    Collections.reverse(undo);
    return undo;
  }
}
