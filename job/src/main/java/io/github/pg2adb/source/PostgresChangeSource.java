package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Retries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.cdc.connectors.base.config.SourceConfig;
import org.apache.flink.cdc.connectors.base.options.StartupOptions;
import org.apache.flink.cdc.connectors.base.source.assigner.HybridSplitAssigner;
import org.apache.flink.cdc.connectors.base.source.assigner.SplitAssigner;
import org.apache.flink.cdc.connectors.base.source.assigner.StreamSplitAssigner;
import org.apache.flink.cdc.connectors.base.source.assigner.state.HybridPendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.assigner.state.PendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.assigner.state.SnapshotPendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.assigner.state.StreamPendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.meta.split.SchemalessSnapshotSplit;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceRecords;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitState;
import org.apache.flink.cdc.connectors.base.source.metrics.SourceReaderMetrics;
import org.apache.flink.cdc.connectors.postgres.source.PostgresSourceBuilder;
import org.apache.flink.cdc.connectors.postgres.source.config.PostgresSourceConfig;
import org.apache.flink.cdc.connectors.postgres.source.config.PostgresSourceConfigFactory;
import org.apache.flink.cdc.connectors.postgres.source.enumerator.PostgresSourceEnumerator;
import org.apache.flink.cdc.connectors.postgres.source.offset.PostgresOffsetFactory;
import org.apache.flink.cdc.connectors.postgres.source.reader.PostgresSourceReader;
import org.apache.flink.cdc.debezium.DebeziumDeserializationSchema;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.util.Collector;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The Flink source of a task: Flink CDC's PostgreSQL source with COPY and pgoutput below it.
 *
 * <p>Blocks of a chunk come in order from one subtask. WAL changes come in commit order from one
 * subtask, and only after every chunk was handed on and, with more than one subtask, a checkpoint
 * completed since. After a failure everything since the last completed checkpoint comes again, in
 * the same order.
 */
@SuppressWarnings("unchecked") // Flink CDC's createReader returns a raw reader
public final class PostgresChangeSource
    extends PostgresSourceBuilder.PostgresIncrementalSource<Change> {

  private static final long serialVersionUID = 1L;

  private final SourceOptions options;
  private final MigrationLedger ledger;

  /** Of the reader that is being created; every subtask has its own copy of the source. */
  private transient @Nullable ReaderMetrics readerMetrics;

  private PostgresChangeSource(
      PostgresSourceConfigFactory configs,
      SourceOptions options,
      MigrationLedger ledger,
      TypeInformation<Change> type) {
    super(
        configs,
        new NoDeserialization(type),
        new PostgresOffsetFactory(),
        new ChangeDialect(configs.create(0), options, ledger));
    this.options = options;
    this.ledger = ledger;
  }

  /**
   * A source of these tables.
   *
   * @param options what to read
   * @param ledger tells where the destination stands, and keeps the plan of chunks
   * @param type how changes travel
   */
  public static PostgresChangeSource of(
      SourceOptions options, MigrationLedger ledger, TypeInformation<Change> type) {
    return new PostgresChangeSource(configs(options), options, ledger, type);
  }

  /**
   * The configuration that Flink CDC insists on. Connections are ours, so it gets no password, and
   * the other connection values only label things.
   */
  private static PostgresSourceConfigFactory configs(SourceOptions options) {
    PostgresSourceConfigFactory factory = new PostgresSourceConfigFactory();
    factory.hostname(options.endpoint().host());
    factory.port(options.endpoint().port());
    factory.database(options.endpoint().database());
    factory.username(options.endpoint().user());
    factory.password("");
    factory.slotName(new ReplicationSlot(options.endpoint(), options.task()).name());
    factory.decodingPluginName("pgoutput");
    factory.skipSnapshotBackfill(true);
    // its default assigns the last chunk of every table before the others: small tables first
    factory.assignUnboundedChunkFirst(false);
    factory.scanNewlyAddedTableEnabled(false);
    factory.setLsnCommitCheckpointsDelay(0);
    factory.startupOptions(startup(options));
    return factory;
  }

  private static StartupOptions startup(SourceOptions options) {
    if (!options.incremental()) {
      return StartupOptions.snapshot();
    }
    return options.snapshot() ? StartupOptions.initial() : StartupOptions.latest();
  }

  @Override
  public PostgresSourceEnumerator createEnumerator(SplitEnumeratorContext<SourceSplitBase> flink) {
    EnumeratorContext context = new EnumeratorContext(flink);
    PostgresSourceConfig config = config(0);
    SplitAssigner assigner =
        options.snapshot()
            ? new HybridSplitAssigner<>(
                config,
                context.currentParallelism(),
                dialect().discoverDataCollections(config),
                true,
                dialect(),
                offsetFactory,
                context)
            : new StreamSplitAssigner(config, dialect(), offsetFactory, context);
    return enumerator(flink, context, config, assigner, List.of(), Optional.empty());
  }

  @Override
  public PostgresSourceEnumerator restoreEnumerator(
      SplitEnumeratorContext<SourceSplitBase> flink, PendingSplitsState state) {
    EnumeratorContext context = new EnumeratorContext(flink);
    PostgresSourceConfig config = config(0);
    if (state instanceof HybridPendingSplitsState hybrid) {
      SnapshotPendingSplitsState snapshot = hybrid.getSnapshotPendingSplits();
      SplitAssigner assigner =
          new HybridSplitAssigner<>(
              config, context.currentParallelism(), hybrid, dialect(), offsetFactory, context);
      return enumerator(flink, context, config, assigner, finished(snapshot), refusal(snapshot));
    }
    if (state instanceof StreamPendingSplitsState stream) {
      SplitAssigner assigner =
          new StreamSplitAssigner(config, stream, dialect(), offsetFactory, context);
      return enumerator(flink, context, config, assigner, List.of(), Optional.empty());
    }
    throw new IllegalArgumentException("Not a state of this source: " + state);
  }

  private PostgresSourceEnumerator enumerator(
      SplitEnumeratorContext<SourceSplitBase> flink,
      EnumeratorContext context,
      PostgresSourceConfig config,
      SplitAssigner assigner,
      List<Chunk> finished,
      Optional<MigrationException> refusal) {
    return new TaskEnumerator(
        context,
        config,
        assigner,
        dialect(),
        getBoundedness(),
        dialect().gate(),
        new TaskPreparation(options, ledger, finished, refusal),
        TaskObserver.of(options, ledger, flink.metricGroup()));
  }

  /**
   * A table that the state does not know would be followed without having been read. The refusal is
   * for the enumerator's start: what a first restore throws reaches nobody, and the job would hang.
   */
  private Optional<MigrationException> refusal(SnapshotPendingSplitsState state) {
    Set<TableName> known = new TreeSet<>();
    state.getAlreadyProcessedTables().forEach(id -> known.add(TableIds.tableName(id)));
    state.getRemainingTables().forEach(id -> known.add(TableIds.tableName(id)));
    state.getRemainingSplits().forEach(split -> known.add(TableIds.tableName(split.getTableId())));
    Set<TableName> selected =
        options.tables().stream()
            .map(TableSchema::name)
            .collect(Collectors.toCollection(TreeSet::new));
    if (known.equals(selected)) {
      return Optional.empty();
    }
    Set<TableName> added = new TreeSet<>(selected);
    added.removeAll(known);
    Set<TableName> removed = new TreeSet<>(known);
    removed.removeAll(selected);
    return Optional.of(
        new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot restore task \""
                + options.task()
                + "\": since the state was written, the selection gained "
                + added
                + " and lost "
                + removed,
            "Start without Flink state: what is loaded is not loaded again, and new tables are read."));
  }

  private static List<Chunk> finished(SnapshotPendingSplitsState state) {
    Map<String, SchemalessSnapshotSplit> assigned = state.getAssignedSplits();
    List<Chunk> chunks = new ArrayList<>();
    for (String id : state.getSplitFinishedOffsets().keySet()) {
      SchemalessSnapshotSplit split = assigned.get(id);
      if (split != null) {
        chunks.add(SnapshotSplits.chunk(split));
      }
    }
    return chunks;
  }

  @Override
  public PostgresSourceReader createReader(SourceReaderContext context) throws Exception {
    Retries retries = options.retries("reader " + context.getIndexOfSubtask());
    readerMetrics = new ReaderMetrics(context.metricGroup(), retries);
    return super.createReader(new ReaderContext(context));
  }

  /** Called by {@code createReader}. */
  @Override
  protected RecordEmitter<SourceRecords, Change, SourceSplitState> createRecordEmitter(
      SourceConfig config, SourceReaderMetrics metrics) {
    return new ChangeEmitter(metrics, Objects.requireNonNull(readerMetrics, "readerMetrics"));
  }

  private PostgresSourceConfig config(int subtask) {
    return (PostgresSourceConfig) configFactory.create(subtask);
  }

  private ChangeDialect dialect() {
    return (ChangeDialect) dataSourceDialect;
  }

  /** Carries the type; our emitter needs no deserialization. */
  private static final class NoDeserialization implements DebeziumDeserializationSchema<Change> {

    private static final long serialVersionUID = 1L;

    private final TypeInformation<Change> type;

    NoDeserialization(TypeInformation<Change> type) {
      this.type = type;
    }

    @Override
    public void deserialize(SourceRecord record, Collector<Change> out) {
      throw new UnsupportedOperationException("Changes are not Debezium records: " + record);
    }

    @Override
    public TypeInformation<Change> getProducedType() {
      return type;
    }
  }
}
