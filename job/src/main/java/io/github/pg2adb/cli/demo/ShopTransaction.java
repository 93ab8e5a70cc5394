package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** An open transaction of the shop that counts the rows it changes, per table. */
final class ShopTransaction {

  private final Connection connection;
  private Map<TableName, Long> changes = new HashMap<>();

  ShopTransaction(Connection connection) {
    this.connection = connection;
  }

  /** Runs a statement that changes rows of the table; TRUNCATE counts as one. */
  void change(TableName table, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      long rows = statement.executeUpdate(sql);
      changes.merge(table, sql.startsWith("TRUNCATE") ? 1 : rows, Long::sum);
    }
  }

  /** Does something and takes it back by a savepoint. */
  void undo(Step step) throws SQLException {
    Savepoint savepoint = connection.setSavepoint();
    Map<TableName, Long> before = new HashMap<>(changes);
    step.run(this);
    connection.rollback(savepoint);
    changes = before;
  }

  /** Takes everything back. */
  void abandon() throws SQLException {
    connection.rollback();
    changes = new HashMap<>();
  }

  /** Commits and says how many rows of each table were changed. */
  Map<TableName, Long> commit() throws SQLException {
    connection.commit();
    return Map.copyOf(changes);
  }

  /** A part of a transaction. */
  @FunctionalInterface
  interface Step {
    void run(ShopTransaction transaction) throws SQLException;
  }
}
