package io.github.pg2adb.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the sequences that a default takes its values from, and types' names. */
public final class SequenceNames {

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
  public static List<TableName> in(String expression) {
    List<TableName> names = new ArrayList<>();
    Matcher matcher = NEXTVAL.matcher(expression);
    while (matcher.find()) {
      name(matcher).ifPresent(names::add);
    }
    return names;
  }

  private static Optional<TableName> name(MatchResult nextval) {
    String literal = nextval.group(2).replace("''", "'");
    String text = nextval.group(1).isEmpty() ? literal : literal.replace("\\\\", "\\");
    List<String> parts = IDENTIFIER.matcher(text).results().map(SequenceNames::identifier).toList();
    return parts.size() == 2
        ? Optional.of(new TableName(parts.get(0), parts.get(1)))
        : Optional.empty();
  }

  /** Whether the expression names a relation other than a sequence that it takes values from. */
  public static boolean namesOtherRelations(String expression) {
    return NEXTVAL.matcher(expression).replaceAll("").contains("::regclass");
  }

  /** The expression with other sequences; those that the function leaves as they are stay. */
  static String renamed(String expression, UnaryOperator<TableName> names) {
    return NEXTVAL
        .matcher(expression)
        .replaceAll(
            nextval ->
                Matcher.quoteReplacement(
                    name(nextval)
                        .filter(name -> !names.apply(name).equals(name))
                        .map(name -> "nextval(" + literal(names.apply(name)) + "::regclass)")
                        .orElse(nextval.group())));
  }

  private static String literal(TableName name) {
    String text = (quoted(name.schema()) + "." + quoted(name.name())).replace("'", "''");
    return text.indexOf('\\') < 0 ? "'" + text + "'" : "E'" + text.replace("\\", "\\\\") + "'";
  }

  /** The name in double quotes. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** The qualified name of a type as the server spells it, without array brackets. */
  public static Optional<TableName> type(String text) {
    if (text.indexOf('.') < 0) {
      return Optional.empty();
    }
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
