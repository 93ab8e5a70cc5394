package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Where the rows of one net effect wait in the session's temp tables for the statements that merge
 * them: whole rows, keys of rows that shall go, and parts (rows with unknown values) with the key
 * that the destination has them under.
 */
sealed interface Staging permits OwnStaging, SharedStaging {

  /**
   * Staged things as SQL.
   *
   * @param from the table with the alias {@code s}
   * @param where the condition that picks them
   * @param columns expressions of the target's types: the values, for parts followed by the key's
   */
  record Staged(String from, String where, List<String> columns) {
    public Staged {
      columns = List.copyOf(columns);
    }
  }

  /**
   * Must precede the first {@link #fill} of a net effect: what was staged before counts no more.
   */
  void begin();

  /** Opens the way in; more than once in a net effect if need be. */
  Filling fill(Connection connection) throws SQLException;

  Staged rows();

  Staged keys();

  /**
   * The columns {@code s.g} and {@code s.n} are a part's group and number, {@code s.c<i>} its
   * values as they were staged.
   */
  Staged parts();

  /**
   * The beginning of a statement that adds whole rows, up to the values as {@code s.c<i>} or {@link
   * #carried}.
   */
  String insertRows(Connection connection) throws SQLException;

  /** A column of the target as {@link #insertRows} takes it. */
  String carried(String column);

  /** A stream into the stages. Nothing else may use the connection until it is finished. */
  interface Filling {
    void row(Tuple image) throws SQLException;

    /**
     * Adds a key of a row that shall go.
     *
     * @param row a row in which at least the key's columns are there
     */
    void key(Tuple row) throws SQLException;

    void part(int number, int group, Tuple origin, Tuple image) throws SQLException;

    /** Nothing more comes for now. A stream that others share stays open for them. */
    void release() throws SQLException;

    /** Nothing more comes, and the rows are wanted. */
    void finish() throws SQLException;

    /** Gives up; what was staged counts for nothing. */
    void cancel() throws SQLException;
  }
}
