package io.github.pg2adb.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that someone probably meant, for error messages. */
public final class NearestName {

  private NearestName() {}

  /**
   * The candidate with the smallest edit distance to the word, upper and lower case counting as
   * nearly the same; the first in alphabetical order among equals.
   */
  public static Optional<String> find(String word, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingInt((String candidate) -> distance(word, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * Twice the edit distance without regard to case, and one more for names that differ by case
   * alone.
   */
  private static int distance(String first, String second) {
    int folded = editDistance(first.toLowerCase(Locale.ROOT), second.toLowerCase(Locale.ROOT));
    return 2 * folded + (folded == 0 && !first.equals(second) ? 1 : 0);
  }

  /** Levenshtein's distance: the fewest insertions, deletions and replacements of characters. */
  static int editDistance(String first, String second) {
    int[] previous = new int[second.length() + 1];
    for (int column = 0; column <= second.length(); column++) {
      previous[column] = column;
    }
    for (int row = 1; row <= first.length(); row++) {
      int[] current = new int[second.length() + 1];
      current[0] = row;
      for (int column = 1; column <= second.length(); column++) {
        int replaced =
            previous[column - 1] + (first.charAt(row - 1) == second.charAt(column - 1) ? 0 : 1);
        current[column] = Math.min(replaced, 1 + Math.min(previous[column], current[column - 1]));
      }
      previous = current;
    }
    return previous[second.length()];
  }
}
