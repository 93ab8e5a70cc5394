package io.github.pg2adb.sink;

import io.github.pg2adb.model.TableName;
import java.util.List;
import java.util.Set;

/**
 * A destination table as its catalog describes it.
 *
 * @param name schema and name
 * @param partitioned whether it is the root of a partitioned table
 * @param hasChildren whether tables inherit from it, which statements must not reach
 * @param updatable whether its rows are stored so that INSERT ... ON CONFLICT takes it: not
 *     append-optimised
 * @param columns the columns that are not dropped, by attnum
 * @param uniqueIndexes unique indexes and exclusion constraints
 * @param distribution the distribution key's columns; empty without one
 */
record TargetTable(
    TableName name,
    boolean partitioned,
    boolean hasChildren,
    boolean updatable,
    List<Column> columns,
    List<UniqueIndex> uniqueIndexes,
    List<String> distribution) {

  TargetTable {
    columns = List.copyOf(columns);
    uniqueIndexes = List.copyOf(uniqueIndexes);
    distribution = List.copyOf(distribution);
  }

  /** The primary key's columns in key order; empty without one. */
  List<String> primaryKey() {
    return uniqueIndexes.stream()
        .filter(UniqueIndex::primary)
        .findFirst()
        .map(UniqueIndex::columns)
        .orElse(List.of());
  }

  /**
   * A column.
   *
   * @param name its name
   * @param stageType the type that a stage column takes, as SQL text: without modifier, a domain's
   *     base type, so that nothing is coerced or checked twice and NULL is always possible
   * @param equality the type's equality as {@code OPERATOR(...)}
   * @param plainText whether text becomes the type by its input function alone, no cast standing
   *     between
   * @param generated whether the server computes it
   * @param alwaysIdentity whether it is GENERATED ALWAYS AS IDENTITY
   */
  record Column(
      String name,
      String stageType,
      String equality,
      boolean plainText,
      boolean generated,
      boolean alwaysIdentity) {}

  /**
   * Something that forbids two rows to be alike.
   *
   * @param columns the key columns; empty where it is made of expressions
   * @param primary whether it is the primary key
   * @param plain whether it is a unique index of columns alone, over all rows and checked at once:
   *     one that ON CONFLICT takes
   */
  record UniqueIndex(List<String> columns, boolean primary, boolean plain) {

    UniqueIndex {
      columns = List.copyOf(columns);
    }

    boolean isOn(Set<String> names) {
      return plain && columns.size() == names.size() && names.containsAll(columns);
    }
  }
}
