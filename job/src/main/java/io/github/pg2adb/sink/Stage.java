package io.github.pg2adb.sink;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A temp table of the session that carries rows to a merge, created at its first use and emptied by
 * every commit.
 */
final class Stage {

  private final String name;
  private final String definition;
  private final String columns;
  private boolean created;
  private boolean filled;

  /**
   * @param name the table's name, a plain identifier
   * @param definition its columns in parentheses and, where the server has it, how it is
   *     distributed
   * @param columns its columns' names with commas between
   */
  Stage(String name, String columns, String definition, String distribution) {
    this.name = name;
    this.columns = columns;
    this.definition =
        "CREATE TEMP TABLE " + name + " (" + definition + ") ON COMMIT DELETE ROWS" + distribution;
  }

  /** The qualified name. */
  String sql() {
    return "pg_temp." + name;
  }

  /** Makes the table ready to take rows: there and empty. */
  void clear(Connection connection) throws SQLException {
    if (!created) {
      execute(connection, definition);
      created = true;
    } else if (filled) {
      execute(connection, "TRUNCATE TABLE " + sql());
    }
    filled = false;
  }

  /** Opens a stream that adds rows. */
  CopyStream fill(Connection connection) throws SQLException {
    filled = true;
    return CopyStream.into(connection, sql() + " (" + columns + ")");
  }

  /** Opens a stream that adds rows in COPY's binary format. */
  CopyStream fillBinary(Connection connection) throws SQLException {
    filled = true;
    return CopyStream.ofBinary(connection, sql() + " (" + columns + ")");
  }

  boolean isCreated() {
    return created;
  }

  /** Whether there may be rows in the table. */
  boolean isFilled() {
    return filled;
  }

  /** Must precede every INSERT into the table. */
  void filledBySql() {
    filled = true;
  }

  /** Must follow every commit, which empties the table. */
  void committed() {
    filled = false;
  }

  void drop(Connection connection) throws SQLException {
    if (created) {
      execute(connection, "DROP TABLE " + sql());
    }
    created = false;
    filled = false;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
