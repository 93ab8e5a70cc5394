package io.github.pg2adb.precheck;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TablePattern;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A folder of {@code src/test/resources/precheck}, named by the code that it is about.
 *
 * <p>{@code setup.sql} makes what is to be found; a line {@code -- source} or {@code --
 * destination} says where the statements after it run, each ending in a semicolon at a line's end.
 * {@code expected.properties} says what is expected and how the task is:
 *
 * <ul>
 *   <li>{@code result}, {@code objects} (with {@code |} between, each the beginning of an object),
 *       {@code mend} (the place), {@code fixable}
 *   <li>{@code tables}, {@code exclude}, {@code phases}, {@code ignore}, {@code on-existing-table},
 *       {@code sink.type}: the task; {@code routes}, each a source table, a sink table and perhaps
 *       a column that is left out; {@code distribution}, {@code storage}, {@code partitions}, each
 *       a pattern and what it asks; with {@code after.} before them what the task file's mend makes
 *       of it
 *   <li>{@code after.result}: how it is in the end, {@code PASS} unless it says otherwise
 *   <li>{@code source.role}, {@code sink.role}: {@code limited} for a role that is no superuser
 *   <li>{@code source.database}, {@code sink.database}: options of CREATE DATABASE; {@code
 *       after.sink.database-suffix}: what the database's name ends with that the mend has made
 *   <li>{@code sink}: the kind of destination that it is for; {@code sink.below}: the PostgreSQL
 *       release from which on there is nothing to find
 * </ul>
 *
 * {@code after.sql}, in setup.sql's form, is what a mend by hand asks for; {@code cleanup.sql}
 * undoes what outlives a database.
 */
record Scenario(String name, Path folder, Map<String, String> properties) {

  private static final Path FOLDER = Path.of("src", "test", "resources", "precheck");

  static Stream<Scenario> all() {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.sorted().map(Scenario::read).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Scenario read(Path folder) {
    Properties properties = new Properties();
    try (InputStream file = Files.newInputStream(folder.resolve("expected.properties"))) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> values = new java.util.TreeMap<>();
    properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
    return new Scenario(folder.getFileName().toString(), folder, values);
  }

  /** A statement and whether it is for the source. */
  record Step(boolean isForSource, String statement) {}

  /** The statements of a file, none if there is no such file. */
  List<Step> steps(String file, Map<String, String> variables) {
    Path path = folder.resolve(file);
    if (!Files.exists(path)) {
      return List.of();
    }
    List<Step> steps = new ArrayList<>();
    boolean isForSource = true;
    StringBuilder statement = new StringBuilder();
    try {
      for (String line : Files.readAllLines(path)) {
        if (line.startsWith("-- ")) {
          isForSource = line.equals("-- source");
        } else {
          statement.append(line).append('\n');
          if (line.endsWith(";")) {
            steps.add(new Step(isForSource, substitute(statement.toString(), variables)));
            statement.setLength(0);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return steps;
  }

  private static String substitute(String text, Map<String, String> variables) {
    String result = text;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      result = result.replace("${" + variable.getKey() + "}", variable.getValue());
    }
    return result;
  }

  PrecheckCode code() {
    return PrecheckCode.valueOf(name.replaceAll("-.*", ""));
  }

  String value(String key, String otherwise) {
    return properties.getOrDefault(key, otherwise);
  }

  private List<String> list(String key, String otherwise) {
    String text = value(key, otherwise);
    return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\s*[|]\\s*", -1));
  }

  List<String> objects() {
    return list("objects", "");
  }

  /** The value of the task, or what the mend makes of it. */
  private List<String> list(String key, boolean isAfter, String otherwise) {
    return isAfter && properties.containsKey("after." + key)
        ? list("after." + key, otherwise)
        : list(key, otherwise);
  }

  List<String> tables(boolean isAfter) {
    return list("tables", isAfter, "public.*");
  }

  List<String> excluded(boolean isAfter) {
    return list("exclude", isAfter, "");
  }

  /** Each is a source table, a sink table and perhaps a column that is left out. */
  Routes routes(boolean isAfter) {
    List<Route> routes = new ArrayList<>();
    for (String route : list("routes", isAfter, "")) {
      String[] parts = route.split(" +", -1);
      List<String> excluded = parts.length > 2 ? List.of(parts[2]) : List.of();
      routes.add(new Route(parts[0], parts[1], null, List.of(), excluded, List.of(), null, ""));
    }
    return Routes.of(routes, NameCase.DEFAULT);
  }

  /** Each is a pattern of tables and, after a space, what it asks. */
  private <T extends java.io.Serializable> ByTable<T> byTable(
      String key, boolean isAfter, Function<String, T> value) {
    return new ByTable<>(
        list(key, isAfter, "").stream()
            .map(rule -> rule.split(" +", 2))
            .map(rule -> new ByTable.Rule<>(TablePattern.parse(rule[0]), value.apply(rule[1])))
            .toList());
  }

  SinkTables sinkTables(boolean isAfter) {
    return new SinkTables(
        onExistingTable(isAfter),
        byTable("distribution", isAfter, Scenario::distribution),
        byTable("storage", isAfter, word -> SinkStorage.valueOf(word.toUpperCase(Locale.ROOT))),
        byTable(
            "partitions", isAfter, word -> SinkPartitions.valueOf(word.toUpperCase(Locale.ROOT))),
        false);
  }

  private static SinkDistribution distribution(String words) {
    return switch (words) {
      case "randomly" -> SinkDistribution.RANDOM;
      case "replicated" -> SinkDistribution.REPLICATED;
      default -> SinkDistribution.by(Arrays.asList(words.split(" ", -1)));
    };
  }

  Set<Phase> phases(boolean isAfter) {
    EnumSet<Phase> phases = EnumSet.noneOf(Phase.class);
    list("phases", isAfter, "schema|full|incremental").stream()
        .map(word -> Phase.valueOf(word.toUpperCase(Locale.ROOT)))
        .forEach(phases::add);
    return phases;
  }

  private OnExistingTable onExistingTable(boolean isAfter) {
    String word = list("on-existing-table", isAfter, "fail").get(0);
    return OnExistingTable.valueOf(word.toUpperCase(Locale.ROOT));
  }

  Set<PrecheckCode> ignored(boolean isAfter) {
    EnumSet<PrecheckCode> codes = EnumSet.noneOf(PrecheckCode.class);
    list("ignore", isAfter, "").stream().map(PrecheckCode::valueOf).forEach(codes::add);
    return codes;
  }

  @Override
  public String toString() {
    return name;
  }
}
