package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;

/**
 * The shape of the rows that follow in the WAL, from pgoutput's Relation message, partitions
 * already mapped to their root.
 *
 * @param id the source's relation oid, as the row messages name it
 * @param table the table that the rows belong to
 * @param identity the table's replica identity
 * @param columns the published columns in the order of the row messages' values
 */
public record Relation(int id, TableName table, ReplicaIdentity identity, List<Column> columns)
    implements Serializable {

  public Relation {
    columns = List.copyOf(columns);
  }

  /**
   * A published column.
   *
   * @param name the column's name
   * @param identity whether the column is part of the replica identity (the key, or every column
   *     for FULL)
   * @param typeOid the type's oid in the source
   * @param typeModifier the type modifier (atttypmod), -1 for none
   */
  public record Column(String name, boolean identity, int typeOid, int typeModifier)
      implements Serializable {}
}
