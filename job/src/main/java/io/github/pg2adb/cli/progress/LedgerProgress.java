package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a task's progress: what there is from the source's catalog, what is done from the
 * destination's ledger. One session with each; for one thread. Errors are {@link
 * MigrationException}.
 */
public final class LedgerProgress implements AutoCloseable {

  /** The ledger's schema or a table of it is not there yet. */
  private static final Set<String> NOT_YET_CREATED = Set.of("3F000", "42P01");

  private final Connection source;
  private final Connection target;
  private final String ledgerSchema;
  private final String task;
  private final Map<TableName, Long> estimates;

  private LedgerProgress(
      Connection source,
      Connection target,
      String ledgerSchema,
      String task,
      Map<TableName, Long> estimates) {
    this.source = source;
    this.target = target;
    this.ledgerSchema = ledgerSchema;
    this.task = task;
    this.estimates = estimates;
  }

  /**
   * Opens the sessions and asks the source how large the tables are.
   *
   * @param ledgerSchema the ledger's schema in the destination, which may not exist yet
   * @param task the task's name
   * @param tables the task's tables
   */
  public static LedgerProgress open(
      Endpoint source,
      Endpoint target,
      String ledgerSchema,
      String task,
      Collection<TableName> tables) {
    Connection sourceSession = Sessions.open(source, "pg2adb " + task + " progress");
    try {
      return new LedgerProgress(
          sourceSession,
          Sessions.open(target, "pg2adb " + task + " progress"),
          ledgerSchema,
          task,
          estimates(sourceSession, tables));
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the sizes of tables from " + source, "", e);
    }
  }

  /** The planner's estimates, of a partitioned table the sum of its leaves. */
  private static Map<TableName, Long> estimates(Connection source, Collection<TableName> tables)
      throws SQLException {
    Map<TableName, Long> estimates = new HashMap<>();
    tables.forEach(table -> estimates.put(table, 0L));
    try (PreparedStatement statement =
        source.prepareStatement(
            "WITH RECURSIVE part AS ("
                + "SELECT n.nspname, c.relname, c.oid, c.relkind, c.reltuples"
                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (?)"
                + " UNION ALL SELECT p.nspname, p.relname, c.oid, c.relkind, c.reltuples"
                + " FROM part p JOIN pg_inherits i ON p.relkind = 'p' AND i.inhparent = p.oid"
                + " JOIN pg_class c ON c.oid = i.inhrelid)"
                + " SELECT nspname, relname, sum(greatest(reltuples, 0)) FROM part"
                + " WHERE relkind = 'r' GROUP BY nspname, relname")) {
      Object[] schemas = tables.stream().map(TableName::schema).distinct().toArray();
      Array schemaArray = source.createArrayOf("text", schemas);
      statement.setArray(1, schemaArray);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          TableName name = new TableName(result.getString(1), result.getString(2));
          long rows = (long) result.getDouble(3);
          estimates.computeIfPresent(name, (table, estimate) -> rows);
        }
      }
    }
    return Map.copyOf(estimates);
  }

  /** The end of the source's WAL. */
  public Lsn walEnd() {
    try (Statement statement = source.createStatement();
        ResultSet result = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
      result.next();
      return Lsn.parse(result.getString(1));
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the WAL position of the source", "", e);
    }
  }

  /** Asks both servers. */
  public Progress read() {
    try {
      Map<TableName, Integer> planned = planned();
      Map<TableName, Copied> copied = copied();
      List<Progress.Table> tables =
          estimates.entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(
                  entry ->
                      table(
                          entry.getKey(),
                          entry.getValue(),
                          copied.getOrDefault(entry.getKey(), Copied.NOTHING),
                          planned.getOrDefault(entry.getKey(), 1)))
              .toList();
      // The source's position last: the destination may be behind it, never before it.
      Applied applied = applied();
      Lsn walEnd = walEnd();
      return new Progress(
          tables,
          walEnd,
          Optional.ofNullable(applied.position()),
          applied.transactions(),
          applied.changes(),
          lag(applied, walEnd));
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot read the ledger of task \"" + task + "\" in schema \"" + ledgerSchema + "\"",
          "",
          e);
    }
  }

  private static Progress.Table table(TableName name, long estimate, Copied copied, int planned) {
    return new Progress.Table(
        name, estimate, copied.rows(), copied.bytes(), copied.chunks(), planned);
  }

  private Map<TableName, Integer> planned() throws SQLException {
    Map<TableName, Integer> planned = new HashMap<>();
    query(
        "SELECT \"schema\", \"table\", count(*) FROM "
            + ledgerTable("chunk_plan")
            + " WHERE task = ? GROUP BY 1, 2",
        result ->
            planned.put(new TableName(result.getString(1), result.getString(2)), result.getInt(3)));
    return planned;
  }

  private Map<TableName, Copied> copied() throws SQLException {
    Map<TableName, Copied> copied = new HashMap<>();
    query(
        "SELECT \"schema\", \"table\", count(*), sum(\"rows\"), sum(bytes) FROM "
            + ledgerTable("chunk")
            + " WHERE task = ? GROUP BY 1, 2",
        result ->
            copied.put(
                new TableName(result.getString(1), result.getString(2)),
                new Copied(result.getInt(3), result.getLong(4), result.getLong(5))));
    return copied;
  }

  /** Over all lanes: the one that is furthest behind says how far the task is. */
  private Applied applied() throws SQLException {
    List<Applied> lanes = new ArrayList<>();
    query(
        "SELECT commit_lsn::text, transactions, changes, source_commit_time FROM "
            + ledgerTable("position")
            + " WHERE task = ?",
        result ->
            lanes.add(
                new Applied(
                    Lsn.parse(result.getString(1)),
                    result.getLong(2),
                    result.getLong(3),
                    result.getTimestamp(4))));
    return lanes.stream().reduce(Applied::with).orElse(Applied.NOTHING);
  }

  /** By the source's clock, which also stamped the commit. */
  private Optional<Duration> lag(Applied applied, Lsn walEnd) throws SQLException {
    Lsn position = applied.position();
    Timestamp commitTime = applied.commitTime();
    if (position == null || commitTime == null) {
      return Optional.empty();
    }
    if (!position.isBefore(walEnd)) {
      return Optional.of(Duration.ZERO);
    }
    try (Statement statement = source.createStatement();
        ResultSet result = statement.executeQuery("SELECT clock_timestamp()")) {
      result.next();
      Duration age = Duration.between(commitTime.toInstant(), result.getTimestamp(1).toInstant());
      return Optional.of(age.isNegative() ? Duration.ZERO : age);
    }
  }

  private void query(String sql, RowReader reader) throws SQLException {
    try (PreparedStatement statement = target.prepareStatement(sql)) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          reader.read(result);
        }
      }
    } catch (SQLException e) {
      if (!NOT_YET_CREATED.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
    }
  }

  private String ledgerTable(String name) {
    return Sql.quote(new TableName(ledgerSchema, name));
  }

  @Override
  public void close() {
    try (source;
        target) {
      return;
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close a session", "", e);
    }
  }

  private interface RowReader {
    void read(ResultSet result) throws SQLException;
  }

  private record Copied(int chunks, long rows, long bytes) {
    static final Copied NOTHING = new Copied(0, 0, 0);
  }

  private record Applied(
      @Nullable Lsn position, long transactions, long changes, @Nullable Timestamp commitTime) {
    static final Applied NOTHING = new Applied(null, 0, 0, null);

    Applied with(Applied other) {
      Applied behind =
          position != null && other.position != null && position.isBefore(other.position)
              ? this
              : other;
      return new Applied(
          behind.position,
          transactions + other.transactions,
          changes + other.changes,
          behind.commitTime);
    }
  }
}
