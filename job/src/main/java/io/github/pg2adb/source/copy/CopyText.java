package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Tuple;

/**
 * COPY's text format, taken apart.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2">text
 *     format</a>
 */
public final class CopyText {

  private CopyText() {}

  /**
   * Reads one row as COPY TO writes it, with its newline.
   *
   * @param columns how many columns it has
   * @throws MigrationException if the row has another number of columns
   */
  public static Tuple parse(byte[] row, int columns) {
    byte[] values = new byte[row.length];
    int[] starts = new int[columns];
    int[] lengths = new int[columns];
    int size = 0;
    int column = 0;
    int at = 0;
    int end = row.length > 0 && row[row.length - 1] == '\n' ? row.length - 1 : row.length;
    while (column < columns) {
      starts[column] = size;
      if (isNull(row, at, end)) {
        lengths[column] = Tuple.NULL;
        at += 2;
      } else {
        while (at < end && row[at] != '\t') {
          if (row[at] == '\\' && at + 1 < end) {
            at++;
            values[size++] = unescaped(row[at]);
          } else {
            values[size++] = row[at];
          }
          at++;
        }
        lengths[column] = size - starts[column];
      }
      column++;
      if (column < columns) {
        if (at >= end) {
          throw mismatch(columns, column);
        }
        at++;
      }
    }
    if (at != end) {
      throw mismatch(columns, columns + 1);
    }
    return new Tuple(values, starts, lengths);
  }

  private static boolean isNull(byte[] row, int at, int end) {
    return at + 1 < end
        && row[at] == '\\'
        && row[at + 1] == 'N'
        && (at + 2 == end || row[at + 2] == '\t');
  }

  private static byte unescaped(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0B;
      default -> letter;
    };
  }

  private static MigrationException mismatch(int expected, int found) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot read a row of COPY text: it has "
            + (found > expected ? "more than " + expected : String.valueOf(found))
            + " columns instead of "
            + expected,
        "Start again; if it happens again, report it with the source server's version.");
  }
}
