package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;

/**
 * Which tables a task is about: those that at least one included pattern and no excluded one
 * matches.
 *
 * @param include what to take, at least one
 * @param exclude what to leave out of it
 */
public record TableSelection(List<TablePattern> include, List<TablePattern> exclude)
    implements Serializable {

  public TableSelection {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /**
   * Reads the patterns.
   *
   * @throws IllegalArgumentException if one is malformed
   */
  public static TableSelection parse(List<String> include, List<String> exclude) {
    return new TableSelection(
        include.stream().map(TablePattern::parse).toList(),
        exclude.stream().map(TablePattern::parse).toList());
  }

  /** Whether the table is selected. */
  public boolean selects(TableName table) {
    return include.stream().anyMatch(pattern -> pattern.matches(table)) && !excludes(table);
  }

  /** Whether the table is excluded, selected otherwise or not. */
  public boolean excludes(TableName table) {
    return exclude.stream().anyMatch(pattern -> pattern.matches(table));
  }
}
