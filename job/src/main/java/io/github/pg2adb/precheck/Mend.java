package io.github.pg2adb.precheck;

import java.util.List;

/**
 * What puts a finding right.
 *
 * @param place where it is done
 * @param steps the commands in order, each complete; or one sentence where there is no command
 * @param isAutomatic whether {@code precheck --fix} may do it
 */
public record Mend(Place place, List<String> steps, boolean isAutomatic) {

  /** Nothing to do. */
  static final Mend NONE = new Mend(Place.NOWHERE, List.of(), false);

  public Mend {
    steps = List.copyOf(steps);
  }

  /** Where something is put right. */
  public enum Place {
    /** SQL in the source database. */
    SOURCE("on the source"),
    /** SQL in the destination database. */
    SINK("on the destination"),
    /** The task file. */
    TASK_FILE("in the task file"),
    /** A server's configuration, a shell, a person. */
    BY_HAND("by hand"),
    /** There is nothing to do. */
    NOWHERE("");

    private final String words;

    Place(String words) {
      this.words = words;
    }

    /** For messages. */
    public String words() {
      return words;
    }
  }

  static Mend onSource(List<String> statements) {
    return new Mend(Place.SOURCE, statements, false);
  }

  static Mend onSource(String... statements) {
    return onSource(List.of(statements));
  }

  static Mend onSink(List<String> statements) {
    return new Mend(Place.SINK, statements, false);
  }

  static Mend onSink(String... statements) {
    return onSink(List.of(statements));
  }

  static Mend inTaskFile(String lines) {
    return new Mend(Place.TASK_FILE, List.of(lines), false);
  }

  static Mend byHand(String... steps) {
    return new Mend(Place.BY_HAND, List.of(steps), false);
  }

  /** The same, that {@code --fix} does. */
  Mend automatic() {
    return new Mend(place, steps, true);
  }
}
