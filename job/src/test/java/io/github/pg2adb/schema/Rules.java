package io.github.pg2adb.schema;

import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.SinkTables;

/** Rules of tests. */
final class Rules {

  private Rules() {}

  /** Tables that are there stay. */
  static SchemaRules keeping() {
    return of(new SinkTables(OnExistingTable.KEEP));
  }

  static SchemaRules of(SinkTables tables) {
    return new SchemaRules("schema_test", "pg2adb", tables, true);
  }
}
