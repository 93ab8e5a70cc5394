package io.github.pg2adb.schema;

import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import org.jspecify.annotations.Nullable;

/**
 * A row of the source's pg_class that holds or shows rows.
 *
 * @param oid its oid
 * @param name schema and name
 * @param kind the catalog's letter: r table, p partitioned table, v view, m materialized view, f
 *     foreign table
 * @param unlogged whether its rows are not in the WAL
 * @param partition whether it is part of a partitioned table
 * @param extension the extension that owns it, null without one
 * @param identity its replica identity
 */
record SourceRelation(
    long oid,
    TableName name,
    char kind,
    boolean unlogged,
    boolean partition,
    @Nullable String extension,
    ReplicaIdentity identity) {

  boolean isPartitioned() {
    return kind == 'p';
  }

  boolean isView() {
    return kind == 'v' || kind == 'm';
  }

  /**
   * Whether patterns with a star are about this at all: views and partitions are not tables of
   * their own.
   */
  boolean isTable() {
    return !partition && !isView() && extension == null;
  }

  /** Why its rows cannot be migrated, with article; null if they can be. */
  @Nullable String obstacle() {
    if (extension != null) {
      return "a table that extension \"" + extension + "\" owns";
    }
    return switch (kind) {
      case 'v' -> "a view";
      case 'm' -> "a materialized view";
      case 'f' -> "a foreign table";
      default -> unlogged ? "an unlogged table" : null;
    };
  }
}
