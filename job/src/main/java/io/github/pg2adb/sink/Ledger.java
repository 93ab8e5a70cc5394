package io.github.pg2adb.sink;

import io.github.pg2adb.model.AppliedPosition;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.SourceIdentity;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sessions.FetchInParts;
import io.github.pg2adb.postgres.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's tables and the statements on them, on a connection that the caller brings and whose
 * transactions are the caller's.
 *
 * <p>{@code chunk}, {@code chunk_plan} and {@code event} are only ever inserted into, since
 * Greenplum without its global deadlock detector takes a table lock for every UPDATE, which writers
 * beside each other would wait for. {@code route} is written before there are any.
 */
final class Ledger {

  /** All WAL changes go to one lane. */
  static final int LANE = 0;

  /** The event that says that rows were read again from the source. */
  static final String READ_AGAIN = "rows-read-again";

  /**
   * How often something is tried that another session does at the same moment. In Greenplum a row
   * may conflict a little before it can be seen: its segment has committed it and the coordinator
   * has not yet said so.
   */
  private static final int ATTEMPTS = 500;

  /**
   * Someone else made it at the same moment: duplicate schema, table or object, or a catalog's
   * unique index.
   */
  private static final Set<String> MADE_BY_ANOTHER = Set.of("42P06", "42P07", "42710", "23505");

  private static final Map<String, String> TABLES =
      Map.of(
          "position",
          "task text NOT NULL, lane integer NOT NULL, commit_lsn pg_lsn NOT NULL,"
              + " source_commit_time timestamptz, applied_at timestamptz NOT NULL,"
              + " transactions bigint NOT NULL, changes bigint NOT NULL, PRIMARY KEY (task, lane)",
          "source",
          "task text NOT NULL, system_identifier text NOT NULL, timeline integer NOT NULL,"
              + " recorded_at timestamptz NOT NULL, PRIMARY KEY (task)",
          "chunk",
          "task text NOT NULL, \"schema\" text NOT NULL, \"table\" text NOT NULL, chunk integer NOT NULL,"
              + " lower_bound text[], upper_bound text[], \"rows\" bigint NOT NULL, bytes bigint NOT NULL,"
              + " \"snapshot\" text NOT NULL, snapshot_lsn pg_lsn NOT NULL, loaded_at timestamptz NOT NULL,"
              + " PRIMARY KEY (task, \"schema\", \"table\", chunk)",
          "chunk_plan",
          "task text NOT NULL, \"schema\" text NOT NULL, \"table\" text NOT NULL, chunk integer NOT NULL,"
              + " lower_bound text[], upper_bound text[], PRIMARY KEY (task, \"schema\", \"table\", chunk)",
          "route",
          "task text NOT NULL, \"schema\" text NOT NULL, \"table\" text NOT NULL, sink_schema text NOT NULL,"
              + " sink_table text NOT NULL, columns text[] NOT NULL, sink_columns text[] NOT NULL, constant text NOT NULL,"
              + " PRIMARY KEY (task, \"schema\", \"table\")",
          "event",
          "task text NOT NULL, recorded_at timestamptz NOT NULL, kind text NOT NULL, object text NOT NULL,"
              + " detail text NOT NULL");

  private final String task;
  private final String schema;

  Ledger(String task, String schema) {
    this.task = task;
    this.schema = schema;
  }

  /**
   * Creates what is absent. Several may do so at the same moment; a role without the right to
   * create finds that nothing is absent.
   */
  void create(Connection connection, Target target) throws SQLException {
    for (int attempt = 1; !isThere(connection); attempt++) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE SCHEMA IF NOT EXISTS " + Sql.quote(schema));
        for (Map.Entry<String, String> definition : TABLES.entrySet()) {
          statement.execute(
              "CREATE TABLE IF NOT EXISTS "
                  + table(definition.getKey())
                  + " ("
                  + definition.getValue()
                  + ")"
                  + (target.distributed() ? " DISTRIBUTED BY (task)" : ""));
        }
      } catch (SQLException e) {
        // the loser waited in the catalog's unique index until the winner had committed
        if (!MADE_BY_ANOTHER.contains(e.getSQLState()) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private boolean isThere(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND c.relname = ANY (?)")) {
      statement.setString(1, schema);
      statement.setArray(2, connection.createArrayOf("text", TABLES.keySet().toArray()));
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getInt(1) == TABLES.size();
      }
    }
  }

  Optional<Lsn> position(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT commit_lsn::text FROM " + table("position") + " WHERE task = ? AND lane = ?")) {
      statement.setString(1, task);
      statement.setInt(2, LANE);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? Optional.of(Lsn.parse(result.getString(1))) : Optional.empty();
      }
    }
  }

  Optional<SourceIdentity> source(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT system_identifier, timeline FROM " + table("source") + " WHERE task = ?")) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        return result.next()
            ? Optional.of(new SourceIdentity(result.getString(1), result.getInt(2)))
            : Optional.empty();
      }
    }
  }

  /** Records the source instead of any before; a statement that loses to another start repeats. */
  void recordSource(Connection connection, SourceIdentity source) throws SQLException {
    for (int attempt = 1; !source(connection).equals(Optional.of(source)); attempt++) {
      try {
        if (source(connection).isEmpty()) {
          writeSource(
              connection,
              "INSERT INTO "
                  + table("source")
                  + " (system_identifier, timeline, task, recorded_at) VALUES (?, ?, ?, pg_catalog.clock_timestamp())",
              source);
        } else {
          writeSource(
              connection,
              "UPDATE "
                  + table("source")
                  + " SET system_identifier = ?, timeline = ?, recorded_at = pg_catalog.clock_timestamp() WHERE task = ?",
              source);
        }
      } catch (SQLException e) {
        if (!MADE_BY_ANOTHER.contains(e.getSQLState()) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void writeSource(Connection connection, String sql, SourceIdentity source)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, source.system());
      statement.setInt(2, source.timeline());
      statement.setString(3, task);
      statement.executeUpdate();
    }
  }

  /** Inserts the position unless there is one. Afterwards there is one to be seen. */
  void recordStart(Connection connection, Lsn consistentPoint) throws SQLException {
    for (int attempt = 1; position(connection).isEmpty(); attempt++) {
      try {
        insertStart(connection, consistentPoint);
      } catch (SQLException e) {
        if (!MADE_BY_ANOTHER.contains(e.getSQLState()) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void insertStart(Connection connection, Lsn consistentPoint) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO "
                + table("position")
                + " (task, lane, commit_lsn, applied_at, transactions, changes)"
                + " VALUES (?, ?, ?::pg_lsn, pg_catalog.clock_timestamp(), 0, 0)")) {
      statement.setString(1, task);
      statement.setInt(2, LANE);
      statement.setString(3, consistentPoint.toString());
      statement.executeUpdate();
    }
  }

  /**
   * Moves the position from where this writer left it. That it must still be there keeps a writer
   * that Flink gave up, and that still runs, from applying what its successor applies.
   *
   * @return false if another writer moved it
   */
  boolean advance(Connection connection, Lsn from, PendingBatch.Extent extent) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE "
                + table("position")
                + " SET commit_lsn = ?::pg_lsn, applied_at = pg_catalog.clock_timestamp(),"
                + " source_commit_time = CASE WHEN ? THEN timestamptz '1970-01-01 00:00:00Z' + ? * interval '1 microsecond'"
                + " ELSE source_commit_time END,"
                + " transactions = transactions + ?, changes = changes + ?"
                + " WHERE task = ? AND lane = ? AND commit_lsn = ?::pg_lsn")) {
      statement.setString(1, extent.position().toString());
      statement.setBoolean(2, extent.transactions() > 0);
      statement.setLong(3, extent.commitTimeMicros());
      statement.setLong(4, extent.transactions());
      statement.setLong(5, extent.changes());
      statement.setString(6, task);
      statement.setInt(7, LANE);
      statement.setString(8, from.toString());
      return statement.executeUpdate() == 1;
    }
  }

  boolean isLoaded(Connection connection, Chunk chunk) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT 1 FROM "
                + table("chunk")
                + " WHERE task = ? AND \"schema\" = ? AND \"table\" = ? AND chunk = ?")) {
      statement.setString(1, task);
      statement.setString(2, chunk.table().schema());
      statement.setString(3, chunk.table().name());
      statement.setInt(4, chunk.id());
      try (ResultSet result = statement.executeQuery()) {
        return result.next();
      }
    }
  }

  /**
   * Whether every table has a chunk, and every chunk that is planned for one is there. A table's
   * plan, if it has more than one chunk, is recorded before the first is read.
   */
  boolean isLoaded(Connection connection, Collection<TableName> tables) throws SQLException {
    Map<TableName, TableLoad> loads = loads(connection);
    return tables.stream()
        .allMatch(table -> loads.getOrDefault(table, TableLoad.NOTHING).isLoaded());
  }

  /**
   * Records a chunk as loaded.
   *
   * @param last its last block
   */
  void recordChunk(Connection connection, SnapshotBlock last, long rows, long bytes)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO "
                + table("chunk")
                + " (task, \"schema\", \"table\", chunk, lower_bound, upper_bound, \"rows\", bytes, \"snapshot\", snapshot_lsn, loaded_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::pg_lsn, pg_catalog.clock_timestamp())")) {
      Chunk chunk = last.chunk();
      statement.setString(1, task);
      statement.setString(2, chunk.table().schema());
      statement.setString(3, chunk.table().name());
      statement.setInt(4, chunk.id());
      statement.setArray(5, array(connection, chunk.lower()));
      statement.setArray(6, array(connection, chunk.upper()));
      statement.setLong(7, rows);
      statement.setLong(8, bytes);
      statement.setString(9, last.snapshot().toString());
      statement.setString(10, last.snapshotLsn().toString());
      statement.executeUpdate();
    }
  }

  List<LoadedChunk> loadedChunks(Connection connection) throws SQLException {
    List<LoadedChunk> chunks = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT \"schema\", \"table\", chunk, lower_bound, upper_bound, \"snapshot\", snapshot_lsn::text, \"rows\", bytes FROM "
                + table("chunk")
                + " WHERE task = ? ORDER BY 1, 2, 3")) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          chunks.add(
              new LoadedChunk(
                  chunk(result),
                  TransactionSnapshot.parse(result.getString(6)),
                  Lsn.parse(result.getString(7)),
                  result.getLong(8),
                  result.getLong(9)));
        }
      }
    }
    return chunks;
  }

  /** How far the WAL is applied; empty before the start is recorded. */
  Optional<AppliedPosition> applied(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT commit_lsn::text, COALESCE(extract(epoch FROM source_commit_time) * 1000, 0)::bigint, changes FROM "
                + table("position")
                + " WHERE task = ? AND lane = ?")) {
      statement.setString(1, task);
      statement.setInt(2, LANE);
      try (ResultSet result = statement.executeQuery()) {
        return result.next()
            ? Optional.of(
                new AppliedPosition(
                    Lsn.parse(result.getString(1)), result.getLong(2), result.getLong(3)))
            : Optional.empty();
      }
    }
  }

  /** How many chunks are planned and loaded, by table. */
  Map<TableName, TableLoad> loads(Connection connection) throws SQLException {
    // In this order: who has a chunk has a plan. Two questions that one segment answers by itself:
    // Greenplum starts processes for one that joins or unites them.
    Map<TableName, TableLoad> loaded =
        loads(connection, "0, count(*), sum(\"rows\"), sum(bytes)", "chunk");
    Map<TableName, TableLoad> loads =
        new HashMap<>(loads(connection, "count(*), 0, 0, 0", "chunk_plan"));
    loaded.forEach((table, load) -> loads.merge(table, load, TableLoad::and));
    return loads;
  }

  private Map<TableName, TableLoad> loads(Connection connection, String counts, String from)
      throws SQLException {
    Map<TableName, TableLoad> loads = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT \"schema\", \"table\", "
                + counts
                + " FROM "
                + table(from)
                + " WHERE task = ? GROUP BY \"schema\", \"table\"")) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          loads.put(
              new TableName(result.getString(1), result.getString(2)),
              new TableLoad(
                  result.getInt(3), result.getInt(4), result.getLong(5), result.getLong(6)));
        }
      }
    }
    return loads;
  }

  /** The newest position at which a loaded chunk was read, {@link Lsn#NONE} without one. */
  Lsn newestSnapshot(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT snapshot_lsn::text FROM "
                + table("chunk")
                // max(pg_lsn) came with PostgreSQL 13
                + " WHERE task = ? ORDER BY snapshot_lsn DESC LIMIT 1")) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? Lsn.parse(result.getString(1)) : Lsn.NONE;
      }
    }
  }

  /** What the loaded chunks hold, by table. Streams the rows, so that it needs a transaction. */
  Map<TableName, HandOff> handOffs(Connection connection) throws SQLException {
    Map<TableName, HandOff> handOffs = new HashMap<>();
    try (FetchInParts inParts = Sessions.fetchInParts(connection);
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT \"schema\", \"table\", \"snapshot\", snapshot_lsn::text FROM "
                    + table("chunk")
                    + " WHERE task = ?")) {
      inParts.limit(statement, 10_000);
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          handOffs.merge(
              new TableName(result.getString(1), result.getString(2)),
              HandOff.of(
                  TransactionSnapshot.parse(result.getString(3)), Lsn.parse(result.getString(4))),
              HandOff::and);
        }
      }
    }
    return handOffs;
  }

  /** The planned chunks, of one table if it is given. */
  List<Chunk> plannedChunks(Connection connection, @Nullable TableName only) throws SQLException {
    List<Chunk> chunks = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT \"schema\", \"table\", chunk, lower_bound, upper_bound FROM "
                + table("chunk_plan")
                + " WHERE task = ?"
                + (only == null ? "" : " AND \"schema\" = ? AND \"table\" = ?")
                + " ORDER BY 1, 2, 3")) {
      statement.setString(1, task);
      if (only != null) {
        statement.setString(2, only.schema());
        statement.setString(3, only.name());
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          chunks.add(chunk(result));
        }
      }
    }
    return chunks;
  }

  /** Inserts the plan by COPY, since a large table has very many chunks. */
  void recordPlan(Connection connection, List<Chunk> chunks) throws SQLException {
    try (CopyStream copy =
        CopyStream.into(
            connection,
            table("chunk_plan")
                + " (task, \"schema\", \"table\", chunk, lower_bound, upper_bound)")) {
      for (Chunk chunk : chunks) {
        copy.value(task);
        copy.value(chunk.table().schema());
        copy.value(chunk.table().name());
        copy.value(Integer.toString(chunk.id()));
        copy.value(text(connection, chunk.lower()));
        copy.value(text(connection, chunk.upper()));
        copy.endRow();
      }
      copy.finish();
    }
  }

  /** What the tables were called when their rows were loaded, by their names in the source. */
  Map<TableName, RouteRecord> routes(Connection connection) throws SQLException {
    Map<TableName, RouteRecord> routes = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT \"schema\", \"table\", sink_schema, sink_table, columns, sink_columns, constant FROM "
                + table("route")
                + " WHERE task = ?")) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          TableName source = new TableName(result.getString(1), result.getString(2));
          routes.put(
              source,
              RouteRecord.of(
                  source,
                  new TableName(result.getString(3), result.getString(4)),
                  List.of((String[]) result.getArray(5).getArray()),
                  List.of((String[]) result.getArray(6).getArray()),
                  result.getString(7)));
        }
      }
    }
    return routes;
  }

  /**
   * Records what tables are called instead of what was recorded of them; by COPY, since there may
   * be thousands. For a transaction.
   */
  void recordRoutes(Connection connection, List<RouteRecord> routes) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM "
                + table("route")
                + " WHERE task = ? AND (\"schema\", \"table\") IN (SELECT * FROM unnest(?::text[], ?::text[]))")) {
      statement.setString(1, task);
      statement.setArray(
          2, array(connection, routes.stream().map(route -> route.source().schema()).toList()));
      statement.setArray(
          3, array(connection, routes.stream().map(route -> route.source().name()).toList()));
      statement.executeUpdate();
    }
    try (CopyStream copy =
        CopyStream.into(
            connection,
            table("route")
                + " (task, \"schema\", \"table\", sink_schema, sink_table, columns, sink_columns, constant)")) {
      for (RouteRecord route : routes) {
        List<String> columns = List.copyOf(route.columns().keySet());
        copy.value(task);
        copy.value(route.source().schema());
        copy.value(route.source().name());
        copy.value(route.target().schema());
        copy.value(route.target().name());
        copy.value(text(connection, columns));
        copy.value(
            text(
                connection,
                columns.stream()
                    .map(column -> Objects.requireNonNull(route.columns().get(column)))
                    .toList()));
        copy.value(route.constant());
        copy.endRow();
      }
      copy.finish();
    }
  }

  /** The tables of which a chunk is loaded. */
  Set<TableName> loadedTables(Connection connection) throws SQLException {
    return loads(connection, "0, count(*), 0, 0", "chunk").keySet();
  }

  void recordEvent(Connection connection, String kind, String object, String detail)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO "
                + table("event")
                + " (task, recorded_at, kind, object, detail) VALUES (?, pg_catalog.clock_timestamp(), ?, ?, ?)")) {
      statement.setString(1, task);
      statement.setString(2, kind);
      statement.setString(3, object);
      statement.setString(4, detail);
      statement.executeUpdate();
    }
  }

  /** What the events of this kind are about. */
  Set<String> objectsOf(Connection connection, String kind) throws SQLException {
    Set<String> objects = new HashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT DISTINCT object FROM " + table("event") + " WHERE task = ? AND kind = ?")) {
      statement.setString(1, task);
      statement.setString(2, kind);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          objects.add(result.getString(1));
        }
      }
    }
    return objects;
  }

  private static Chunk chunk(ResultSet result) throws SQLException {
    return new Chunk(
        new TableName(result.getString(1), result.getString(2)),
        result.getInt(3),
        list(result.getArray(4)),
        list(result.getArray(5)));
  }

  private static @Nullable List<String> list(@Nullable Array array) throws SQLException {
    return array == null ? null : List.of((String[]) array.getArray());
  }

  private static @Nullable Array array(Connection connection, @Nullable List<String> values)
      throws SQLException {
    return values == null ? null : connection.createArrayOf("text", values.toArray());
  }

  private static @Nullable String text(Connection connection, @Nullable List<String> values)
      throws SQLException {
    return values == null ? null : String.valueOf(array(connection, values));
  }

  private String table(String name) {
    return Sql.quote(schema) + '.' + Sql.quote(name);
  }
}
