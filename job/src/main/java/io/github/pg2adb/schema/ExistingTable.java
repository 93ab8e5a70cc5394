package io.github.pg2adb.schema;

import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.DestinationCatalog.ExistingColumn;
import io.github.pg2adb.schema.DestinationCatalog.ExistingRelation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table that the destination has.
 *
 * @param relation what it is
 * @param distribution how its rows are spread, null for a destination without segments
 * @param wanted how they would be if the task created it, null likewise
 */
record ExistingTable(
    ExistingRelation relation,
    @Nullable SinkDistribution distribution,
    @Nullable SinkDistribution wanted) {

  /** What is not as the task would create it; also what does not keep rows from being written. */
  List<String> differencesFrom(TableSchema table) {
    List<String> differences = new ArrayList<>();
    if (relation.kind() != 'r' && relation.kind() != 'p') {
      return List.of("it is no table");
    }
    Map<String, ExistingColumn> there = new HashMap<>();
    relation.columns().forEach(column -> there.put(column.name(), column));
    for (ColumnSchema column : table.columns()) {
      ExistingColumn found = there.get(column.name());
      if (found == null) {
        differences.add("no column " + Sql.quote(column.name()));
      } else if (!found.type().equals(column.type())) {
        differences.add(
            "column "
                + Sql.quote(column.name())
                + " is "
                + found.type()
                + " and not "
                + column.type());
      }
    }
    Set<String> known =
        table.columns().stream().map(ColumnSchema::name).collect(Collectors.toSet());
    relation.columns().stream()
        .filter(column -> !known.contains(column.name()))
        .forEach(
            column ->
                differences.add("column " + Sql.quote(column.name()) + " is not in the source"));
    if (!relation.primaryKey().equals(table.primaryKey())) {
      differences.add(
          "the primary key is "
              + columns(relation.primaryKey())
              + " and not "
              + columns(table.primaryKey()));
    }
    if (distribution != null && wanted != null && !distribution.equals(wanted)) {
      differences.add(
          "it is " + Ddl.distributed(distribution) + " and not " + Ddl.distributed(wanted));
    }
    return differences;
  }

  private static String columns(List<String> names) {
    return names.isEmpty() ? "none" : "(" + Sql.quoteAll(names) + ")";
  }
}
