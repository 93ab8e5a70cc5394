package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the source says of a task. For one thread; errors are {@link MigrationException}. */
final class SourceSession implements AutoCloseable {

  /**
   * The task's slot.
   *
   * @param active whether somebody reads it
   * @param confirmed up to where it is acknowledged
   * @param retainedBytes how much WAL the server keeps for it
   * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}; empty
   *     before PostgreSQL 13
   */
  record Slot(String name, boolean active, Lsn confirmed, long retainedBytes, String walStatus) {}

  private final Endpoint endpoint;
  private final Connection connection;

  private SourceSession(Endpoint endpoint, Connection connection) {
    this.endpoint = endpoint;
    this.connection = connection;
  }

  static SourceSession open(Endpoint endpoint, String task) {
    return new SourceSession(endpoint, Sessions.open(endpoint, "pg2adb " + task + " progress"));
  }

  /** The planner's estimates, of a partitioned table the sum of its leaves. */
  Map<TableName, Long> estimates(Collection<TableName> tables) {
    Map<TableName, Long> estimates = new HashMap<>();
    tables.forEach(table -> estimates.put(table, 0L));
    try (PreparedStatement statement =
        connection.prepareStatement(
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
      Array schemaArray = connection.createArrayOf("text", schemas);
      statement.setArray(1, schemaArray);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          TableName name = new TableName(result.getString(1), result.getString(2));
          long rows = (long) result.getDouble(3);
          estimates.computeIfPresent(name, (table, estimate) -> rows);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the sizes of tables from " + endpoint, "", e);
    }
    return Map.copyOf(estimates);
  }

  /** The end of the source's WAL. */
  Lsn walEnd() {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
      result.next();
      return Lsn.parse(result.getString(1));
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the WAL position of the source", "", e);
    }
  }

  /** How long ago a commit was by the source's clock, which also stamped it; never negative. */
  Duration age(Timestamp commitTime) {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT clock_timestamp()")) {
      result.next();
      Duration age = Duration.between(commitTime.toInstant(), result.getTimestamp(1).toInstant());
      return age.isNegative() ? Duration.ZERO : age;
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the time of the source", "", e);
    }
  }

  /** The slot of this name, empty if there is none. */
  Optional<Slot> slot(String name) {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT active, confirmed_flush_lsn::text, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn),"
                + " to_jsonb(s) ->> 'wal_status' FROM pg_replication_slots s WHERE slot_name = ?")) {
      statement.setString(1, name);
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next()) {
          return Optional.empty();
        }
        String confirmed = result.getString(2);
        String walStatus = result.getString(4);
        return Optional.of(
            new Slot(
                name,
                result.getBoolean(1),
                confirmed == null ? Lsn.NONE : Lsn.parse(confirmed),
                Math.max(0, result.getLong(3)),
                walStatus == null ? "" : walStatus));
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read replication slot \"" + name + "\"", "", e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close a session", "", e);
    }
  }
}
