package io.github.pg2adb.model;

import io.github.pg2adb.model.Route.Renaming;
import io.github.pg2adb.model.TableRoute.ConstantColumn;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * What the destination's tables and columns are called and which rows meet in one table. The first
 * route that matches a table decides. What the task file spells stays as it is spelled; what comes
 * from the source is spelled as the case policy says. The answer depends on the table's name alone,
 * so it is the same at every start.
 */
public final class Routes implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Everything is called as at the source. */
  public static final Routes AS_SOURCE = new Routes(List.of(), NameCase.AS_SOURCE);

  private final List<Rule> rules;
  private final NameCase nameCase;

  /** Answers that were given: patterns are slow, and everybody asks about the same tables. */
  private final transient Map<TableName, TableRoute> known = new ConcurrentHashMap<>();

  private Routes(List<Rule> rules, NameCase nameCase) {
    this.rules = List.copyOf(rules);
    this.nameCase = nameCase;
  }

  /**
   * Reads the patterns.
   *
   * @throws IllegalArgumentException if one is malformed
   */
  public static Routes of(List<Route> routes, NameCase nameCase) {
    return new Routes(routes.stream().map(Rule::of).toList(), nameCase);
  }

  /** With a memory of its own. */
  private Object readResolve() {
    return new Routes(rules, nameCase);
  }

  /** A route with its patterns read. */
  record Rule(
      Route route,
      NamePattern sourceTable,
      NameTemplate.@Nullable Table sinkTable,
      List<NamePattern> columns,
      List<NamePattern> excludedColumns,
      List<Renaming> renamedColumns,
      @Nullable NameTemplate constant)
      implements Serializable {

    private static Rule of(Route route) {
      Route.Constant constant = route.constant();
      String value = constant == null ? null : constant.value();
      return new Rule(
          route,
          NamePattern.table(route.sourceTable()),
          route.sinkTable() == null
              ? null
              : NameTemplate.table(route.sinkTable(), route.replaceSymbol()),
          route.columns().stream().map(NamePattern::column).toList(),
          route.excludedColumns().stream().map(NamePattern::column).toList(),
          route.renamedColumns().stream().map(Renaming::parse).toList(),
          value == null ? null : NameTemplate.of(value));
    }

    boolean isMigrated(String column) {
      return (columns.isEmpty() || matches(columns, column)) && !matches(excludedColumns, column);
    }

    private static boolean matches(List<NamePattern> patterns, String column) {
      return patterns.stream().anyMatch(pattern -> pattern.match(column).isPresent());
    }

    String column(String name, NameCase nameCase) {
      return renamedColumns.stream()
          .flatMap(renaming -> renaming.of(name, nameCase).stream())
          .findFirst()
          .orElseGet(() -> nameCase.part(name));
    }
  }

  List<Rule> rules() {
    return rules;
  }

  /** How names are spelled that no route spells. */
  public NameCase nameCase() {
    return nameCase;
  }

  /** What becomes of the table; for a view its name alone counts. */
  public TableRoute of(TableName table) {
    return known.computeIfAbsent(table, this::find);
  }

  private TableRoute find(TableName table) {
    for (Rule rule : rules) {
      Optional<Matcher> match = rule.sourceTable().match(table);
      if (match.isPresent()) {
        return new TableRoute(
            table,
            target(table, rule, match.get()),
            rule,
            nameCase,
            constant(table, rule, match.get()));
      }
    }
    return new TableRoute(table, spelled(table), null, nameCase, null);
  }

  private TableName target(TableName table, Rule rule, Matcher match) {
    NameTemplate.Table template = rule.sinkTable();
    return template == null
        ? spelled(table)
        : new TableName(
            template.schema().fill(table.name(), match, nameCase::relation),
            template.name().fill(table.name(), match, nameCase::relation));
  }

  /** The name as the case policy spells it. */
  public TableName spelled(TableName table) {
    return new TableName(nameCase.relation(table.schema()), nameCase.relation(table.name()));
  }

  private static @Nullable ConstantColumn constant(TableName table, Rule rule, Matcher match) {
    Route.Constant constant = rule.route().constant();
    if (constant == null) {
      return null;
    }
    NameTemplate value = rule.constant();
    return new ConstantColumn(
        constant.column(),
        constant.type(),
        value == null ? table.toString() : value.fill(table.name(), match, part -> part));
  }
}
