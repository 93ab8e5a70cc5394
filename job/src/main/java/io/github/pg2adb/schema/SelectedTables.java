package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.NearestName;
import io.github.pg2adb.model.SourceSchema.Skipped;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TablePattern;
import io.github.pg2adb.model.TableSelection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a selection means for a source: the pure part of reading its catalog.
 *
 * @param tables the tables to migrate, by name
 * @param skipped what a star covers and what cannot be migrated, by name
 */
record SelectedTables(List<SourceRelation> tables, List<Skipped> skipped) {

  private static final Comparator<SourceRelation> BY_NAME =
      Comparator.comparing(SourceRelation::name);

  /**
   * Applies the selection.
   *
   * @param relations everything in the source that has a name a pattern could match
   * @param roots for every partition that is in {@code relations}, its topmost partitioned table
   * @throws MigrationException if a pattern matches nothing or names something that cannot be
   *     migrated; all such problems at once
   */
  static SelectedTables of(
      TableSelection selection, List<SourceRelation> relations, Map<Long, TableName> roots) {
    List<String> problems = problems(selection, relations, roots);
    if (!problems.isEmpty()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot select tables: " + String.join("; ", problems) + ".",
          "Names are compared exactly, upper and lower case differ; correct tables and tables.exclude in the task file.");
    }
    Map<Boolean, List<SourceRelation>> byFeasibility =
        relations.stream()
            .filter(SourceRelation::isTable)
            .filter(relation -> selection.selects(relation.name()))
            .sorted(BY_NAME)
            .collect(Collectors.partitioningBy(relation -> relation.obstacle() == null));
    List<SourceRelation> tables = byFeasibility.getOrDefault(true, List.of());
    if (tables.isEmpty()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot select tables: tables.exclude leaves none of what tables matches.",
          "Correct tables and tables.exclude in the task file.");
    }
    List<Skipped> skipped =
        byFeasibility.getOrDefault(false, List.of()).stream()
            .map(relation -> new Skipped(relation.name(), String.valueOf(relation.obstacle())))
            .toList();
    return new SelectedTables(tables, skipped);
  }

  private static List<String> problems(
      TableSelection selection, List<SourceRelation> relations, Map<Long, TableName> roots) {
    Map<TableName, SourceRelation> byName =
        relations.stream().collect(Collectors.toMap(SourceRelation::name, Function.identity()));
    List<String> problems = new ArrayList<>();
    for (TablePattern pattern : selection.include()) {
      if (pattern.isExact()) {
        SourceRelation relation = byName.get(exactName(pattern));
        if (relation == null) {
          problems.add(matchesNothing(pattern, relations));
        } else if (relation.partition()) {
          problems.add(
              quoted(pattern)
                  + " is a partition of \""
                  + roots.get(relation.oid())
                  + "\", name that instead");
        } else if (relation.obstacle() != null && !selection.excludes(relation.name())) {
          problems.add(quoted(pattern) + " is " + relation.obstacle());
        }
      } else if (relations.stream()
          .noneMatch(relation -> relation.isTable() && pattern.matches(relation.name()))) {
        problems.add(matchesNothing(pattern, relations));
      }
    }
    for (TablePattern pattern : selection.exclude()) {
      SourceRelation relation = pattern.isExact() ? byName.get(exactName(pattern)) : null;
      if (pattern.isExact() && relation == null) {
        problems.add(matchesNothing(pattern, relations));
      } else if (relation != null && relation.partition()) {
        problems.add(
            quoted(pattern)
                + " is a partition of \""
                + roots.get(relation.oid())
                + "\" and cannot be excluded by itself");
      }
    }
    return problems;
  }

  private static TableName exactName(TablePattern pattern) {
    return new TableName(pattern.schema().get(0), pattern.name().get(0));
  }

  private static String matchesNothing(TablePattern pattern, List<SourceRelation> relations) {
    TreeSet<String> names = new TreeSet<>();
    for (SourceRelation relation : relations) {
      if (relation.isTable()) {
        names.add(relation.name().toString());
        if (!pattern.isExact()) {
          names.add(relation.name().schema() + ".*");
        }
      }
    }
    return quoted(pattern)
        + " matches no table"
        + NearestName.find(pattern.text(), names)
            .map(name -> ", the nearest name is \"" + name + "\"")
            .orElse(", there is none");
  }

  private static String quoted(TablePattern pattern) {
    return "\"" + pattern.text() + "\"";
  }
}
