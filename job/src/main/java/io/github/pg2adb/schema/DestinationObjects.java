package io.github.pg2adb.schema;

import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the destination has, read as a whole. */
final class DestinationObjects {

  private static final String NOT_PERMITTED = "42501";

  private final Connection connection;
  private final Target target;

  DestinationObjects(Connection connection, Target target) {
    this.connection = connection;
    this.target = target;
  }

  /** Everything that is there. */
  Set<ObjectKey> keys() throws SQLException {
    Set<ObjectKey> keys = new HashSet<>();
    read("SELECT nspname FROM pg_namespace", row -> keys.add(ObjectKey.schema(row.getString(1))));
    read(
        "SELECT extname FROM pg_extension", row -> keys.add(ObjectKey.extension(row.getString(1))));
    read(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE oid >= 16384",
        row -> keys.add(ObjectKey.routine(row.getString(1))));
    read(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384",
        row -> keys.add(ObjectKey.relation(new TableName(row.getString(1), row.getString(2)))));
    read(
        """
        SELECT n.nspname, c.relname, k.conname, k.convalidated
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        """,
        row -> {
          TableName table = new TableName(row.getString(1), row.getString(2));
          keys.add(ObjectKey.constraint(table, row.getString(3)));
          if (row.getBoolean(4)) {
            keys.add(ObjectKey.validConstraint(table, row.getString(3)));
          }
        });
    for (SourceComment comment : SourceComment.read(CatalogSession.of(connection))) {
      keys.add(comment.key());
    }
    read(
        """
        SELECT n.nspname, c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
           AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        """,
        row ->
            keys.add(ObjectKey.ownedSequence(new TableName(row.getString(1), row.getString(2)))));
    return keys;
  }

  /** The access methods for indexes. */
  Set<String> indexMethods() throws SQLException {
    Set<String> methods = new HashSet<>();
    // before 9.6 there were no others
    String indexes = target.postgresMajor() >= 10 ? " WHERE amtype = 'i'" : "";
    read("SELECT amname FROM pg_am" + indexes, row -> methods.add(row.getString(1)));
    return methods;
  }

  /** How the rows of every table are spread; empty without segments. */
  Map<TableName, SinkDistribution> distributions() throws SQLException {
    Map<TableName, SinkDistribution> distributions = new HashMap<>();
    if (target.distributed()) {
      read(
          """
          SELECT n.nspname, c.relname, p.policytype,
                 ARRAY(SELECT a.attname::text FROM unnest(p.distkey::int2[]) WITH ORDINALITY AS k(attnum, position)
                         JOIN pg_attribute a ON a.attrelid = p.localoid AND a.attnum = k.attnum
                        ORDER BY k.position) AS columns
            FROM gp_distribution_policy p JOIN pg_class c ON c.oid = p.localoid
            JOIN pg_namespace n ON n.oid = c.relnamespace
          """,
          row ->
              distributions.put(
                  new TableName(row.getString(1), row.getString(2)),
                  distribution(row.getString(3), CatalogSession.strings(row, "columns"))));
    }
    return distributions;
  }

  /** The roles that privileges can be given to. */
  Set<String> roles() throws SQLException {
    Set<String> roles = new HashSet<>();
    read("SELECT rolname FROM pg_roles", row -> roles.add(row.getString(1)));
    return roles;
  }

  /** The tables that have partitions. */
  Set<TableName> partitionedTables() throws SQLException {
    Set<TableName> tables = new HashSet<>();
    read(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p'",
        row -> tables.add(new TableName(row.getString(1), row.getString(2))));
    return tables;
  }

  private static SinkDistribution distribution(String policy, List<String> columns) {
    if (policy.equals("r")) {
      return SinkDistribution.REPLICATED;
    }
    return columns.isEmpty() ? SinkDistribution.RANDOM : SinkDistribution.by(columns);
  }

  /**
   * Whether our writers' sessions may keep triggers, and so foreign keys, from acting. Asks by
   * doing it in a transaction that is rolled back.
   */
  boolean triggersCanBeTurnedOff() throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    Savepoint before = connection.setSavepoint();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL session_replication_role TO replica");
      return true;
    } catch (SQLException e) {
      if (!NOT_PERMITTED.equals(e.getSQLState())) {
        throw e;
      }
      return false;
    } finally {
      connection.rollback(before);
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    }
  }

  private void read(String sql, RowConsumer consumer) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        consumer.accept(result);
      }
    }
  }

  /** Takes the row that the result set stands on. */
  @FunctionalInterface
  private interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }
}
