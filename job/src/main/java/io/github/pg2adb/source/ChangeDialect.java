package io.github.pg2adb.source;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.spi.SlotState;
import io.debezium.relational.TableId;
import io.debezium.relational.history.TableChanges.TableChange;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.cdc.connectors.base.config.JdbcSourceConfig;
import org.apache.flink.cdc.connectors.base.source.assigner.splitter.ChunkSplitter;
import org.apache.flink.cdc.connectors.base.source.assigner.state.ChunkSplitterState;
import org.apache.flink.cdc.connectors.base.source.meta.offset.Offset;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.base.source.reader.external.FetchTask;
import org.apache.flink.cdc.connectors.base.source.reader.external.JdbcSourceFetchTaskContext;
import org.apache.flink.cdc.connectors.postgres.source.PostgresDialect;
import org.apache.flink.cdc.connectors.postgres.source.config.PostgresSourceConfig;
import org.jspecify.annotations.Nullable;

/**
 * The seam to Flink CDC's source: everything that would talk to the server is answered from the
 * options or done by our own tasks. No pool and no connection of Debezium's is opened.
 */
final class ChangeDialect extends PostgresDialect {

  private static final long serialVersionUID = 1L;

  private final PostgresSourceConfig config;
  private final SourceOptions options;
  private final MigrationLedger ledger;
  private final Map<TableName, TableSchema> tables;
  private transient volatile @Nullable WalFetchTask walTask;
  private transient @Nullable SplittingGate gate;
  private transient @Nullable ChunkSessions sessions;

  ChangeDialect(PostgresSourceConfig config, SourceOptions options, MigrationLedger ledger) {
    super(config);
    this.config = config;
    this.options = options;
    this.ledger = ledger;
    this.tables =
        options.tables().stream()
            .collect(
                Collectors.toMap(TableSchema::name, table -> table, (a, b) -> a, HashMap::new));
  }

  /**
   * What the stock enumerator asks for the slot at its start. {@link TaskPreparation} has seen to
   * the slot by then, so the answer is that it is there.
   */
  @Override
  public PostgresConnection openJdbcConnection() {
    return new PostgresConnection(config.getDbzConnectorConfig().getJdbcConfig(), "pg2adb unused") {
      @Override
      public SlotState getReplicationSlotState(String slotName, String pluginName) {
        return new SlotState(Lsn.INVALID_LSN, Lsn.INVALID_LSN, 0L, false);
      }
    };
  }

  /** Zero: start where the ledger is. */
  @Override
  public Offset displayCurrentOffset(JdbcSourceConfig sourceConfig) {
    return WalOffsets.UNUSED;
  }

  @Override
  public Offset displayCommittedOffset(JdbcSourceConfig sourceConfig) {
    return WalOffsets.UNUSED;
  }

  @Override
  public ChunkSplitter createChunkSplitter(JdbcSourceConfig sourceConfig) {
    return createChunkSplitter(sourceConfig, ChunkSplitterState.NO_SPLITTING_TABLE_STATE);
  }

  @Override
  public ChunkSplitter createChunkSplitter(
      JdbcSourceConfig sourceConfig, ChunkSplitterState state) {
    SplittingGate created = new SplittingGate();
    gate = created;
    return new LedgerChunkSplitter(options, ledger, created);
  }

  /** The gate of the chunk splitter that was made last; one of its own where nothing is split. */
  SplittingGate gate() {
    return gate == null ? new SplittingGate() : gate;
  }

  /** The selected tables, the largest first, so that no large one is left for the end. */
  @Override
  public List<TableId> discoverDataCollections(JdbcSourceConfig sourceConfig) {
    return options.tables().stream()
        .sorted((a, b) -> Long.compare(b.bytes(), a.bytes()))
        .map(table -> TableIds.of(options.endpoint().database(), table.name()))
        .collect(Collectors.toList());
  }

  /** None: rows come with their shape. */
  @Override
  public Map<TableId, TableChange> discoverDataCollectionSchemas(JdbcSourceConfig sourceConfig) {
    return new HashMap<>();
  }

  @Override
  public boolean isIncludeDataCollection(JdbcSourceConfig sourceConfig, TableId id) {
    return tables.containsKey(TableIds.tableName(id));
  }

  /** Unchecked, since Flink CDC's base class of snapshot tasks implements the raw interface. */
  @Override
  @SuppressWarnings("unchecked")
  public FetchTask<SourceSplitBase> createFetchTask(SourceSplitBase split) {
    if (split.isSnapshotSplit()) {
      TableName name = TableIds.tableName(split.asSnapshotSplit().getTableId());
      TableSchema table = tables.get(name);
      if (table == null) {
        throw new IllegalStateException("Table " + name + " is not selected");
      }
      return new SnapshotFetchTask(split.asSnapshotSplit(), options, table, sessions());
    }
    WalFetchTask task = new WalFetchTask(split.asStreamSplit(), options, ledger);
    walTask = task;
    return task;
  }

  /** Those of this reader. */
  private synchronized ChunkSessions sessions() {
    if (sessions == null) {
      sessions = new ChunkSessions(options.endpoint());
    }
    return sessions;
  }

  @Override
  public JdbcSourceFetchTaskContext createFetchTaskContext(JdbcSourceConfig sourceConfig) {
    return new FetchContext(sourceConfig, this);
  }

  /**
   * Acknowledges what a completed checkpoint holds.
   *
   * @param offset where the stream split stood at the checkpoint, null before streaming
   */
  @Override
  public void notifyCheckpointComplete(long checkpointId, @Nullable Offset offset) {
    WalFetchTask task = walTask;
    if (task != null && offset != null) {
      io.github.pg2adb.model.Lsn lsn = WalOffsets.lsn(offset);
      if (lsn.isSet()) {
        task.acknowledge(lsn);
      }
    }
  }

  /** Slots end with the command {@code release} alone. */
  @Override
  public boolean removeSlot(String slotName) {
    return false;
  }
}
