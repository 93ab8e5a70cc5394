package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection set up for writing, with what lives as long as it: temp tables and how each table is
 * written.
 */
final class DestinationSession {

  /** How many tables' plans are kept; they cost a catalog lookup to make again. */
  private static final int KEPT_PLANS = 10_000;

  /**
   * How many tables keep temp tables of their own. Every commit empties all of a session's temp
   * tables, used or not, which takes Greenplum some milliseconds for each.
   */
  static final int KEPT_STAGES = 8;

  /** Not permitted, not known, not built in. */
  private static final Set<String> REFUSED = Set.of("42501", "42704", "22023", "0A000");

  private final Connection connection;
  private final Target target;
  private final int ownStageRows;
  private final Routes routes;
  private final TargetCatalog catalog;
  private final SharedStages shared;
  private final Map<TableName, TablePlan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<TablePlan, OwnStaging> stages = new LinkedHashMap<>(16, 0.75f, true);
  private long stagingCount;
  private @Nullable KeptRows kept;
  private @Nullable TableName keptTable;

  private DestinationSession(
      Connection connection, Target target, Routes routes, int ownStageRows) {
    this.connection = connection;
    this.target = target;
    this.routes = routes;
    this.ownStageRows = ownStageRows;
    this.catalog = new TargetCatalog(target);
    this.shared = new SharedStages(target.distributed());
  }

  /**
   * Sets up a connection.
   *
   * @param routes where source tables are written to
   * @param ownStageRows from how many changed rows on a table gets temp tables of its own
   */
  static DestinationSession on(Connection connection, Routes routes, int ownStageRows)
      throws SQLException {
    Target target = TargetProbe.ask(connection);
    // what triggers and foreign keys did at the source arrives as changes of its own
    setIfPermitted(connection, "session_replication_role", "replica");
    if (target.distributed()) {
      // merges join a small stage to a large table by key: the classic planner starts them sooner
      // and uses the index
      setIfPermitted(connection, "optimizer", "off");
      setIfPermitted(connection, "enable_nestloop", "on");
    }
    return new DestinationSession(connection, target, routes, ownStageRows);
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

  /** Describes the table that a source table is written to. */
  TargetTable describe(TableRoute route) throws SQLException {
    return catalog.describe(connection, route.target());
  }

  /** How to write rows of this shape; made anew when shape or key differ from the last time. */
  TablePlan plan(Relation relation, int[] key) throws SQLException {
    TablePlan known = plans.get(relation.table());
    if (known != null
        && known.relation().columns().equals(relation.columns())
        && Arrays.equals(known.key(), key)) {
      return known;
    }
    TableRoute route = routes.of(relation.table());
    TablePlan plan = new TablePlan(target, relation, route, describe(route), key);
    plans.put(relation.table(), plan);
    if (plans.size() > KEPT_PLANS) {
      plans.remove(plans.keySet().iterator().next());
    }
    return plan;
  }

  /** Whether so many rows wait in a stage that tables share. */
  boolean shares(TablePlan plan, long rows) {
    return rows < ownStageRows && plan.mayShareStage();
  }

  /** A place in the stage that tables share. */
  SharedStaging sharedStaging(TablePlan plan) {
    return new SharedStaging(plan, shared, stagingCount++);
  }

  /** The table's own stages. May drop another table's, so that one must be done before the next. */
  OwnStaging ownStaging(TablePlan plan) throws SQLException {
    OwnStaging own = stages.get(plan);
    if (own == null) {
      own = new OwnStaging(plan, target, stagingCount++);
      stages.put(plan, own);
    }
    if (stages.size() > KEPT_STAGES) {
      Iterator<OwnStaging> oldest = stages.values().iterator();
      for (Stage stage : oldest.next().stages()) {
        stage.drop(connection);
      }
      oldest.remove();
    }
    return own;
  }

  /**
   * How a chunk gets into a table whose rows stay. The stage of the table before is dropped, so
   * that a session has one.
   */
  KeptRows keptRows(TableRoute route, List<String> columns, List<String> key) throws SQLException {
    KeptRows known = kept;
    if (known != null && route.source().equals(keptTable)) {
      return known;
    }
    if (known != null) {
      known.drop(connection);
    }
    known = new KeptRows(target, describe(route), stagingCount++, columns, key);
    kept = known;
    keptTable = route.source();
    return known;
  }

  /** The stages that tables with few changes share. */
  SharedStages shared() {
    return shared;
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
    shared.committed();
    if (kept != null) {
      kept.committed();
    }
    for (OwnStaging own : stages.values()) {
      own.stages().forEach(Stage::committed);
    }
  }
}
