package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A connection set up for writing, with what lives as long as it: temp tables and how each table is
 * written.
 */
final class DestinationSession {

  /**
   * How many tables keep their temp tables. Every commit empties all of a session's temp tables,
   * used or not, so more would cost more than they save.
   */
  static final int KEPT_PLANS = 256;

  /** Not permitted, not known, not built in. */
  private static final Set<String> REFUSED = Set.of("42501", "42704", "22023", "0A000");

  private final Connection connection;
  private final Target target;
  private final TargetCatalog catalog;
  private final Map<TableName, TablePlan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private long planCount;

  private DestinationSession(Connection connection, Target target) {
    this.connection = connection;
    this.target = target;
    this.catalog = new TargetCatalog(target);
  }

  static DestinationSession on(Connection connection) throws SQLException {
    Target target = TargetProbe.ask(connection);
    // what triggers and foreign keys did at the source arrives as changes of its own
    setIfPermitted(connection, "session_replication_role", "replica");
    if (target.distributed()) {
      // merges join a small stage to a large table by key: the classic planner starts them sooner
      // and uses the index
      setIfPermitted(connection, "optimizer", "off");
      setIfPermitted(connection, "enable_nestloop", "on");
    }
    return new DestinationSession(connection, target);
  }

  private static void setIfPermitted(Connection connection, String name, String value)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_catalog.set_config(name, '"
              + value
              + "', false) FROM pg_catalog.pg_settings WHERE name = '"
              + name
              + "' AND setting <> '"
              + value
              + "'");
    } catch (SQLException e) {
      if (!REFUSED.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
    }
  }

  Connection connection() {
    return connection;
  }

  Target target() {
    return target;
  }

  TargetTable describe(TableName table) throws SQLException {
    return catalog.describe(connection, table);
  }

  /** How to write rows of this shape; made anew when shape or key differ from the last time. */
  TablePlan plan(Relation relation, int[] key) throws SQLException {
    TablePlan known = plans.get(relation.table());
    if (known != null
        && known.relation().columns().equals(relation.columns())
        && Arrays.equals(known.key(), key)) {
      return known;
    }
    if (known != null) {
      drop(known);
    }
    TablePlan plan = new TablePlan(target, relation, describe(relation.table()), key, planCount++);
    plans.put(relation.table(), plan);
    if (plans.size() > KEPT_PLANS) {
      Iterator<TablePlan> oldest = plans.values().iterator();
      TablePlan dropped = oldest.next();
      oldest.remove();
      drop(dropped);
    }
    return plan;
  }

  private void drop(TablePlan plan) throws SQLException {
    for (Stage stage : plan.stages()) {
      stage.drop(connection);
    }
  }

  /** Begins a transaction unless one is open. */
  void begin() throws SQLException {
    if (connection.getAutoCommit()) {
      connection.setAutoCommit(false);
    }
  }

  boolean inTransaction() throws SQLException {
    return !connection.getAutoCommit();
  }

  void commit() throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
    for (TablePlan plan : plans.values()) {
      plan.stages().forEach(Stage::committed);
    }
  }
}
