package io.github.pg2adb.source;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.postgres.CopyRows;
import io.github.pg2adb.postgres.CopySession;
import io.github.pg2adb.postgres.Retries;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.source.copy.BinaryRows;
import io.github.pg2adb.source.copy.ChunkSql;
import io.github.pg2adb.source.copy.KeyColumn;
import io.github.pg2adb.source.copy.RowBlocks;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.cdc.connectors.base.source.meta.split.SnapshotSplit;
import org.apache.flink.cdc.connectors.base.source.meta.split.StreamSplit;
import org.apache.flink.cdc.connectors.base.source.meta.wartermark.WatermarkEvent;
import org.apache.flink.cdc.connectors.base.source.meta.wartermark.WatermarkKind;
import org.apache.flink.cdc.connectors.base.source.reader.external.AbstractScanFetchTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one chunk: a short REPEATABLE READ transaction that records what it sees and copies the
 * rows out as blocks, in COPY's binary format where that loses nothing and else as text.
 *
 * <p>Which transactions the chunk holds is exactly what its recorded snapshot says. The recorded
 * WAL position is read after the snapshot was taken, so it is at or after every commit that the
 * snapshot sees.
 */
final class SnapshotFetchTask extends AbstractScanFetchTask {

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFetchTask.class);

  private static final int BLOCK_BYTES = 256 << 10;

  /** What a standby answers when it is asked for its insert position. */
  private static final String NOT_IN_PREREQUISITE_STATE = "55000";

  private final SourceOptions options;
  private final Chunk chunk;
  private final TableSchema table;
  private final TableRoute route;
  private final ChunkSessions sessions;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean closed;
  private boolean handedOn;
  private volatile @Nullable Connection connection;

  /**
   * @param table the table that the split is a chunk of
   * @param sessions where the session comes from
   */
  SnapshotFetchTask(
      SnapshotSplit split, SourceOptions options, TableSchema table, ChunkSessions sessions) {
    super(split);
    this.options = options;
    this.chunk = SnapshotSplits.chunk(split);
    this.table = table;
    this.route = options.routes().of(table.name());
    this.sessions = sessions;
  }

  @Override
  public void execute(Context context) throws Exception {
    taskRunning = true;
    try {
      executeDataSnapshot(context);
      executeBackfillTask(context, createBackfillStreamSplit(WalOffsets.UNUSED, WalOffsets.UNUSED));
    } catch (Throwable e) {
      if (!closed) {
        throw Failures.toFlink(e);
      }
      LOG.info("Gave up chunk {}: the reader is closing", chunk);
    } finally {
      taskRunning = false;
    }
  }

  /** As long as nothing of the chunk was handed on, it can be read again from here. */
  @Override
  protected void executeDataSnapshot(Context context) throws Exception {
    FetchContext target = (FetchContext) context;
    Retries retries = options.retries("reader " + target.reader());
    boolean done = false;
    while (!done) {
      try {
        read(target);
        retries.succeeded();
        done = true;
      } catch (MigrationException e) {
        if (closed) {
          throw e;
        }
        if (handedOn) {
          retries.restart(e);
          throw e;
        }
        closing.await(retries.again(e).toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void read(FetchContext context) {
    long startNanos = System.nanoTime();
    try (ChunkSessions.Lease lease = sessions.take()) {
      Connection session = lease.session().connection();
      connection = session;
      List<KeyColumn> key = keyColumns(session);
      try (Statement statement = session.createStatement()) {
        statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        // the lock that COPY takes anyway, before the snapshot: what TRUNCATE and a rewriting ALTER
        // TABLE leave is not what an older snapshot should see, and is not in the WAL as rows
        statement.execute(ChunkSql.lock(table));
        List<String> binaryTypes =
            options.binaryTables().contains(table.name())
                ? BinaryRows.types(session, table, route.migrated(table.copiedColumns()))
                : List.of();
        BlockSender sender = new BlockSender(visibility(statement), binaryTypes, context);
        copy(lease.session(), ChunkSql.copy(table, route, chunk, key), sender);
        statement.execute("COMMIT");
        connection = null;
        lease.keep();
        sender.end();
        LOG.info(
            "Read chunk {}: {} rows, {} bytes, {} ms",
            chunk,
            sender.rows,
            sender.bytes,
            (System.nanoTime() - startNanos) / 1_000_000);
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot read chunk " + chunk.id() + " of table \"" + table.name() + "\"",
          "The role needs SELECT on the table, and its columns must be those that were planned.",
          e);
    } finally {
      connection = null;
    }
  }

  /** There is no backfill: marks the chunk as read, and ends it. */
  @Override
  protected void executeBackfillTask(Context context, StreamSplit split) throws Exception {
    send(context, WatermarkKind.HIGH);
    send(context, WatermarkKind.END);
  }

  private void send(Context context, WatermarkKind kind) throws InterruptedException {
    ((FetchContext) context)
        .put(
            WatermarkEvent.create(Map.of(), "", snapshotSplit.splitId(), kind, WalOffsets.UNUSED),
            () -> !closed);
  }

  private List<KeyColumn> keyColumns(Connection session) throws SQLException {
    return chunk.lower() == null && chunk.upper() == null
        ? List.of()
        : KeyColumn.read(session, table.name(), table.chunkKey());
  }

  private Visibility visibility(Statement statement) throws SQLException {
    try (ResultSet result =
        statement.executeQuery(
            "SELECT pg_catalog.txid_current_snapshot()::pg_catalog.text,"
                + " pg_catalog.pg_current_wal_insert_lsn()::pg_catalog.text")) {
      result.next();
      return new Visibility(
          TransactionSnapshot.parse(result.getString(1)), Lsn.parse(result.getString(2)));
    } catch (SQLException e) {
      if (NOT_IN_PREREQUISITE_STATE.equals(e.getSQLState())) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot read table \"" + table.name() + "\": the source is a standby",
            "Name the primary server as the source.",
            e);
      }
      throw e;
    }
  }

  private void copy(CopySession session, String sql, BlockSender sender) throws SQLException {
    boolean binary = !sender.binaryTypes.isEmpty();
    CopyRows rows = session.copyOut(binary ? sql + " (FORMAT binary)" : sql);
    RowBlocks blocks = new RowBlocks(BLOCK_BYTES, sender::add);
    BinaryRows format = new BinaryRows();
    while (rows.next() && !closed) {
      int skipped = binary ? format.skipped(rows.data(), rows.offset(), rows.length()) : 0;
      if (skipped >= 0) {
        blocks.add(rows.data(), rows.offset() + skipped, rows.length() - skipped);
      }
    }
    if (closed) {
      throw new SQLException("The reader is closing");
    }
    blocks.flush();
    if (rows.sentRows() != sender.rows) {
      throw new MigrationException(
          ErrorKind.RETRY_TRANSACTION,
          "Cannot read chunk "
              + chunk.id()
              + " of table \""
              + table.name()
              + "\": "
              + sender.rows
              + " rows arrived and the server sent "
              + rows.sentRows(),
          "Start again.");
    }
  }

  /** Ends a running COPY by cutting its connection: the server stops at its next write. */
  @Override
  public void close() {
    closed = true;
    closing.countDown();
    Connection session = connection;
    if (session != null) {
      try {
        session.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.warn("Cannot abort the session that reads chunk {}", chunk, e);
      }
    }
  }

  /** What the chunk's transaction sees. */
  private record Visibility(TransactionSnapshot snapshot, Lsn lsn) {}

  /** Hands blocks on, one late, since the last one must say that it is. */
  private final class BlockSender {

    private final Visibility visibility;
    private final List<String> binaryTypes;
    private final FetchContext context;
    private byte[] held = new byte[0];
    private int heldRows;
    private boolean first = true;
    private long rows;
    private long bytes;

    BlockSender(Visibility visibility, List<String> binaryTypes, FetchContext context) {
      this.visibility = visibility;
      this.binaryTypes = binaryTypes;
      this.context = context;
    }

    void add(byte[] data, int rowCount) {
      if (heldRows > 0) {
        send(false);
      }
      held = data;
      heldRows = rowCount;
      rows += rowCount;
      bytes += data.length;
    }

    void end() {
      send(true);
    }

    private void send(boolean last) {
      SnapshotBlock block =
          new SnapshotBlock(
              chunk,
              route.migrated(table.copiedColumns()),
              visibility.snapshot(),
              visibility.lsn(),
              context.reader(),
              binaryTypes,
              first,
              last,
              heldRows,
              held);
      first = false;
      handedOn = true;
      try {
        context.put(
            new ChangeRecord(block, held.length, System.currentTimeMillis()), () -> !closed);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while reading chunk " + chunk, e);
      }
    }
  }
}
