package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * A setting that every table may have another value of.
 *
 * @param rules which tables have which value; an exact name wins, then the first pattern that
 *     matches
 */
public record ByTable<T extends Serializable>(List<Rule<T>> rules) implements Serializable {

  public ByTable {
    rules = List.copyOf(rules);
  }

  /**
   * A value for tables.
   *
   * @param tables which
   * @param value their value
   */
  public record Rule<T extends Serializable>(TablePattern tables, T value)
      implements Serializable {}

  /** The setting of which no table has a value. */
  public static <T extends Serializable> ByTable<T> none() {
    return new ByTable<>(List.of());
  }

  /** Whether a rule names this table, rather than a pattern of it. */
  boolean isNamed(TableName table) {
    return rules.stream()
        .map(Rule::tables)
        .anyMatch(pattern -> pattern.isExact() && pattern.matches(table));
  }

  /** The table's value; empty if no rule is about it. */
  public Optional<T> find(TableName table) {
    return rules.stream()
        .filter(rule -> rule.tables().isExact() && rule.tables().matches(table))
        .findFirst()
        .or(() -> rules.stream().filter(rule -> rule.tables().matches(table)).findFirst())
        .map(Rule::value);
  }
}
