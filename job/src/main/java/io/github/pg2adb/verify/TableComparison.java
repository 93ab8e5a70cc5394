package io.github.pg2adb.verify;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Compares a table by value: each server hashes its own rows, and only where the sums differ the
 * hashes are fetched and merged in order. Values are never compared in Java, and no more than a few
 * rows are in memory.
 *
 * <p>Works on every type, with and without a key, on PostgreSQL 9.6 and later and on what is made
 * of it. Servers before PostgreSQL 12 write floats as other text than later ones; columns of
 * built-in types are then compared in binary, while a float inside a composite or a range of the
 * user's counts as different.
 */
public final class TableComparison {

  /** From here on floats are written with as few digits as identify them. */
  private static final int SHORTEST_FLOATS = 12;

  private TableComparison() {}

  /**
   * Compares. Both sessions must come from {@code Sessions.open}, with autocommit on and without a
   * transaction, and are left like that; each is read in one snapshot. The two servers work at the
   * same time.
   *
   * @param route what the table is called on both servers, and which of the destination's rows are
   *     its own
   * @param columns the columns to compare as the source calls them, generated ones may be among
   *     them; those that are not migrated are not compared
   * @param key the columns that identify a row, empty if none do; only used to describe differences
   * @throws MigrationException if a server cannot be read, or lacks the table or a column
   */
  public static TableResult compare(
      Connection source,
      Connection target,
      TableRoute route,
      List<String> columns,
      List<String> key) {
    List<String> compared = route.migrated(columns);
    try (Snapshot sourceSnapshot = Snapshot.begin(source);
        Snapshot targetSnapshot = Snapshot.begin(target)) {
      boolean floatsInBinary =
          sourceSnapshot.major() < SHORTEST_FLOATS != targetSnapshot.major() < SHORTEST_FLOATS;
      return compare(
          TableSide.open(source, "source", route.source(), compared, "", floatsInBinary),
          TableSide.open(
              target,
              "destination",
              route.target(),
              route.columns(compared),
              route.constant().map(TableComparison::condition).orElse(""),
              floatsInBinary),
          route,
          compared,
          route.migrated(key));
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot compare table \"" + route + "\"", "", e);
    }
  }

  private static String condition(TableRoute.ConstantColumn constant) {
    return Sql.quote(constant.name())
        + " = "
        + Sql.literal(constant.value())
        + "::"
        + constant.type().word();
  }

  /** As {@link #compare(Connection, Connection, TableRoute, List, List)}, of one name on both. */
  public static TableResult compare(
      Connection source,
      Connection target,
      TableName table,
      List<String> columns,
      List<String> key) {
    return compare(source, target, Routes.AS_SOURCE.of(table), columns, key);
  }

  private static TableResult compare(
      TableSide source,
      TableSide target,
      TableRoute route,
      List<String> columns,
      List<String> key) {
    CompletableFuture<TableSide.Digest> targetWork =
        CompletableFuture.supplyAsync(() -> target.digest(route.columns(columns)));
    TableSide.Digest sourceDigest;
    try {
      sourceDigest = source.digest(columns);
    } catch (MigrationException e) {
      // The session must be idle before anybody else may use it.
      targetWork.handle((digest, error) -> digest).join();
      throw e;
    }
    TableSide.Digest targetDigest = join(targetWork);
    DifferenceCounter differences = new DifferenceCounter();
    boolean equal = sourceDigest.matches(targetDigest);
    if (!equal) {
      List<String> identity = key.isEmpty() ? columns : key;
      try (TableSide.HashedRows sourceRows = source.rows(columns, identity);
          TableSide.HashedRows targetRows =
              target.rows(route.columns(columns), route.columns(identity))) {
        differences.count(sourceRows, targetRows);
      }
    }
    return new TableResult(
        route.source(),
        sourceDigest.rows(),
        targetDigest.rows(),
        equal,
        differences.missing(),
        differences.extra(),
        differences.different(),
        differences.sample());
  }

  private static TableSide.Digest join(CompletableFuture<TableSide.Digest> work) {
    try {
      return work.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof MigrationException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * A read-only transaction that sees one state.
   *
   * @param connection the session it is in
   * @param major the server's PostgreSQL release
   */
  private record Snapshot(Connection connection, int major) implements AutoCloseable {

    static Snapshot begin(Connection connection) throws SQLException {
      int major = connection.getMetaData().getDatabaseMajorVersion();
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      } catch (SQLException e) {
        connection.setAutoCommit(true);
        throw e;
      }
      return new Snapshot(connection, major);
    }

    @Override
    public void close() throws SQLException {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }
}
