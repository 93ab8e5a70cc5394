package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what the destination's catalog says of a table. */
final class TargetCatalog {

  private static final String TABLE =
      "SELECT c.oid, c.relkind, EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid), :updatable"
          + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')";

  /**
   * A type of an extension has its equality where the extension was installed, so it is looked up
   * by the type's default operator class. Where there is none (varchar, arrays, enums) the one in
   * pg_catalog applies.
   */
  private static final String COLUMNS =
      "WITH RECURSIVE base (attnum, type) AS ("
          + "SELECT attnum, atttypid FROM pg_catalog.pg_attribute"
          + " WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped"
          + " UNION ALL SELECT b.attnum, t.typbasetype FROM base b"
          + " JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype = 'd')"
          + " SELECT a.attnum, a.attname, pg_catalog.format_type(t.oid, -1), :generated, :always,"
          + " (SELECT pg_catalog.quote_ident(n.nspname) || '.' || o.oprname FROM pg_catalog.pg_opclass oc"
          + " JOIN pg_catalog.pg_am m ON m.oid = oc.opcmethod"
          + " JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily"
          + " AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype"
          + " JOIN pg_catalog.pg_operator o ON o.oid = ao.amopopr"
          + " JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace"
          + " WHERE oc.opcintype = t.oid AND oc.opcdefault"
          + " AND (m.amname = 'btree' AND ao.amopstrategy = 3 OR m.amname = 'hash' AND ao.amopstrategy = 1)"
          + " ORDER BY m.amname LIMIT 1),"
          + " NOT EXISTS (SELECT 1 FROM pg_catalog.pg_cast k WHERE k.castsource = 'pg_catalog.text'::pg_catalog.regtype"
          // a cast that does nothing is no matter, but for extensions' types such as citext:
          // Greenplum
          // looks through it and finds no hash function for text among the type's
          + " AND k.casttarget = t.oid AND (k.castfunc <> 0 OR t.oid >= 16384))"
          + " FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'"
          + " JOIN pg_catalog.pg_attribute a ON a.attrelid = ?::oid AND a.attnum = b.attnum"
          + " ORDER BY a.attnum";

  private static final String INDEXES =
      "SELECT i.indkey::text, :keys, i.indisprimary,"
          + " i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL"
          + " FROM pg_catalog.pg_index i WHERE i.indrelid = ?::oid AND (i.indisunique OR i.indisexclusion)"
          + " ORDER BY i.indisprimary DESC, i.indexrelid";

  private static final String DISTRIBUTION =
      "SELECT p.distkey::text FROM pg_catalog.gp_distribution_policy p WHERE p.localoid = ?::oid";

  private final Target target;

  TargetCatalog(Target target) {
    this.target = target;
  }

  /**
   * Describes a table.
   *
   * @throws MigrationException if there is no such table
   */
  TargetTable describe(Connection connection, TableName name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(TABLE.replace(":updatable", updatable()))) {
      statement.setString(1, name.schema());
      statement.setString(2, name.name());
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next()) {
          throw new MigrationException(
              ErrorKind.FAIL,
              "Cannot write table \"" + name + "\": the destination has no such table",
              "Create it, or let the schema phase create it.");
        }
        long oid = result.getLong(1);
        boolean partitioned = "p".equals(result.getString(2));
        boolean children = result.getBoolean(3);
        Map<Integer, TargetTable.Column> columns = columns(connection, oid);
        return new TargetTable(
            name,
            partitioned,
            children && !partitioned,
            result.getBoolean(4),
            List.copyOf(columns.values()),
            uniqueIndexes(connection, oid, columns),
            distribution(connection, oid, columns));
      }
    }
  }

  /** A partitioned table has no access method of its own before its partitions are looked at. */
  private String updatable() {
    if (!target.distributed()) {
      return "true";
    }
    return target.postgresMajor() >= 12
        ? "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname IN ('ao_row', 'ao_column'))"
        : "c.relstorage = 'h'";
  }

  private Map<Integer, TargetTable.Column> columns(Connection connection, long oid)
      throws SQLException {
    String query =
        COLUMNS
            .replace(":generated", target.generatedColumns() ? "a.attgenerated <> ''" : "false")
            .replace(":always", target.identityColumns() ? "a.attidentity = 'a'" : "false");
    Map<Integer, TargetTable.Column> columns = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setLong(1, oid);
      statement.setLong(2, oid);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          String operator = result.getString(6);
          columns.put(
              result.getInt(1),
              new TargetTable.Column(
                  result.getString(2),
                  result.getString(3),
                  "OPERATOR(" + (operator == null ? "pg_catalog.=" : operator) + ")",
                  result.getBoolean(7),
                  result.getBoolean(4),
                  result.getBoolean(5)));
        }
      }
    }
    return columns;
  }

  private List<TargetTable.UniqueIndex> uniqueIndexes(
      Connection connection, long oid, Map<Integer, TargetTable.Column> columns)
      throws SQLException {
    // included columns come after the key's; before 11 there were none
    String query =
        INDEXES.replace(":keys", target.postgresMajor() >= 11 ? "i.indnkeyatts" : "i.indnatts");
    List<TargetTable.UniqueIndex> indexes = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setLong(1, oid);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          List<String> names = names(result.getString(1), result.getInt(2), columns);
          indexes.add(
              new TargetTable.UniqueIndex(names, result.getBoolean(3), result.getBoolean(4)));
        }
      }
    }
    return indexes;
  }

  private List<String> distribution(
      Connection connection, long oid, Map<Integer, TargetTable.Column> columns)
      throws SQLException {
    if (!target.distributed()) {
      return List.of();
    }
    try (PreparedStatement statement = connection.prepareStatement(DISTRIBUTION)) {
      statement.setLong(1, oid);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getString(1) != null
            ? names(result.getString(1), Integer.MAX_VALUE, columns)
            : List.of();
      }
    }
  }

  /** The columns of an int2vector's text, {@code 1 3}; none if one of them is an expression (0). */
  private static List<String> names(
      String attnums, int limit, Map<Integer, TargetTable.Column> columns) {
    List<String> names = new ArrayList<>();
    for (String attnum : attnums.trim().split(" ", -1)) {
      if (attnum.isEmpty() || names.size() == limit) {
        break;
      }
      TargetTable.Column column = columns.get(Integer.valueOf(attnum));
      if (column == null) {
        return List.of();
      }
      names.add(column.name());
    }
    return names;
  }
}
