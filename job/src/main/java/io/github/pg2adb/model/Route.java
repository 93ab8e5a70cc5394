package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the task file says of the tables that a pattern matches.
 *
 * @param sourceTable which tables, as {@link NamePattern#table} reads it
 * @param sinkTable what they are called in the destination, as {@link NameTemplate#table} reads it;
 *     null for the same name as at the source
 * @param replaceSymbol what stands for the source table's name in {@code sinkTable}, null for
 *     nothing
 * @param columns the patterns of the columns that are migrated, empty for all
 * @param excludedColumns the patterns of those that are not
 * @param renamedColumns what columns are called, each {@code pattern AS name}
 * @param constant a column that the source has not, null without one
 * @param description what people should know of it, may be empty
 */
public record Route(
    String sourceTable,
    @Nullable String sinkTable,
    @Nullable String replaceSymbol,
    List<String> columns,
    List<String> excludedColumns,
    List<String> renamedColumns,
    @Nullable Constant constant,
    String description)
    implements Serializable {

  private static final Pattern RENAMING =
      Pattern.compile("(.+?)\\s+[aA][sS]\\s+(\\S.*)", Pattern.DOTALL);

  public Route {
    columns = List.copyOf(columns);
    excludedColumns = List.copyOf(excludedColumns);
    renamedColumns = List.copyOf(renamedColumns);
  }

  /**
   * A column with one value for all rows of a source table.
   *
   * @param column its name
   * @param type its type
   * @param value its value, as {@link NameTemplate#of} reads it; null for the source table's
   *     qualified name
   */
  public record Constant(String column, Type type, @Nullable String value) implements Serializable {

    /** The types that such a column can have. */
    public enum Type {
      TEXT("text", ".*"),
      SMALLINT("smallint", "-?\\d{1,4}"),
      INTEGER("integer", "-?\\d{1,9}"),
      BIGINT("bigint", "-?\\d{1,18}");

      private final String word;
      private final Pattern values;

      Type(String word, String values) {
        this.word = word;
        this.values = Pattern.compile(values, Pattern.DOTALL);
      }

      /** Its name in SQL and in the task file. */
      public String word() {
        return word;
      }

      boolean takes(String value) {
        return values.matcher(value).matches();
      }
    }
  }

  /**
   * A column's new name.
   *
   * @param pattern which columns
   * @param name what they are called
   */
  public record Renaming(NamePattern pattern, NameTemplate name) implements Serializable {

    /**
     * Reads {@code pattern AS name}.
     *
     * @throws IllegalArgumentException if it is not of that form; the message says why
     */
    public static Renaming parse(String text) {
      Matcher matcher = RENAMING.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("\"" + text + "\" must be \"column AS name\"");
      }
      Renaming renaming =
          new Renaming(
              NamePattern.column(matcher.group(1)), NameTemplate.of(matcher.group(2).strip()));
      if (renaming.name().groups() > renaming.pattern().groups()) {
        throw new IllegalArgumentException(
            "\"" + text + "\" takes up a group that its pattern has not");
      }
      return renaming;
    }

    /** The new name, empty for a column that the pattern does not match. */
    Optional<String> of(String column, NameCase nameCase) {
      return pattern.match(column).map(match -> name.fill(column, match, nameCase::part));
    }
  }
}
