package io.github.pg2adb.schema;

import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Which tables of the destination are the task's own: those that it created, of which the ledger
 * has an event that was written in the same transaction, and those into which it has copied rows.
 */
final class OwnTables {

  private final String task;
  private final String ledgerSchema;
  private final UnaryOperator<TableName> routes;
  private boolean kept;

  /**
   * @param routes what the destination calls a table of the source: the ledger calls chunks' tables
   *     as the source does
   */
  OwnTables(SchemaRules rules, UnaryOperator<TableName> routes) {
    this.routes = routes;
    this.task = rules.task();
    this.ledgerSchema = rules.ledgerSchema();
  }

  /** All of them, as {@code TableName.toString} writes them; none where there is no ledger. */
  Set<String> read(Connection connection) throws SQLException {
    Set<String> names = new HashSet<>();
    kept = has(connection, "event");
    if (kept) {
      read(
          connection,
          "SELECT DISTINCT object FROM "
              + table("event")
              + " WHERE task = ? AND kind = "
              + Sql.literal(MigrationLedger.TABLE_CREATED),
          row -> names.add(row.getString(1)));
    }
    if (has(connection, "chunk")) {
      read(
          connection,
          "SELECT DISTINCT \"schema\", \"table\" FROM " + table("chunk") + " WHERE task = ?",
          row ->
              names.add(
                  routes.apply(new TableName(row.getString(1), row.getString(2))).toString()));
    }
    return names;
  }

  /**
   * The statement that makes a table the task's own, for the transaction that creates it; empty
   * where {@link #read} has found no ledger.
   */
  String record(TableName name) {
    return !kept
        ? ""
        : "INSERT INTO "
            + table("event")
            + " (task, recorded_at, kind, object, detail) VALUES ("
            + Sql.literal(task)
            + ", pg_catalog.clock_timestamp(), "
            + Sql.literal(MigrationLedger.TABLE_CREATED)
            + ", "
            + Sql.literal(name.toString())
            + ", 'The task created it.')";
  }

  private boolean has(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ?")) {
      statement.setString(1, ledgerSchema);
      statement.setString(2, name);
      try (ResultSet result = statement.executeQuery()) {
        return result.next();
      }
    }
  }

  private void read(Connection connection, String sql, RowConsumer consumer) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          consumer.accept(result);
        }
      }
    }
  }

  private String table(String name) {
    return Sql.quote(ledgerSchema) + '.' + Sql.quote(name);
  }

  /** Takes the row that the result set stands on. */
  @FunctionalInterface
  private interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }
}
