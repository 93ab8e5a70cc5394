package io.github.pg2adb.model;

/**
 * How the destination's names are spelled where the task file does not spell them. Only the letters
 * A to Z change: those are what a server folds of a name that is not in double quotes.
 */
public enum NameCase {
  /** Schemas and tables in lower case, columns and the rest as at the source. */
  DEFAULT("default"),
  /** Everything as at the source. */
  AS_SOURCE("as-source"),
  /** Everything in lower case. */
  LOWER("lower"),
  /** Everything in upper case. */
  UPPER("upper");

  private static final int DISTANCE = 'a' - 'A';

  private final String word;

  NameCase(String word) {
    this.word = word;
  }

  /** The word that the task file uses. */
  public String word() {
    return word;
  }

  /** The name of a schema, a table, a view or a sequence. */
  public String relation(String name) {
    return switch (this) {
      case DEFAULT, LOWER -> lower(name);
      case AS_SOURCE -> name;
      case UPPER -> upper(name);
    };
  }

  /** The name of a column, an index or a constraint. */
  public String part(String name) {
    return switch (this) {
      case DEFAULT, AS_SOURCE -> name;
      case LOWER -> lower(name);
      case UPPER -> upper(name);
    };
  }

  private static String lower(String name) {
    return shift(name, 'A', 'Z', DISTANCE);
  }

  private static String upper(String name) {
    return shift(name, 'a', 'z', -DISTANCE);
  }

  private static String shift(String name, char first, char last, int distance) {
    StringBuilder shifted = new StringBuilder(name);
    for (int i = 0; i < shifted.length(); i++) {
      char c = shifted.charAt(i);
      if (c >= first && c <= last) {
        shifted.setCharAt(i, (char) (c + distance));
      }
    }
    return shifted.toString();
  }
}
