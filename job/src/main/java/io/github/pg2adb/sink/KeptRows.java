package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a chunk gets into a table whose rows stay: the source's rows go into a temp table first, and
 * from there those into the table whose key it has not.
 */
final class KeptRows {

  private final Stage stage;
  private final String insert;

  /**
   * @param number makes the stage's name unique in the session
   * @param columns the columns of the source's rows, in their order
   * @param key those of them that identify a row
   */
  KeptRows(Target server, TargetTable table, long number, List<String> columns, List<String> key) {
    List<TargetTable.Column> written = columns.stream().map(name -> column(table, name)).toList();
    List<String> staged = IntStream.range(0, columns.size()).mapToObj(i -> "c" + i).toList();
    this.stage =
        new Stage(
            "pg2adb_l" + number,
            String.join(", ", staged),
            IntStream.range(0, columns.size())
                .mapToObj(i -> "c" + i + " " + written.get(i).stageType())
                .collect(Collectors.joining(", ")),
            server.distributed() ? " DISTRIBUTED RANDOMLY" : "");
    // an append-optimised table takes no ON CONFLICT; who writes beside us is not known either way
    boolean arbiter =
        server.insertOnConflict()
            && table.updatable()
            && table.uniqueIndexes().stream().anyMatch(index -> index.isOn(new HashSet<>(key)));
    boolean always = written.stream().anyMatch(TargetTable.Column::alwaysIdentity);
    String select =
        "INSERT INTO "
            + Sql.quote(table.name())
            + " ("
            + Sql.quoteAll(columns)
            + ")"
            + (always ? " OVERRIDING SYSTEM VALUE" : "")
            + " SELECT "
            + staged.stream().map(name -> "s." + name).collect(Collectors.joining(", "))
            + " FROM "
            + stage.sql()
            + " AS s";
    this.insert =
        arbiter
            ? select + " ON CONFLICT (" + Sql.quoteAll(key) + ") DO NOTHING"
            : select
                + " WHERE NOT EXISTS (SELECT 1 FROM "
                + TablePlan.truncated(table)
                + " AS t WHERE "
                + key.stream()
                    .map(
                        name ->
                            "t."
                                + Sql.quote(name)
                                + " "
                                + column(table, name).equality()
                                + " s.c"
                                + columns.indexOf(name))
                    .collect(Collectors.joining(" AND "))
                + ")";
  }

  private static TargetTable.Column column(TargetTable table, String name) {
    return table.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorKind.FAIL,
                    "Cannot write table \""
                        + table.name()
                        + "\": the destination has no column \""
                        + name
                        + "\"",
                    "Add the column to the destination table."));
  }

  /** Opens the stream that takes the rows. */
  CopyStream fill(Connection connection) throws SQLException {
    return stage.fill(connection);
  }

  /** The same for rows in COPY's binary format, whose types the stage has as the table. */
  CopyStream fillBinary(Connection connection) throws SQLException {
    return stage.fillBinary(connection);
  }

  /** Makes the stage ready, before the chunk's transaction begins. */
  void prepare(Connection connection) throws SQLException {
    stage.clear(connection);
  }

  /**
   * Moves the rows into the table.
   *
   * @return how many the table had not
   */
  long insert(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(insert);
    }
  }

  /** Must follow every commit. */
  void committed() {
    stage.committed();
  }

  /** Drops the stage, in a transaction of its own. */
  void drop(Connection connection) throws SQLException {
    stage.drop(connection);
  }
}
