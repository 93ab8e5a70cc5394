package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Whether TimescaleDB keeps the rows of selected tables elsewhere. */
final class Hypertables implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.HYPERTABLE);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<TableName> names = inspection.tableNames();
    Connection source = inspection.source();
    boolean isThere =
        Query.one(
            source,
            "SELECT to_regclass('_timescaledb_catalog.hypertable') IS NOT NULL",
            row -> row.getBoolean(1));
    if (!isThere) {
      return List.of();
    }
    List<TableName> hypertables =
        Query.all(
            source,
            "SELECT h.schema_name, h.table_name FROM _timescaledb_catalog.hypertable h"
                + " JOIN unnest(?::text[], ?::text[]) AS s(schema, name)"
                + " ON s.schema = h.schema_name AND s.name = h.table_name ORDER BY 1, 2",
            row -> new TableName(row.getString(1), row.getString(2)),
            Query.schemas(names),
            Query.names(names));
    return hypertables.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.HYPERTABLE,
                hypertables.stream().map(TableName::toString).toList(),
                "These tables are hypertables of TimescaleDB, whose rows are in chunk tables.",
                Mend.inTaskFile("source.tables.exclude: " + TaskFileText.list(hypertables))));
  }
}
