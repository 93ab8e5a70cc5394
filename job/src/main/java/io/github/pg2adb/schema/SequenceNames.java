package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the sequences that a default takes its values from. */
final class SequenceNames {

  /** As pg_get_expr writes it: {@code nextval('public."Seq"'::regclass)}. */
  private static final Pattern NEXTVAL =
      Pattern.compile("\\bnextval\\((E?)'((?:[^']|'')*)'::regclass\\)");

  /** One identifier as the server quotes it. */
  private static final Pattern IDENTIFIER = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^.\"]+)");

  private SequenceNames() {}

  /**
   * The qualified names in the expression; a sequence that is found without its schema is not among
   * them.
   */
  static List<TableName> in(String expression) {
    List<TableName> names = new ArrayList<>();
    Matcher matcher = NEXTVAL.matcher(expression);
    while (matcher.find()) {
      String literal = matcher.group(2).replace("''", "'");
      String text = matcher.group(1).isEmpty() ? literal : literal.replace("\\\\", "\\");
      List<String> parts =
          IDENTIFIER.matcher(text).results().map(SequenceNames::identifier).toList();
      if (parts.size() == 2) {
        names.add(new TableName(parts.get(0), parts.get(1)));
      }
    }
    return names;
  }

  /** The qualified name of a type as the server spells it, without array brackets. */
  static Optional<TableName> type(String text) {
    String element = text.endsWith("[]") ? text.substring(0, text.length() - 2) : text;
    List<String> parts =
        IDENTIFIER.matcher(element).results().map(SequenceNames::identifier).toList();
    return parts.size() == 2
        ? Optional.of(new TableName(parts.get(0), parts.get(1)))
        : Optional.empty();
  }

  private static String identifier(MatchResult match) {
    return match.group(1) == null ? match.group(2) : match.group(1).replace("\"\"", "\"");
  }
}
