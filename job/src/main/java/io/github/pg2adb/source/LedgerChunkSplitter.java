package io.github.pg2adb.source;

import io.debezium.relational.TableId;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Retries;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.source.copy.ChunkPlanner;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.cdc.connectors.base.source.assigner.splitter.ChunkSplitter;
import org.apache.flink.cdc.connectors.base.source.assigner.state.ChunkSplitterState;
import org.apache.flink.cdc.connectors.base.source.meta.split.SnapshotSplit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts tables into chunks, once: the cuts are recorded in the ledger before a chunk is read, and a
 * later start without Flink state cuts in the same places. A chunk that the ledger has as loaded
 * comes out as finished. A table is always cut as a whole, so the state has nothing to keep.
 */
final class LedgerChunkSplitter implements ChunkSplitter {

  private static final Logger LOG = LoggerFactory.getLogger(LedgerChunkSplitter.class);

  private final SourceOptions options;
  private final MigrationLedger ledger;
  private final SplittingGate gate;
  private final Retries retries;
  private final Map<TableName, TableSchema> tables = new HashMap<>();
  private final Map<TableName, List<Chunk>> planned = new HashMap<>();
  private final Set<Chunk> loaded = new HashSet<>();
  private MigrationLedger.@Nullable Session session;
  private @Nullable Connection connection;

  LedgerChunkSplitter(SourceOptions options, MigrationLedger ledger, SplittingGate gate) {
    this.options = options;
    this.gate = gate;
    this.ledger = ledger;
    this.retries = options.retries("chunks");
    options.tables().forEach(table -> tables.put(table.name(), table));
  }

  @Override
  public void open() {
    MigrationLedger.Session opened = ledger.open();
    session = opened;
    for (Chunk chunk : opened.plannedChunks()) {
      planned.computeIfAbsent(chunk.table(), table -> new ArrayList<>()).add(chunk);
    }
    for (LoadedChunk chunk : opened.loadedChunks()) {
      loaded.add(chunk.chunk());
    }
  }

  @Override
  public Collection<SnapshotSplit> generateSplits(TableId id) throws InterruptedException {
    gate.enter();
    try {
      return splits(id);
    } catch (MigrationException e) {
      gate.fail();
      throw Failures.toFlink(counted(e));
    } catch (RuntimeException e) {
      gate.fail();
      throw e;
    }
  }

  /** The failure, which Flink's restart mends or not; the last one when that took too long. */
  private MigrationException counted(MigrationException failure) {
    try {
      retries.restart(failure);
      return failure;
    } catch (MigrationException last) {
      return last;
    }
  }

  private List<SnapshotSplit> splits(TableId id) {
    TableName name = TableIds.tableName(id);
    TableSchema table = tables.get(name);
    if (table == null) {
      throw new IllegalStateException("Table " + name + " is not selected");
    }
    List<Chunk> chunks = chunks(table);
    LOG.info(
        "Table {} has {} chunks, {} of them loaded",
        name,
        chunks.size(),
        chunks.stream().filter(loaded::contains).count());
    String database = options.endpoint().database();
    return chunks.stream()
        .map(chunk -> SnapshotSplits.of(database, chunk, loaded.contains(chunk)))
        .toList();
  }

  private List<Chunk> chunks(TableSchema table) {
    List<Chunk> known = planned.get(table.name());
    if (known != null) {
      return known;
    }
    Chunk whole = Chunk.whole(table.name());
    if (loaded.contains(whole)) {
      return List.of(whole);
    }
    List<Chunk> chunks = plan(table);
    retries.succeeded();
    if (chunks.size() > 1 && session != null) {
      session.recordPlan(chunks);
    }
    return chunks;
  }

  private List<Chunk> plan(TableSchema table) {
    // a table whose changes are matched by whole rows, or that only gets inserts, needs the exact
    // hand-off that one snapshot gives
    boolean exact = options.incremental() && table.identityKey().isEmpty();
    if (exact || table.chunkKey().isEmpty() || table.bytes() <= options.chunkBytes()) {
      return List.of(Chunk.whole(table.name()));
    }
    try {
      if (connection == null) {
        connection = Sessions.open(options.endpoint(), "pg2adb chunks");
      }
      return new ChunkPlanner(connection, options.chunkBytes()).plan(table);
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot cut table \"" + table.name() + "\" into chunks",
          "The role needs SELECT on the table.",
          e);
    }
  }

  @Override
  public boolean hasNextChunk() {
    gate.asked();
    return false;
  }

  @Override
  public ChunkSplitterState snapshotState(long checkpointId) {
    return ChunkSplitterState.NO_SPLITTING_TABLE_STATE;
  }

  @Override
  public @Nullable TableId getCurrentSplittingTableId() {
    return null;
  }

  @Override
  public void close() throws SQLException {
    if (session != null) {
      session.close();
      session = null;
    }
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
