package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowChange;

/**
 * The net effect of row changes of one table with one shape. Filled by one thread, then read by
 * another.
 */
sealed interface TableChanges permits KeyedChanges, KeylessChanges {

  /** The shape of the rows. */
  Relation relation();

  /**
   * Adds what comes next in the WAL.
   *
   * @param replay whether the destination may already have this change, or later ones
   */
  void add(RowChange change, boolean replay);

  /** How many different rows are affected. */
  int size();

  /** Changes of a table whose rows the key's columns identify; none if only the whole row does. */
  static TableChanges of(SourceTable table) {
    return table.key().length == 0
        ? new KeylessChanges(table.relation())
        : new KeyedChanges(table.relation(), table.key(), table.written());
  }

  /** The numbers of all columns. */
  static int[] allColumns(Relation relation) {
    int[] all = new int[relation.columns().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return all;
  }

  /** What to throw when the WAL does not say which row or which value is meant. */
  static MigrationException unknown(RowChange change, String what) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot apply "
            + change.operation()
            + " on table \""
            + change.relation().table()
            + "\": the WAL does not carry "
            + what,
        "Set REPLICA IDENTITY FULL on the source table and start the task again.");
  }
}
