package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A regular expression for the names of tables or of columns, whose groups a {@link NameTemplate}
 * takes up. What is in double quotes stands for itself, a {@code *} alone for every name.
 */
public final class NamePattern implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Between the schema's name and the table's; no name has it. */
  private static final char SEPARATOR = '\0';

  private final String text;
  private final Pattern pattern;

  private NamePattern(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Reads {@code schema.table}, as Flink CDC's routes have it: the first dot separates the two, and
   * a dot that stands for any character has a backslash before it; in the table's part that may be
   * left out.
   *
   * @throws IllegalArgumentException if it is not of that form; the message says why
   */
  public static NamePattern table(String text) {
    Parser parser = new Parser(text);
    String schema = parser.part(true);
    String name = parser.part(false);
    return new NamePattern(
        text,
        Pattern.compile("(?:" + schema + ")" + SEPARATOR + "(?:" + name + ")", Pattern.DOTALL));
  }

  /**
   * Reads a regular expression for columns.
   *
   * @throws IllegalArgumentException if it is malformed; the message says why
   */
  public static NamePattern column(String text) {
    return new NamePattern(
        text, Pattern.compile("(?:" + new Parser(text).column() + ")", Pattern.DOTALL));
  }

  /** What matched, empty if the table does not. */
  Optional<Matcher> match(TableName table) {
    return match(table.schema() + SEPARATOR + table.name());
  }

  /** What matched, empty if the column does not. */
  Optional<Matcher> match(String column) {
    Matcher matcher = pattern.matcher(column);
    return matcher.matches() ? Optional.of(matcher) : Optional.empty();
  }

  /** How many groups it has. */
  public int groups() {
    return pattern.matcher("").groupCount();
  }

  /** The text as it was written. */
  @Override
  public String toString() {
    return text;
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    /** One part of a table's name as a regular expression. */
    private String part(boolean ends) {
      StringBuilder regex = new StringBuilder();
      boolean inClass = false;
      boolean ended = false;
      while (at < text.length() && !ended) {
        char c = text.charAt(at++);
        if (c == '"' && !inClass) {
          regex.append(quoted());
        } else if (c == '\\' && at < text.length()) {
          char next = text.charAt(at++);
          regex.append(next == '.' && !inClass ? "." : "\\" + next);
        } else if (c == '.' && ends && !inClass) {
          ended = true;
        } else {
          inClass = c == '[' || (inClass && c != ']');
          regex.append(c);
        }
      }
      if (regex.isEmpty() || (ends && !ended)) {
        throw new IllegalArgumentException("\"" + text + "\" must be schema.table");
      }
      return anyIfStar(regex);
    }

    private String column() {
      StringBuilder regex = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          regex.append(quoted());
        } else if (c == '\\' && at < text.length()) {
          regex.append(c).append(text.charAt(at++));
        } else {
          regex.append(c);
        }
      }
      if (regex.isEmpty()) {
        throw new IllegalArgumentException("A column's name is missing");
      }
      return anyIfStar(regex);
    }

    private static String anyIfStar(StringBuilder regex) {
      return regex.toString().equals("*") ? ".*" : regex.toString();
    }

    private String quoted() {
      StringBuilder literal = new StringBuilder();
      at = NameTemplate.quoted(text, at, literal);
      return Pattern.quote(literal.toString());
    }
  }
}
