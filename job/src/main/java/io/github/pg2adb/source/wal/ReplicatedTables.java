package io.github.pg2adb.source.wal;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which relations of the WAL belong to which table of the task. Servers before 13 cannot publish a
 * partitioned table as its root; there the leaves' rows are the root's.
 */
public final class ReplicatedTables {

  private final Map<TableName, TableName> tables = new HashMap<>();
  private final Map<TableName, Set<TableName>> leaves = new HashMap<>();

  /** The relations of these tables and their leaf partitions. */
  public ReplicatedTables(List<TableSchema> schemas) {
    for (TableSchema schema : schemas) {
      schema.leaves().forEach(leaf -> tables.put(leaf, schema.name()));
      leaves.put(schema.name(), new HashSet<>(schema.leaves()));
    }
    // A leaf that was selected by its own name stays a table of its own.
    schemas.forEach(schema -> tables.put(schema.name(), schema.name()));
  }

  /** The task's table that the relation's rows belong to, null if none. */
  @Nullable TableName of(TableName relation) {
    return tables.get(relation);
  }

  /** Whether these relations are the table as a whole: itself or all its leaves. */
  boolean isWhole(TableName table, Set<TableName> relations) {
    return relations.contains(table) || relations.containsAll(leaves.getOrDefault(table, Set.of()));
  }
}
