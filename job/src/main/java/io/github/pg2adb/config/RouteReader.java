package io.github.pg2adb.config;

import io.github.pg2adb.model.NamePattern;
import io.github.pg2adb.model.NameTemplate;
import io.github.pg2adb.model.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the section {@code route}, a list of mappings, and notes what is wrong with it. */
final class RouteReader {

  private final SectionReader reader;
  private final Problems problems;

  RouteReader(SectionReader reader, Problems problems) {
    this.reader = reader;
    this.problems = problems;
  }

  /** The routes without those that are wrong. */
  List<Route> read(Node section) {
    List<Route> routes = new ArrayList<>();
    if (section instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        Values values = new Values();
        reader.read(element, Options.ROUTE, values);
        values
            .find(Options.SOURCE_TABLE)
            .flatMap(pattern -> route(element, pattern, values))
            .ifPresent(routes::add);
      }
    } else {
      problems.add(
          section.getStartMark(),
          "section \"route\" must be a list of mappings, each with a source-table");
    }
    return routes;
  }

  private Optional<Route> route(Node place, String pattern, Values values) {
    int groups = NamePattern.table(pattern).groups();
    Optional<String> target = values.find(Options.SINK_TABLE);
    Optional<String> symbol = values.find(Options.REPLACE_SYMBOL);
    Optional<String> column = values.find(Options.CONSTANT_COLUMN);
    Optional<String> value = values.find(Options.CONSTANT_VALUE);
    boolean good = target.map(text -> isTarget(place, text, symbol, groups)).orElse(true);
    if (symbol.isPresent() && target.isEmpty()) {
      problems.add(
          place.getStartMark(), "route.replace-symbol means nothing without route.sink-table");
      good = false;
    }
    if (value.isPresent() && column.isEmpty()) {
      problems.add(
          place.getStartMark(), "route.constant-value means nothing without route.constant-column");
      good = false;
    }
    if (value.isPresent() && NameTemplate.of(value.get()).groups() > groups) {
      hasNot(place, Options.CONSTANT_VALUE, groups);
      good = false;
    }
    return good
        ? Optional.of(
            new Route(
                pattern,
                target.orElse(null),
                symbol.orElse(null),
                values.list(Options.COLUMNS),
                values.list(Options.EXCLUDED_COLUMNS),
                values.list(Options.RENAMED_COLUMNS),
                column
                    .map(
                        name ->
                            new Route.Constant(
                                name,
                                values.find(Options.CONSTANT_TYPE).orElse(Route.Constant.Type.TEXT),
                                value.orElse(null)))
                    .orElse(null),
                values.find(Options.DESCRIPTION).orElse("")))
        : Optional.empty();
  }

  private boolean isTarget(Node place, String text, Optional<String> symbol, int groups) {
    try {
      if (NameTemplate.table(text, symbol.orElse(null)).groups() > groups) {
        hasNot(place, Options.SINK_TABLE, groups);
        return false;
      }
      return true;
    } catch (IllegalArgumentException e) {
      problems.add(
          place.getStartMark(),
          Options.SINK_TABLE.name() + " must be " + Options.SINK_TABLE.type().description());
      return false;
    }
  }

  private void hasNot(Node place, Option<String> option, int groups) {
    problems.add(
        place.getStartMark(),
        option.name() + " takes up a group that route.source-table has not, it has " + groups);
  }
}
