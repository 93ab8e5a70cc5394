package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.sink.ClaimHolder;
import io.github.pg2adb.sink.JdbcLedger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the destination's ledger says of a task; nothing while the ledger is not there yet. For one
 * thread; errors are {@link MigrationException}.
 */
final class LedgerSession implements AutoCloseable {

  /** The ledger's schema or a table of it is not there yet. */
  private static final Set<String> NOT_YET_CREATED = Set.of("3F000", "42P01");

  private final Connection target;
  private final String ledgerSchema;
  private final String task;

  private LedgerSession(Connection target, String ledgerSchema, String task) {
    this.target = target;
    this.ledgerSchema = ledgerSchema;
    this.task = task;
  }

  static LedgerSession open(Endpoint target, String ledgerSchema, String task) {
    return new LedgerSession(
        Sessions.open(target, "pg2adb " + task + " progress"), ledgerSchema, task);
  }

  /** How many chunks tables are cut into; a table that is one chunk is not here. */
  Map<TableName, Integer> planned() {
    Map<TableName, Integer> planned = new HashMap<>();
    query(
        "SELECT \"schema\", \"table\", count(*) FROM "
            + ledgerTable("chunk_plan")
            + " WHERE task = ? GROUP BY 1, 2",
        result ->
            planned.put(new TableName(result.getString(1), result.getString(2)), result.getInt(3)));
    return planned;
  }

  /** What is copied, by table. */
  Map<TableName, Copied> copied() {
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
  Applied applied() {
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

  /** Who runs the task, empty if nobody does. */
  Optional<ClaimHolder> holder(JdbcLedger ledger) {
    try {
      return ledger.holder(target);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read who runs task \"" + task + "\"", "", e);
    }
  }

  /** The newest snapshot of a chunk: past it, the destination shows the source as of a commit. */
  Optional<Lsn> newestSnapshot() {
    List<Lsn> newest = new ArrayList<>();
    query(
        "SELECT snapshot_lsn::text FROM "
            + ledgerTable("chunk")
            + " WHERE task = ? ORDER BY snapshot_lsn DESC LIMIT 1",
        result -> newest.add(Lsn.parse(result.getString(1))));
    return newest.stream().findFirst();
  }

  private void query(String sql, RowReader reader) {
    try (PreparedStatement statement = target.prepareStatement(sql)) {
      statement.setString(1, task);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          reader.read(result);
        }
      }
    } catch (SQLException e) {
      if (!NOT_YET_CREATED.contains(String.valueOf(e.getSQLState()))) {
        throw SqlErrors.wrap(
            "Cannot read the ledger of task \"" + task + "\" in schema \"" + ledgerSchema + "\"",
            "",
            e);
      }
    }
  }

  private String ledgerTable(String name) {
    return Sql.quote(new TableName(ledgerSchema, name));
  }

  @Override
  public void close() {
    try {
      target.close();
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close a session", "", e);
    }
  }

  private interface RowReader {
    void read(ResultSet result) throws SQLException;
  }

  /** What is copied of a table. */
  record Copied(int chunks, long rows, long bytes) {
    static final Copied NOTHING = new Copied(0, 0, 0);
  }

  /** What is applied from the WAL. */
  record Applied(
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
