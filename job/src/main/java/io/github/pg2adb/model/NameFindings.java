package io.github.pg2adb.model;

import io.github.pg2adb.model.Routes.Rule;
import io.github.pg2adb.model.TableRoute.ConstantColumn;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is wrong with the names that routes and case policy give the destination, found without a
 * look at it.
 *
 * @param collisions names that several things would have
 * @param tooLong names that a server would cut
 * @param unused routes and patterns that nothing matches
 * @param columns columns that cannot be left out, and constant columns that cannot be
 */
public record NameFindings(
    List<String> collisions, List<String> tooLong, List<String> unused, List<String> columns) {

  /** PostgreSQL's NAMEDATALEN without the byte that ends a name. */
  public static final int MAX_BYTES = 63;

  public NameFindings {
    collisions = List.copyOf(collisions);
    tooLong = List.copyOf(tooLong);
    unused = List.copyOf(unused);
    columns = List.copyOf(columns);
  }

  /** Looks at the selected tables. */
  public static NameFindings of(SourceSchema schema, Routes routes) {
    return new Search(schema, routes).findings();
  }

  /**
   * Refuses names that are wrong.
   *
   * @throws MigrationException with everything that is
   */
  public void throwIfAny() {
    List<String> all =
        Stream.of(collisions, columns, tooLong, unused).flatMap(List::stream).toList();
    if (!all.isEmpty()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot name the destination's tables: " + String.join("; ", all) + ".",
          "Correct route and sink.name-case in the task file.");
    }
  }

  /** Whether a server would cut the name. */
  public static boolean isTooLong(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
  }

  private static final class Search {
    private final SourceSchema schema;
    private final Routes routes;
    private final List<String> collisions = new ArrayList<>();
    private final Set<String> tooLong = new LinkedHashSet<>();
    private final List<String> unused = new ArrayList<>();
    private final List<String> columns = new ArrayList<>();

    /** The tables that a rule decides about. */
    private final IdentityHashMap<Rule, List<TableSchema>> tables = new IdentityHashMap<>();

    private final Map<TableName, List<TableSchema>> targets = new TreeMap<>();
    private final Map<TableName, TableRoute> routed = new HashMap<>();

    Search(SourceSchema schema, Routes routes) {
      this.schema = schema;
      this.routes = routes;
    }

    NameFindings findings() {
      for (TableSchema table : schema.tables()) {
        TableRoute route = routes.of(table.name());
        routed.put(table.name(), route);
        route
            .rule()
            .ifPresent(rule -> tables.computeIfAbsent(rule, key -> new ArrayList<>()).add(table));
        targets.computeIfAbsent(route.target(), key -> new ArrayList<>()).add(table);
        columnsOf(table, route);
        length(route.target().schema(), "the schema of " + table.name());
        length(route.target().name(), "table " + table.name());
      }
      targets.forEach(this::tablesOf);
      otherRelations();
      routes.rules().forEach(this::use);
      return new NameFindings(collisions, List.copyOf(tooLong), unused, columns);
    }

    private TableRoute routeOf(TableSchema table) {
      TableRoute route = routed.get(table.name());
      return route == null ? routes.of(table.name()) : route;
    }

    private void length(String name, String owner) {
      if (isTooLong(name)) {
        tooLong.add(
            "\""
                + name
                + "\" for "
                + owner
                + " has "
                + name.getBytes(StandardCharsets.UTF_8).length
                + " bytes and may have "
                + MAX_BYTES);
      } else if (name.isEmpty()) {
        tooLong.add("the name for " + owner + " is empty");
      }
    }

    private void columnsOf(TableSchema table, TableRoute route) {
      Map<String, String> names = new HashMap<>();
      Set<String> key = new HashSet<>(table.primaryKey());
      key.addAll(table.identityKey());
      for (ColumnSchema column : table.columns()) {
        String name = route.column(column.name()).orElse(null);
        if (name == null) {
          if (key.contains(column.name())) {
            columns.add(
                "column \""
                    + column.name()
                    + "\" of "
                    + table.name()
                    + " belongs to its key and cannot be left out");
          }
          continue;
        }
        length(name, "column " + table.name() + "." + column.name());
        String other = names.put(name, column.name());
        if (other != null) {
          collisions.add(
              "columns \""
                  + other
                  + "\" and \""
                  + column.name()
                  + "\" of "
                  + table.name()
                  + " would both be \""
                  + name
                  + "\"");
        }
      }
      if (names.isEmpty() && !table.columns().isEmpty()) {
        columns.add("no column of " + table.name() + " is left");
      }
      route.constant().ifPresent(constant -> constantOf(table, constant, names));
    }

    private void constantOf(TableSchema table, ConstantColumn constant, Map<String, String> names) {
      String name = constant.name();
      length(name, "the constant column of " + table.name());
      boolean inSource = table.columns().stream().anyMatch(column -> column.name().equals(name));
      if (names.containsKey(name) || inSource) {
        collisions.add(
            "the constant column \"" + name + "\" of " + table.name() + " has the name of another");
      }
      if (!constant.type().takes(constant.value())) {
        columns.add(
            "the constant \""
                + constant.value()
                + "\" of "
                + table.name()
                + " is not of type "
                + constant.type().word());
      }
    }

    private void tablesOf(TableName target, List<TableSchema> sources) {
      if (sources.size() == 1) {
        return;
      }
      Map<String, TableName> values = new HashMap<>();
      boolean told = false;
      for (TableSchema table : sources) {
        ConstantColumn constant = routeOf(table).constant().orElse(null);
        if (constant == null) {
          if (!told) {
            collisions.add(
                names(sources)
                    + " would all be "
                    + target
                    + "; tables that meet in one need a constant column each");
          }
          told = true;
        } else {
          TableName other = values.put(constant.value(), table.name());
          if (other != null) {
            collisions.add(
                other
                    + " and "
                    + table.name()
                    + " have the same constant \""
                    + constant.value()
                    + "\" in "
                    + target);
          }
        }
      }
      if (!told) {
        sources.forEach(table -> compare(target, sources.get(0), table));
      }
    }

    private static String names(Collection<TableSchema> tables) {
      return tables.stream()
          .map(table -> table.name().toString())
          .collect(Collectors.joining(", "));
    }

    /** Tables that meet in one must have the same columns and the same key there. */
    private void compare(TableName target, TableSchema first, TableSchema other) {
      TableRoute firstRoute = routeOf(first);
      TableRoute otherRoute = routeOf(other);
      Map<String, String> here = types(first, firstRoute);
      Map<String, String> there = types(other, otherRoute);
      String reason = null;
      if (!here.equals(there)) {
        Set<String> differing = new LinkedHashSet<>(here.keySet());
        differing.addAll(there.keySet());
        differing.removeIf(column -> String.valueOf(here.get(column)).equals(there.get(column)));
        reason = "they differ in the columns " + differing;
      } else if (!keyOf(first, firstRoute).equals(keyOf(other, otherRoute))) {
        reason = "their keys are " + keyOf(first, firstRoute) + " and " + keyOf(other, otherRoute);
      }
      if (reason != null) {
        collisions.add(
            first.name() + " and " + other.name() + " cannot meet in " + target + ": " + reason);
      }
    }

    private static List<String> keyOf(TableSchema table, TableRoute route) {
      return route.columns(table.primaryKey());
    }

    private static Map<String, String> types(TableSchema table, TableRoute route) {
      Map<String, String> types = new TreeMap<>();
      for (ColumnSchema column : table.columns()) {
        route.column(column.name()).ifPresent(name -> types.put(name, typeOf(column)));
      }
      route
          .constant()
          .ifPresent(constant -> types.put(constant.name(), constant.type() + " constant"));
      return types;
    }

    private static String typeOf(ColumnSchema column) {
      return column.type()
          + switch (column.generation()) {
            case NONE -> "";
            case IDENTITY_ALWAYS, IDENTITY_BY_DEFAULT -> " " + column.generation();
            case STORED, VIRTUAL -> " generated as " + column.defaultExpression();
          };
    }

    private void otherRelations() {
      collisions.addAll(TakenNames.of(schema, routes).collisions());
      for (TableName view : schema.views()) {
        TableName target = routes.of(view).target();
        length(target.schema(), "the schema of " + view);
        length(target.name(), "view " + view);
      }
      RoutedSequences sequences = RoutedSequences.of(schema, routes);
      for (SequenceSchema sequence : schema.needs().sequences()) {
        if (!sequence.identity() && sequences.isMigrated(sequence)) {
          length(sequences.target(sequence.name()).name(), "sequence " + sequence.name());
        }
      }
    }

    private void use(Rule rule) {
      List<TableSchema> decided = tables.getOrDefault(rule, List.of());
      String name = "route \"" + rule.sourceTable() + "\"";
      if (decided.isEmpty()) {
        boolean views =
            schema.views().stream()
                .anyMatch(view -> routes.of(view).rule().filter(rule::equals).isPresent());
        boolean tablesMatch =
            schema.tables().stream()
                .anyMatch(table -> rule.sourceTable().match(table.name()).isPresent());
        if (!views) {
          unused.add(
              name
                  + (tablesMatch
                      ? " decides about no table: routes before it match all of its own"
                      : " matches no selected table"));
        }
        return;
      }
      Stream.of(
              rule.columns().stream(),
              rule.excludedColumns().stream(),
              rule.renamedColumns().stream().map(Route.Renaming::pattern))
          .flatMap(patterns -> patterns)
          .filter(pattern -> decided.stream().noneMatch(table -> hasColumn(table, pattern)))
          .forEach(
              pattern ->
                  unused.add("column \"" + pattern + "\" of " + name + " matches no column"));
    }

    private static boolean hasColumn(TableSchema table, NamePattern pattern) {
      return table.columns().stream().anyMatch(column -> pattern.match(column.name()).isPresent());
    }
  }
}
