package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the destination's ledger says.
 *
 * @param schemaExists whether its schema is there
 * @param mayCreate whether the role may create tables in the schema, or the schema
 * @param present which of its tables are there
 * @param refused which of them the role may not read and write
 * @param position up to where the task's WAL is applied
 * @param loaded the tables of which the task has loaded something
 * @param created the tables that the task has created, as {@code TableName.toString} writes them
 * @param routes what the task's tables were called, by their names in the source
 * @param others for every table, the other tasks that have loaded something of it
 */
record LedgerState(
    boolean schemaExists,
    boolean mayCreate,
    Set<String> present,
    Set<String> refused,
    Optional<Lsn> position,
    Set<TableName> loaded,
    Set<String> created,
    Map<TableName, RouteRecord> routes,
    Map<TableName, Set<String>> others) {

  /** Whether the task created the table or has copied rows into it. */
  boolean isOwn(TableName table, RoutedSchema routed) {
    return created.contains(table.toString())
        || loaded.stream().anyMatch(source -> routed.route(source).target().equals(table));
  }

  /** The ledger's tables. */
  static final Set<String> TABLES =
      Set.of("position", "source", "chunk", "chunk_plan", "route", "event");

  private static final String RIGHTS =
      """
      SELECT c.relname, has_schema_privilege(n.oid, 'USAGE')
               AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
               AND (c.relname NOT IN ('position', 'source') OR has_table_privilege(c.oid, 'UPDATE'))
               AND (c.relname <> 'route' OR has_table_privilege(c.oid, 'DELETE')) AS allowed
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ANY (?)
      """;

  static LedgerState ask(Connection sink, PrecheckOptions options) throws SQLException {
    String schema = options.ledgerSchema();
    Set<String> present = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    Query.all(
        sink,
        RIGHTS,
        row -> {
          boolean allowed = row.getBoolean(2);
          present.add(row.getString(1));
          return !allowed && refused.add(row.getString(1));
        },
        schema,
        TABLES.toArray(String[]::new));
    Optional<Boolean> mayCreateTables =
        Query.all(
                sink,
                "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = ?",
                row -> row.getBoolean(1),
                schema)
            .stream()
            .findFirst();
    boolean mayCreate =
        mayCreateTables.isPresent()
            ? mayCreateTables.get()
            : Query.one(
                sink,
                "SELECT has_database_privilege(current_database(), 'CREATE')",
                row -> row.getBoolean(1));
    Set<TableName> loaded = new TreeSet<>();
    Map<TableName, Set<String>> others = new TreeMap<>();
    if (present.contains("chunk") && !refused.contains("chunk")) {
      Query.all(
          sink,
          "SELECT DISTINCT task, \"schema\", \"table\" FROM " + Sql.quote(schema) + ".chunk",
          row -> {
            TableName table = new TableName(row.getString(2), row.getString(3));
            return row.getString(1).equals(options.task())
                ? loaded.add(table)
                : others.computeIfAbsent(table, name -> new TreeSet<>()).add(row.getString(1));
          });
    }
    Set<String> created = new TreeSet<>();
    if (present.contains("event") && !refused.contains("event")) {
      created.addAll(
          Query.all(
              sink,
              "SELECT DISTINCT object FROM "
                  + Sql.quote(schema)
                  + ".event WHERE task = ? AND kind = ?",
              row -> row.getString(1),
              options.task(),
              MigrationLedger.TABLE_CREATED));
    }
    Map<TableName, RouteRecord> routes = new TreeMap<>();
    if (present.contains("route") && !refused.contains("route")) {
      Query.all(
          sink,
          "SELECT \"schema\", \"table\", sink_schema, sink_table, columns, sink_columns, constant FROM "
              + Sql.quote(schema)
              + ".route WHERE task = ?",
          row -> {
            TableName source = new TableName(row.getString(1), row.getString(2));
            return routes.put(
                source,
                RouteRecord.of(
                    source,
                    new TableName(row.getString(3), row.getString(4)),
                    Query.strings(row, "columns"),
                    Query.strings(row, "sink_columns"),
                    row.getString(7)));
          },
          options.task());
    }
    Optional<Lsn> position =
        present.contains("position") && !refused.contains("position")
            ? Query.all(
                    sink,
                    "SELECT commit_lsn::text FROM "
                        + Sql.quote(schema)
                        + ".position WHERE task = ? AND lane = 0",
                    row -> Lsn.parse(row.getString(1)),
                    options.task())
                .stream()
                .findFirst()
            : Optional.empty();
    return new LedgerState(
        mayCreateTables.isPresent(),
        mayCreate,
        present,
        refused,
        position,
        loaded,
        created,
        routes,
        others);
  }
}
