package io.github.pg2adb.verify;

/**
 * A row that is not the same at both ends.
 *
 * @param kind in what way
 * @param row the beginning of the row's key, or of the whole row where the table has no key, as the
 *     server writes a record
 */
public record RowDifference(Kind kind, String row) {

  /** The ways in which a row can differ. */
  public enum Kind {
    /** The source has it more often than the destination. */
    MISSING,
    /** The destination has it more often than the source. */
    EXTRA,
    /** Both have a row of this key, with other values. */
    DIFFERENT
  }
}
