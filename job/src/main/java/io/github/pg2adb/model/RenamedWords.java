package io.github.pg2adb.model;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the source that mean something else, or nothing, in the destination. A function's
 * body is a text in which any word may be such a name, so one that has such a word is not created:
 * it would read or write another table than at the source.
 */
public final class RenamedWords {

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");

  /** How the server writes what a function is, before its body. */
  private static final Pattern ATTRIBUTES =
      Pattern.compile(
          "^ (LANGUAGE|WINDOW|IMMUTABLE|STABLE|STRICT|SECURITY|LEAKPROOF|PARALLEL|COST|ROWS)\\b.*$",
          Pattern.MULTILINE);

  private static final Pattern BODY = Pattern.compile("^AS ", Pattern.MULTILINE);

  /** Makes a statement of a text that is put together when it runs. */
  private static final String EXECUTE = "execute";

  private final Set<String> words = new HashSet<>();
  private final Set<String> phrases = new HashSet<>();

  private RenamedWords() {}

  /** The words of the tables, their columns and the views. */
  static RenamedWords of(SourceSchema schema, Routes routes) {
    RenamedWords renamed = new RenamedWords();
    for (TableSchema table : schema.tables()) {
      TableRoute route = routes.of(table.name());
      renamed.add(route.source(), route.target());
      if (route.constant().isPresent()) {
        renamed.add(table.name().name());
      }
      for (TableSchema.ColumnSchema column : table.columns()) {
        if (!route.column(column.name()).equals(Optional.of(column.name()))) {
          renamed.add(column.name());
        }
      }
    }
    schema.views().forEach(view -> renamed.add(view, routes.of(view).target()));
    RoutedSequences sequences = RoutedSequences.of(schema, routes);
    for (SequenceSchema sequence : schema.needs().sequences()) {
      renamed.add(sequence.name(), sequences.target(sequence.name()));
    }
    return renamed;
  }

  private void add(TableName source, TableName target) {
    // a schema alone says nothing: types and functions stay in theirs
    if (!source.equals(target)) {
      add(source.name());
    }
  }

  private void add(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    (WORD.matcher(lower).matches() ? words : phrases).add(lower);
  }

  /** Whether everything is called as at the source. */
  public boolean isEmpty() {
    return words.isEmpty() && phrases.isEmpty();
  }

  /** Why the function cannot be created as it is, empty if it can. */
  public Optional<String> in(RoutineSchema routine) {
    if (isEmpty()) {
      return Optional.empty();
    }
    String text = text(routine.definition()).toLowerCase(Locale.ROOT);
    return WORD.matcher(text)
        .results()
        .map(MatchResult::group)
        .filter(word -> words.contains(word) || word.equals(EXECUTE))
        .findFirst()
        .or(() -> phrases.stream().filter(text::contains).findFirst())
        .map(
            word ->
                words.contains(word) || phrases.contains(word)
                    ? "Its text has \""
                        + word
                        + "\", which is called otherwise in the destination; create it there by hand."
                    : "It executes texts, in which names may be that are others in the destination; create it there by hand.");
  }

  /** Without keywords that may be names elsewhere. */
  private static String text(String definition) {
    Matcher body = BODY.matcher(definition);
    int end = body.find() ? body.start() : definition.length();
    return ATTRIBUTES.matcher(definition.substring(0, end)).replaceAll("")
        + definition.substring(end);
  }

  /** Whether the expression has one of the names as a word. */
  static boolean mention(String expression, Collection<String> names) {
    Set<String> lower = new HashSet<>();
    names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
    String text = expression.toLowerCase(Locale.ROOT);
    return WORD.matcher(text).results().map(MatchResult::group).anyMatch(lower::contains)
        || lower.stream().anyMatch(name -> !WORD.matcher(name).matches() && text.contains(name));
  }
}
