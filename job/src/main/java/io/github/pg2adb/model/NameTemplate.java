package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * A name, or a value, that may have parts of what a {@link NamePattern} matched: {@code $1} to
 * {@code $9} are its groups, {@code $0} is the source's name as a whole, {@code $$} a dollar sign.
 * What is in double quotes stands for itself.
 */
public final class NameTemplate implements Serializable {

  private static final long serialVersionUID = 1L;

  private final List<Piece> pieces;

  private NameTemplate(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /** A text, or the group that stands for one. */
  private record Piece(String literal, int group) implements Serializable {
    private static final int NONE = -1;
  }

  /** The two parts of a table's name. */
  public record Table(NameTemplate schema, NameTemplate name) implements Serializable {
    /** The highest group that it takes up, 0 if none. */
    public int groups() {
      return Math.max(schema.groups(), name.groups());
    }
  }

  /**
   * Reads {@code schema.table}.
   *
   * @param symbol what stands for the source table's name, null for nothing but {@code $0}
   * @throws IllegalArgumentException if it is not of that form; the message says why
   */
  public static Table table(String text, @Nullable String symbol) {
    Parser parser = new Parser(text, symbol, true);
    NameTemplate schema = parser.next();
    NameTemplate name = parser.next();
    if (schema.pieces.isEmpty() || name.pieces.isEmpty() || !parser.isAtEnd()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" must be schema.table, with names that have dots in double quotes");
    }
    return new Table(schema, name);
  }

  /**
   * Reads one name, or a value.
   *
   * @throws IllegalArgumentException if a double quote is not closed or nothing is there
   */
  public static NameTemplate of(String text) {
    NameTemplate template = new Parser(text, null, false).next();
    if (template.pieces.isEmpty()) {
      throw new IllegalArgumentException("A name is missing");
    }
    return template;
  }

  /** The highest group that it takes up, 0 if none. */
  public int groups() {
    return pieces.stream().mapToInt(Piece::group).filter(group -> group > 0).max().orElse(0);
  }

  /**
   * The text.
   *
   * @param name what {@code $0} stands for
   * @param match what the pattern matched
   * @param spelling how what comes from the source is spelled
   */
  String fill(String name, Matcher match, UnaryOperator<String> spelling) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece.group() == Piece.NONE) {
        text.append(piece.literal());
      } else {
        String part = piece.group() == 0 ? name : match.group(piece.group());
        text.append(part == null ? "" : spelling.apply(part));
      }
    }
    return text.toString();
  }

  /**
   * Reads what is in double quotes.
   *
   * @param from where to go on after the first one
   * @return where to go on after the last one
   */
  static int quoted(String text, int from, StringBuilder literal) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '"') {
        literal.append(c);
      } else if (at < text.length() && text.charAt(at) == '"') {
        literal.append(c);
        at++;
      } else {
        return at;
      }
    }
    throw new IllegalArgumentException("\"" + text + "\" has no closing double quote");
  }

  private static final class Parser {
    private final String text;
    private final @Nullable String symbol;
    private final boolean cut;
    private int at;

    /**
     * @param cut whether dots outside double quotes end a name
     */
    Parser(String text, @Nullable String symbol, boolean cut) {
      this.text = text;
      this.symbol = symbol;
      this.cut = cut;
    }

    boolean isAtEnd() {
      return at > text.length();
    }

    NameTemplate next() {
      List<Piece> pieces = new ArrayList<>();
      StringBuilder literal = new StringBuilder();
      boolean ended = false;
      while (at < text.length() && !ended) {
        if (symbol != null && text.startsWith(symbol, at)) {
          at += symbol.length();
          group(0, literal, pieces);
        } else {
          ended = character(literal, pieces);
        }
      }
      if (!ended) {
        at = text.length() + 1;
      }
      end(literal, pieces);
      return new NameTemplate(pieces);
    }

    /** Takes what comes next; returns whether it ended the name. */
    private boolean character(StringBuilder literal, List<Piece> pieces) {
      char c = text.charAt(at++);
      char next = at < text.length() ? text.charAt(at) : ' ';
      if (c == '"') {
        at = quoted(text, at, literal);
      } else if (c == '$' && next >= '0' && next <= '9') {
        at++;
        group(next - '0', literal, pieces);
      } else if (c == '$' && next == '$') {
        at++;
        literal.append(c);
      } else if (c == '.' && cut) {
        return true;
      } else {
        literal.append(c);
      }
      return false;
    }

    private static void group(int group, StringBuilder literal, List<Piece> pieces) {
      end(literal, pieces);
      pieces.add(new Piece("", group));
    }

    private static void end(StringBuilder literal, List<Piece> pieces) {
      if (!literal.isEmpty()) {
        pieces.add(new Piece(literal.toString(), Piece.NONE));
        literal.setLength(0);
      }
    }
  }
}
