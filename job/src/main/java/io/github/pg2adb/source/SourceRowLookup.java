package io.github.pg2adb.source;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.RowLookup;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.source.copy.CopyText;
import io.github.pg2adb.source.copy.KeyColumn;
import io.github.pg2adb.source.copy.LookupSql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads rows by key from the source as COPY text, which renders values exactly as the WAL does. */
public final class SourceRowLookup implements RowLookup {

  private static final long serialVersionUID = 1L;

  /** Keys per statement, so that no statement grows without bound. */
  private static final int KEYS = 500;

  private static final String IS_PARTITIONED =
      """
      SELECT c.relkind = 'p' FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  private final Endpoint endpoint;

  /**
   * A lookup in this database.
   *
   * @param endpoint the source
   */
  public SourceRowLookup(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Override
  public List<Tuple> read(
      TableName table, List<String> columns, List<String> keyColumns, List<Tuple> keys) {
    List<Tuple> rows = new ArrayList<>();
    try (Connection connection = Sessions.openBrief(endpoint, "pg2adb row lookup")) {
      List<KeyColumn> key = KeyColumn.read(connection, table, keyColumns);
      boolean partitioned = isPartitioned(connection, table);
      for (int from = 0; from < keys.size(); from += KEYS) {
        List<Tuple> part = keys.subList(from, Math.min(keys.size(), from + KEYS));
        read(connection, LookupSql.copy(table, partitioned, columns, key, part), columns, rows);
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot read " + keys.size() + " rows of table \"" + table + "\" again",
          "The role needs SELECT on the table.",
          e);
    }
    return rows;
  }

  private static void read(
      Connection connection, String sql, List<String> columns, List<Tuple> rows)
      throws SQLException {
    CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
    byte[] row = copy.readFromCopy();
    while (row != null) {
      rows.add(CopyText.parse(row, columns.size()));
      row = copy.readFromCopy();
    }
  }

  private static boolean isPartitioned(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(IS_PARTITIONED)) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }
}
