package io.github.pg2adb.sink;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What types the destination's columns have. */
public final class ColumnTypes {

  private static final String QUERY =
      "SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, -1)"
          + " FROM unnest(?::pg_catalog.text[], ?::pg_catalog.text[]) AS t(schema, name)"
          + " JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema"
          + " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name"
          + " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
          // without it times are floating-point numbers
          + " WHERE pg_catalog.current_setting('integer_datetimes') = 'on'";

  private ColumnTypes() {}

  /**
   * The types without their modifiers by table and column, of the tables that are there.
   *
   * @param endpoint the destination
   */
  public static Map<TableName, Map<String, String>> read(
      Endpoint endpoint, Collection<TableName> tables) {
    Map<TableName, Map<String, String>> types = new HashMap<>();
    try (Connection connection = Sessions.open(endpoint, "pg2adb");
        PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setArray(
          1, connection.createArrayOf("text", tables.stream().map(TableName::schema).toArray()));
      statement.setArray(
          2, connection.createArrayOf("text", tables.stream().map(TableName::name).toArray()));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          types
              .computeIfAbsent(
                  new TableName(result.getString(1), result.getString(2)), table -> new HashMap<>())
              .put(result.getString(3), result.getString(4));
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot describe the tables of " + endpoint, "", e);
    }
    return types;
  }
}
