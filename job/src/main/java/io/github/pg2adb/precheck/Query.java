package io.github.pg2adb.precheck;

import io.github.pg2adb.model.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a server and reads its answer. */
final class Query {

  private Query() {}

  /** Makes a value of the row that the result set stands on. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /**
   * All rows.
   *
   * @param parameters strings, numbers, booleans; a {@code String[]} is a text array, a {@code
   *     Long[]} an oid array
   */
  static <T> List<T> all(
      Connection connection, String sql, Reader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        Object parameter = parameters[i];
        if (parameter instanceof String[] texts) {
          statement.setArray(i + 1, connection.createArrayOf("text", texts));
        } else if (parameter instanceof Long[] oids) {
          statement.setArray(i + 1, connection.createArrayOf("oid", oids));
        } else {
          statement.setObject(i + 1, parameter);
        }
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(reader.read(result));
        }
      }
      return rows;
    }
  }

  /** The only row. */
  static <T> T one(
      Connection connection, String sql, Reader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    List<T> rows = all(connection, sql, reader, parameters);
    if (rows.size() != 1) {
      throw new SQLException("One row was expected and " + rows.size() + " came", "21000");
    }
    return rows.get(0);
  }

  static String[] schemas(Collection<TableName> names) {
    return names.stream().map(TableName::schema).toArray(String[]::new);
  }

  static String[] names(Collection<TableName> names) {
    return names.stream().map(TableName::name).toArray(String[]::new);
  }

  /** The value of a text array column. */
  static List<String> strings(ResultSet row, String column) throws SQLException {
    java.sql.Array array = row.getArray(column);
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }
}
