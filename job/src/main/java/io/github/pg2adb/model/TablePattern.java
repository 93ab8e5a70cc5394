package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Names one table or several: {@code schema.table}, where {@code *} stands for any characters, also
 * none. Names are compared exactly as the catalog spells them, never folded to lower case. Dots,
 * stars and double quotes inside a name are written in double quotes, as in {@code "My
 * Schema"."we.ird"}; a double quote inside quotes is doubled.
 *
 * @param text the pattern as it was written
 * @param schema what the schema's name consists of: the pieces between the stars, one piece for a
 *     name without a star
 * @param name what the table's name consists of, in the same form
 */
public record TablePattern(String text, List<String> schema, List<String> name)
    implements Serializable {

  public TablePattern {
    schema = List.copyOf(schema);
    name = List.copyOf(name);
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if it is not of that form; the message says why
   */
  public static TablePattern parse(String text) {
    List<List<String>> parts = new Parser(text).parts();
    if (parts.size() != 2) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" has "
              + (parts.size() == 1 ? "1 part" : parts.size() + " parts")
              + " and must be schema.table; put a name with a dot in double quotes");
    }
    return new TablePattern(text, parts.get(0), parts.get(1));
  }

  /** Whether the pattern names one table. */
  public boolean isExact() {
    return schema.size() == 1 && name.size() == 1;
  }

  /** Whether the pattern covers the table. */
  public boolean matches(TableName table) {
    return matches(schema, table.schema()) && matches(name, table.name());
  }

  private static boolean matches(List<String> pieces, String name) {
    String first = pieces.get(0);
    String last = pieces.get(pieces.size() - 1);
    if (pieces.size() == 1) {
      return name.equals(first);
    }
    int end = name.length() - last.length();
    if (end < first.length() || !name.startsWith(first) || !name.endsWith(last)) {
      return false;
    }
    int from = first.length();
    for (String piece : pieces.subList(1, pieces.size() - 1)) {
      int found = name.indexOf(piece, from);
      if (found < 0 || found + piece.length() > end) {
        return false;
      }
      from = found + piece.length();
    }
    return true;
  }

  @Override
  public String toString() {
    return text;
  }

  /** Cuts the text at dots and stars that are outside quotes. */
  private static final class Parser {
    private final String text;
    private final List<List<String>> parts = new ArrayList<>();
    private List<String> pieces = new ArrayList<>();
    private final StringBuilder piece = new StringBuilder();

    private Parser(String text) {
      this.text = text;
    }

    private List<List<String>> parts() {
      boolean quoted = false;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '"') {
          boolean doubled = quoted && i + 1 < text.length() && text.charAt(i + 1) == '"';
          if (doubled) {
            piece.append(c);
            i++;
          } else {
            quoted = !quoted;
          }
        } else if (quoted || (c != '.' && c != '*')) {
          piece.append(c);
        } else {
          endPiece();
          if (c == '.') {
            endPart();
          }
        }
      }
      if (quoted) {
        throw new IllegalArgumentException("\"" + text + "\" has no closing double quote");
      }
      endPiece();
      endPart();
      return parts;
    }

    private void endPiece() {
      pieces.add(piece.toString());
      piece.setLength(0);
    }

    private void endPart() {
      if (pieces.equals(List.of(""))) {
        throw new IllegalArgumentException(
            "\"" + text + "\" has an empty name and must be schema.table");
      }
      parts.add(pieces);
      pieces = new ArrayList<>();
    }
  }
}
