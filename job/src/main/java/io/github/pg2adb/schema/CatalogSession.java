package io.github.pg2adb.schema;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session for reading catalogs of servers of any release.
 *
 * @param connection the session
 * @param major the server's major release: 9 for 9.6, then 10 to 18
 */
record CatalogSession(Connection connection, int major) {

  private static final int FETCH_ROWS = 10_000;

  static CatalogSession of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SHOW server_version_num")) {
      result.next();
      return new CatalogSession(connection, result.getInt(1) / 10_000);
    }
  }

  /** The expression if the server is of this release or a later one, else its replacement. */
  String since(int release, String expression, String replacement) {
    return major >= release ? expression : replacement;
  }

  /** What the query answers, one value per row, with the oids as its only parameter. */
  <T> List<T> query(String sql, Collection<Long> oids, RowReader<T> reader) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(FETCH_ROWS);
      if (sql.indexOf('?') >= 0) {
        statement.setArray(1, connection.createArrayOf("oid", oids.toArray()));
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

  /** A text array column as a list. */
  static List<String> strings(ResultSet row, String column) throws SQLException {
    @Nullable Array array = row.getArray(column);
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  /** A bigint array column as a list. */
  static List<Long> longs(ResultSet row, String column) throws SQLException {
    @Nullable Array array = row.getArray(column);
    return array == null ? List.of() : List.of((Long[]) array.getArray());
  }

  /** Makes a value of the row that the result set stands on. */
  @FunctionalInterface
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }
}
