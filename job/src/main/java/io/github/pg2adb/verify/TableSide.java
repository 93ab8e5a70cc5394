package io.github.pg2adb.verify;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sessions.FetchInParts;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One end of a comparison: a table on one server, seen through one snapshot.
 *
 * <p>A row is hashed as the text of a record in UTF-8, whatever encoding the database has. A
 * record's text is there for every type and tells NULL from an empty string.
 */
final class TableSide {

  private static final int FETCH_ROWS = 5_000;
  private static final int SAMPLE_CHARACTERS = 200;

  /**
   * How the built-in types that hold floats go over the wire in binary, by type oid. The oids are
   * fixed.
   *
   * @see <a
   *     href="https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat">pg_type.dat</a>
   */
  private static final Map<Long, String> BINARY_OUTPUT =
      Map.ofEntries(
          Map.entry(700L, "float4send"),
          Map.entry(701L, "float8send"),
          Map.entry(600L, "point_send"),
          Map.entry(601L, "lseg_send"),
          Map.entry(602L, "path_send"),
          Map.entry(603L, "box_send"),
          Map.entry(604L, "poly_send"),
          Map.entry(628L, "line_send"),
          Map.entry(718L, "circle_send"),
          Map.entry(1021L, "array_send"),
          Map.entry(1022L, "array_send"),
          Map.entry(1017L, "array_send"),
          Map.entry(1018L, "array_send"),
          Map.entry(1019L, "array_send"),
          Map.entry(1020L, "array_send"),
          Map.entry(1027L, "array_send"),
          Map.entry(629L, "array_send"),
          Map.entry(719L, "array_send"));

  private final Connection connection;
  private final String end;
  private final TableName table;
  private final String from;
  private final Map<String, Long> typeOids;
  private final boolean floatsInBinary;

  private TableSide(
      Connection connection,
      String end,
      TableName table,
      String from,
      Map<String, Long> typeOids,
      boolean floatsInBinary) {
    this.connection = connection;
    this.end = end;
    this.table = table;
    this.from = from;
    this.typeOids = typeOids;
    this.floatsInBinary = floatsInBinary;
  }

  /**
   * Looks the table up and takes the snapshot; the session is in a transaction afterwards.
   *
   * @param end {@code source} or {@code destination}, for messages
   * @param condition which of its rows are compared, as SQL; empty for all
   * @param floatsInBinary whether the two ends write floats differently as text
   * @throws MigrationException if the table or one of the columns is not there
   */
  static TableSide open(
      Connection connection,
      String end,
      TableName table,
      List<String> columns,
      String condition,
      boolean floatsInBinary) {
    try {
      try (Statement statement = connection.createStatement()) {
        // Money is written by the database's locale otherwise.
        statement.execute("SET LOCAL lc_monetary TO 'C'");
      }
      Map<String, Long> typeOids = typeOids(connection, table);
      List<String> absent =
          columns.stream().filter(column -> !typeOids.containsKey(column)).toList();
      if (!absent.isEmpty()) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot compare table \""
                + table
                + "\": the "
                + end
                + (typeOids.isEmpty() ? " has no such table." : " has no column " + absent + "."),
            "");
      }
      // A partitioned root holds its partitions' rows; children by inheritance are tables of their
      // own.
      String from =
          (isPartitioned(connection, table) ? "" : "ONLY ")
              + Sql.quote(table)
              + (condition.isEmpty() ? "" : " WHERE " + condition);
      return new TableSide(connection, end, table, from, typeOids, floatsInBinary);
    } catch (SQLException e) {
      throw failed(end, table, e);
    }
  }

  private static boolean isPartitioned(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT c.relkind = 'p' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ?")) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }

  /** The columns' types, of domains the type below; empty if there is no such table. */
  private static Map<String, Long> typeOids(Connection connection, TableName table)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH RECURSIVE base AS (SELECT a.attname, a.atttypid AS type FROM pg_attribute a"
                + " JOIN pg_class c ON c.oid = a.attrelid"
                + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped"
                + " UNION ALL SELECT b.attname, t.typbasetype FROM base b"
                + " JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd')"
                + " SELECT b.attname, b.type FROM base b JOIN pg_type t ON t.oid = b.type"
                + " WHERE t.typtype <> 'd'")) {
      statement.setString(1, table.schema());
      statement.setString(2, table.name());
      try (ResultSet result = statement.executeQuery()) {
        Map<String, Long> oids = new HashMap<>();
        while (result.next()) {
          oids.put(result.getString(1), result.getLong(2));
        }
        return oids;
      }
    }
  }

  /** Reads the whole table once on the server. */
  Digest digest(List<String> columns) {
    // Half of the MD5 is enough for a sum, and all of it would be computed twice.
    String sql =
        "SELECT count(*), sum(('x' || substr("
            + hash(columns)
            + ", 1, 16))::bit(64)::bigint) FROM "
            + from;
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      BigDecimal sum = result.getBigDecimal(2);
      return new Digest(result.getLong(1), sum == null ? BigDecimal.ZERO : sum);
    } catch (SQLException e) {
      throw failed(end, table, e);
    }
  }

  /**
   * Reads every distinct row's hashes in order, a part at a time.
   *
   * @param key the columns that identify a row, or all columns
   */
  HashedRows rows(List<String> columns, List<String> key) {
    // Under "C" text is ordered by bytes, as in Java; Greenplum merges its segments' uuid and bytea
    // in no order.
    String sql =
        "SELECT key_hash, row_hash, count(*), min(sample) FROM (SELECT "
            + hash(key)
            + " COLLATE \"C\" AS key_hash, "
            + hash(columns)
            + " COLLATE \"C\" AS row_hash, left(ROW("
            + Sql.quoteAll(key)
            + ")::text, "
            + SAMPLE_CHARACTERS
            + ") COLLATE \"C\" AS sample FROM "
            + from
            + ") hashed GROUP BY key_hash, row_hash ORDER BY key_hash, row_hash";
    try {
      try (FetchInParts inParts = Sessions.fetchInParts(connection)) {
        Statement statement = connection.createStatement();
        inParts.limit(statement, FETCH_ROWS);
        return new HashedRows(statement, statement.executeQuery(sql));
      }
    } catch (SQLException e) {
      throw failed(end, table, e);
    }
  }

  private String hash(List<String> columns) {
    String values = columns.stream().map(this::value).collect(Collectors.joining(", "));
    return "md5(convert_to(ROW(" + values + ")::text, 'UTF8'))";
  }

  private String value(String column) {
    String name = Sql.quote(column);
    Long type = typeOids.get(column);
    String function = type == null ? null : BINARY_OUTPUT.get(type);
    if (!floatsInBinary || function == null || type == null) {
      return name;
    }
    // A computed NaN may have another sign bit than one that was read from text.
    return type == 700L || type == 701L
        ? "CASE WHEN "
            + name
            + " <> 'NaN' THEN "
            + function
            + "("
            + name
            + ")"
            + " WHEN "
            + name
            + " = 'NaN' THEN '\\x'::bytea END"
        : function + "(" + name + ")";
  }

  private static MigrationException failed(String end, TableName table, SQLException e) {
    return SqlErrors.wrap("Cannot read table \"" + table + "\" of the " + end, "", e);
  }

  /**
   * What two tables with the same rows have in common, whatever the order.
   *
   * @param rows how many there are
   * @param sum of their hashes
   */
  record Digest(long rows, BigDecimal sum) {

    boolean matches(Digest other) {
      return rows == other.rows && sum.compareTo(other.sum) == 0;
    }
  }

  /** An open cursor over one end's rows. */
  final class HashedRows implements DifferenceCounter.RowCursor, AutoCloseable {

    private final Statement statement;
    private final ResultSet result;
    private DifferenceCounter.@Nullable HashedRow previous;

    private HashedRows(Statement statement, ResultSet result) {
      this.statement = statement;
      this.result = result;
    }

    @Override
    public DifferenceCounter.@Nullable HashedRow next() {
      try {
        if (!result.next()) {
          return null;
        }
        DifferenceCounter.HashedRow row =
            new DifferenceCounter.HashedRow(
                result.getString(1), result.getString(2), result.getLong(3), result.getString(4));
        if (previous != null && previous.compareTo(row) >= 0) {
          throw new MigrationException(
              ErrorKind.FAIL,
              "Cannot compare table \""
                  + table
                  + "\": the "
                  + end
                  + " sends rows out of order, hash "
                  + row.keyHash()
                  + " after "
                  + previous.keyHash(),
              "");
        }
        previous = row;
        return row;
      } catch (SQLException e) {
        throw failed(end, table, e);
      }
    }

    @Override
    public void close() {
      try {
        statement.close();
      } catch (SQLException e) {
        throw failed(end, table, e);
      }
    }
  }
}
