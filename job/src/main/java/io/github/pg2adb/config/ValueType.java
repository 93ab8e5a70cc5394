package io.github.pg2adb.config;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.NamePattern;
import io.github.pg2adb.model.NameTemplate;
import io.github.pg2adb.model.NearestName;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Secret;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TablePattern;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an option's text may be and what it means.
 *
 * @param description what it must be, for messages and the README: {@code a number from 1 to 128}
 * @param parser makes the value; an {@link IllegalArgumentException} says that the text is not of
 *     this type, its message is not used unless it is a {@link RefusedException}
 */
record ValueType<T>(String description, Function<String, T> parser) {

  private static final String SECRET = "text, kept secret";

  private static final Pattern AMOUNT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");

  private static final Map<String, ChronoUnit> TIME_UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "sec", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "min", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS);

  /** Powers of 1024, as in Flink. */
  private static final Map<String, Integer> SIZE_SHIFTS =
      Map.of(
          "b", 0, "k", 10, "kb", 10, "kib", 10, "m", 20, "mb", 20, "mib", 20, "g", 30, "gb", 30,
          "gib", 30);

  private static final int UNKNOWN_UNIT = -1;
  private static final int MAX_SIZE_SHIFT = 30;
  private static final int MAX_IDENTIFIER_BYTES = 63;

  static ValueType<String> text() {
    return new ValueType<>("text", ValueType::requireText);
  }

  static ValueType<Secret> secret() {
    return new ValueType<>(SECRET, text -> new Secret(requireText(text)));
  }

  boolean isSecret() {
    return description.equals(SECRET);
  }

  private static String requireText(String text) {
    require(!text.isEmpty());
    return text;
  }

  static ValueType<String> matching(String pattern, String description) {
    Pattern compiled = Pattern.compile(pattern);
    return new ValueType<>(
        description,
        text -> {
          require(compiled.matcher(text).matches());
          return text;
        });
  }

  /** A schema that the server lets a user make. */
  static ValueType<String> schemaName() {
    return new ValueType<>(
        "a name of at most " + MAX_IDENTIFIER_BYTES + " bytes that does not begin with pg_",
        text -> {
          int length = text.getBytes(StandardCharsets.UTF_8).length;
          require(length > 0 && length <= MAX_IDENTIFIER_BYTES && !text.startsWith("pg_"));
          return text;
        });
  }

  static ValueType<Integer> integer(int min, int max) {
    return new ValueType<>(
        "a number from " + min + " to " + max,
        text -> {
          int number = Integer.parseInt(text);
          require(number >= min && number <= max);
          return number;
        });
  }

  /** A duration from {@code min} to {@code max}, both written as in the task file. */
  static ValueType<Duration> duration(String min, String max) {
    return inRange("a duration", min, max, ValueType::parseDuration);
  }

  private static Duration parseDuration(String text) {
    Matcher matcher = amount(text);
    ChronoUnit unit = TIME_UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT));
    if (unit == null) {
      throw new IllegalArgumentException();
    }
    return Duration.of(Long.parseLong(matcher.group(1)), unit);
  }

  /** A size from {@code min} to {@code max}, both written as in the task file. */
  static ValueType<MemorySize> size(String min, String max) {
    return inRange("a size", min, max, ValueType::parseSize);
  }

  private static MemorySize parseSize(String text) {
    Matcher matcher = amount(text);
    int shift = SIZE_SHIFTS.getOrDefault(matcher.group(2).toLowerCase(Locale.ROOT), UNKNOWN_UNIT);
    require(shift != UNKNOWN_UNIT);
    long amount = Long.parseLong(matcher.group(1));
    require(amount <= Long.MAX_VALUE >> MAX_SIZE_SHIFT);
    return new MemorySize(amount << shift);
  }

  private static Matcher amount(String text) {
    Matcher matcher = AMOUNT.matcher(text.strip());
    require(matcher.matches());
    return matcher;
  }

  private static <T extends Comparable<T>> ValueType<T> inRange(
      String what, String min, String max, Function<String, T> parser) {
    T least = parser.apply(min);
    T most = parser.apply(max);
    return new ValueType<>(
        what + " from " + min + " to " + max,
        text -> {
          T value = parser.apply(text);
          require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0);
          return value;
        });
  }

  /** One of an enum's values by the word that stands for it. */
  static <E extends Enum<E>> ValueType<E> word(Class<E> type, Function<E, String> word) {
    Map<String, E> values = new LinkedHashMap<>();
    Arrays.stream(type.getEnumConstants()).forEach(value -> values.put(word.apply(value), value));
    return word(values);
  }

  /** One of these words. */
  static <T> ValueType<T> word(Map<String, T> values) {
    String description = values.keySet().stream().collect(Collectors.joining(", "));
    return new ValueType<>(
        values.size() == 1 ? description : "one of " + description,
        text -> {
          T value = values.get(text);
          if (value == null) {
            throw new IllegalArgumentException();
          }
          return value;
        });
  }

  /**
   * Refuses a text and says more than that it is not of the type. Holds nothing of the text, which
   * the environment may have put in.
   */
  static final class RefusedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String requirement;
    private final String remark;

    /**
     * @param requirement what it must be
     * @param remark what follows the text in the message
     */
    RefusedException(String requirement, String remark) {
      super(requirement + remark);
      this.requirement = requirement;
      this.remark = remark;
    }

    String requirement() {
      return requirement;
    }

    String remark() {
      return remark;
    }
  }

  /** A precheck that may be turned off. */
  static ValueType<PrecheckCode> ignorableCode() {
    return new ValueType<>("code of a precheck that may be ignored", ValueType::parseCode);
  }

  private static PrecheckCode parseCode(String text) {
    PrecheckCode code = PrecheckCode.find(text).orElseThrow(() -> unknownCode(text));
    if (!code.isIgnorable()) {
      throw new RefusedException(
          "must be the code of a precheck that may be ignored",
          ": with " + code + " the task could not run or would lose data");
    }
    return code;
  }

  private static RefusedException unknownCode(String text) {
    List<String> known =
        Arrays.stream(PrecheckCode.values())
            .filter(PrecheckCode::isIgnorable)
            .map(PrecheckCode::name)
            .toList();
    return new RefusedException(
        "must be the code of a precheck",
        NearestName.find(text, known).map(name -> ", the nearest is \"" + name + "\"").orElse(""));
  }

  static ValueType<String> uri() {
    return new ValueType<>(
        "a URI with a scheme, such as file:///var/lib/pg2adb",
        text -> {
          require(URI.create(text).isAbsolute());
          return text;
        });
  }

  static ValueType<String> tablePattern() {
    return new ValueType<>(
        "schema.table, where * stands for any characters and names with dots are in double quotes",
        text -> TablePattern.parse(text).text());
  }

  static ValueType<Boolean> flag() {
    return new ValueType<>(
        "true or false",
        text -> {
          require(text.equals("true") || text.equals("false"));
          return text.equals("true");
        });
  }

  /** The end of a pattern in the text of a rule, and of each element of a list. */
  static final char END = '\n';

  /** A value for the tables of a pattern: the pattern, {@link #END} and the value. */
  static <T extends Serializable> ValueType<ByTable.Rule<T>> rule(ValueType<T> type) {
    return new ValueType<>(
        type.description() + "; or a mapping of table patterns to such values",
        text -> {
          int end = text.indexOf(END);
          return new ByTable.Rule<>(
              TablePattern.parse(text.substring(0, end)),
              type.parser().apply(text.substring(end + 1)));
        });
  }

  /** How rows are spread: a word, or columns with {@link #END} after each. */
  static ValueType<SinkDistribution> distribution() {
    return new ValueType<>(
        "randomly, replicated or a list of columns",
        text -> {
          if (text.indexOf(END) < 0) {
            require(text.equals("randomly") || text.equals("replicated"));
            return new SinkDistribution(
                text.equals("randomly")
                    ? SinkDistribution.Kind.RANDOMLY
                    : SinkDistribution.Kind.REPLICATED,
                List.of());
          }
          List<String> columns = text.lines().toList();
          require(columns.stream().noneMatch(String::isEmpty));
          require(columns.stream().distinct().count() == columns.size());
          return new SinkDistribution(SinkDistribution.Kind.BY_COLUMNS, columns);
        });
  }

  static ValueType<String> routePattern() {
    return new ValueType<>(
        "schema.table, two regular expressions, where \\. stands for any character and names with dots are in double quotes",
        text -> NamePattern.table(text).toString());
  }

  static ValueType<String> routeTarget() {
    return new ValueType<>(
        "schema.table, where $1 to $9 stand for groups of source-table and names with dots are in double quotes",
        ValueType::requireText);
  }

  static ValueType<String> routeName() {
    return new ValueType<>(
        "a text, where $1 to $9 stand for groups of source-table",
        text -> {
          NameTemplate.of(text);
          return text;
        });
  }

  static ValueType<String> columnPattern() {
    return new ValueType<>(
        "regular expression for a column's name", text -> NamePattern.column(text).toString());
  }

  static ValueType<String> renaming() {
    return new ValueType<>(
        "column AS name, a regular expression and a name where $1 to $9 stand for its groups",
        text -> {
          Route.Renaming.parse(text);
          return text;
        });
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalArgumentException();
    }
  }
}
