package io.github.pg2adb.verify;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how two sorted lists of hashed rows differ, in memory that does not grow with them.
 * Rows of one key follow each other; what is left of a key's rows on both ends are rows that
 * differ.
 */
final class DifferenceCounter {

  /** How many differing rows are named. */
  static final int SAMPLE_LIMIT = 20;

  private final List<RowDifference> sample = new ArrayList<>();
  private long missing;
  private long extra;
  private long different;
  private @Nullable HashedRow key;
  private long missingOfKey;
  private long extraOfKey;

  /**
   * Goes through both lists.
   *
   * @param source the source's rows, ascending, each once
   * @param target the destination's rows, likewise
   */
  void count(RowCursor source, RowCursor target) {
    HashedRow left = source.next();
    HashedRow right = target.next();
    while (left != null || right != null) {
      int order = order(left, right);
      if (order == 0 && left != null && right != null) {
        add(left, left.count() - right.count());
        left = source.next();
        right = target.next();
      } else if (order < 0 && left != null) {
        add(left, left.count());
        left = source.next();
      } else if (right != null) {
        add(right, -right.count());
        right = target.next();
      }
    }
    finishKey();
  }

  private static int order(@Nullable HashedRow left, @Nullable HashedRow right) {
    if (left == null || right == null) {
      return left == null ? 1 : -1;
    }
    return left.compareTo(right);
  }

  /** Takes in how many more of these rows the source has. */
  private void add(HashedRow row, long surplus) {
    if (key != null && !key.keyHash().equals(row.keyHash())) {
      finishKey();
    }
    key = row;
    if (surplus > 0) {
      missingOfKey += surplus;
    } else {
      extraOfKey -= surplus;
    }
  }

  private void finishKey() {
    if (key == null) {
      return;
    }
    long both = Math.min(missingOfKey, extraOfKey);
    different += note(RowDifference.Kind.DIFFERENT, key, both);
    missing += note(RowDifference.Kind.MISSING, key, missingOfKey - both);
    extra += note(RowDifference.Kind.EXTRA, key, extraOfKey - both);
    missingOfKey = 0;
    extraOfKey = 0;
  }

  private long note(RowDifference.Kind kind, HashedRow row, long count) {
    if (count > 0 && sample.size() < SAMPLE_LIMIT) {
      sample.add(new RowDifference(kind, row.text()));
    }
    return count;
  }

  long missing() {
    return missing;
  }

  long extra() {
    return extra;
  }

  long different() {
    return different;
  }

  List<RowDifference> sample() {
    return List.copyOf(sample);
  }

  /** One end's rows. */
  interface RowCursor {
    /** The next row, null after the last. */
    @Nullable HashedRow next();
  }

  /**
   * Equal rows of one end.
   *
   * @param keyHash the hash of the key's text, which the server and {@link String#compareTo} order
   *     alike
   * @param rowHash the hash of the row's text, likewise
   * @param count how many there are
   * @param text the beginning of the key, for people
   */
  record HashedRow(String keyHash, String rowHash, long count, String text)
      implements Comparable<HashedRow> {

    @Override
    public int compareTo(HashedRow other) {
      int byKey = keyHash.compareTo(other.keyHash);
      return byKey != 0 ? byKey : rowHash.compareTo(other.rowHash);
    }
  }
}
