package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.schema.AfterLoad;
import io.github.pg2adb.schema.SchemaRules;
import io.github.pg2adb.sink.AnalyticDbSink;
import io.github.pg2adb.sink.JdbcLedger;
import io.github.pg2adb.sink.SinkOptions;
import io.github.pg2adb.source.PostgresChangeSource;
import io.github.pg2adb.source.SourceOptions;
import io.github.pg2adb.source.SourceRowLookup;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.Partitioner;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The Flink job: read snapshot and WAL, send every change to the writer that it belongs to, write.
 */
public final class MigrationPipeline {

  private MigrationPipeline() {}

  /**
   * Adds the job's operators to the environment.
   *
   * @param environment configured by {@link FlinkSettings}
   * @param config the task
   * @param schema the selected tables as the source has them now
   */
  public static void build(
      StreamExecutionEnvironment environment, TaskConfig config, SourceSchema schema) {
    SourceOptions source = sourceOptions(config, schema);
    SinkOptions sink = sinkOptions(config, keptTables(config, schema), keys(schema));
    environment
        .fromSource(
            PostgresChangeSource.of(source, JdbcLedger.of(sink), new ChangeTypeInformation()),
            WatermarkStrategy.noWatermarks(),
            "Read PostgreSQL: snapshot, then WAL")
        .uid("read")
        .partitionCustom(new ModuloPartitioner(), new WriterOfChange())
        .sinkTo(AnalyticDbSink.of(sink, new SourceRowLookup(source.endpoint())))
        .name("Write AnalyticDB: COPY and merge")
        .uid("write");
    if (config.pipeline().phases().contains(Phase.SCHEMA)) {
      environment
          .fromSource(
              new CompletionSource(completion(config, schema, JdbcLedger.of(sink))),
              WatermarkStrategy.noWatermarks(),
              "Create indexes, constraints and views")
          .uid("complete-schema")
          .setParallelism(1)
          .sinkTo(new DiscardingSink<>())
          .name("Nothing to write")
          .uid("complete-schema-end")
          .setParallelism(1);
    }
  }

  private static SchemaCompletion.Options completion(
      TaskConfig config, SourceSchema schema, JdbcLedger ledger) {
    return new SchemaCompletion.Options(
        config.pipeline().name(),
        new AfterLoad.Options(
            config.source().endpoint(),
            config.sink().endpoint(),
            schema,
            config.source().selection(),
            config.routes(),
            config.pipeline().parallelism(),
            config.pipeline().phases().contains(Phase.INCREMENTAL),
            rules(config)),
        config.pipeline().phases().contains(Phase.FULL),
        ledger,
        config.pipeline().retry());
  }

  static SourceOptions sourceOptions(TaskConfig config, SourceSchema schema) {
    return new SourceOptions(
        config.pipeline().name(),
        config.source().endpoint(),
        schema.tables(),
        config.source().chunkSize().bytes(),
        config.source().transactionBuffer().bytes(),
        config.source().decodingMemory().bytes(),
        config.pipeline().phases().contains(Phase.FULL),
        config.pipeline().phases().contains(Phase.INCREMENTAL),
        config.pipeline().phases().contains(Phase.SCHEMA),
        config.pipeline().retry(),
        config.routes(),
        BinaryTables.of(config, schema));
  }

  static SchemaRules rules(TaskConfig config) {
    return new SchemaRules(
        config.pipeline().name(),
        config.sink().ledgerSchema(),
        config.sink().tables(),
        config.pipeline().phases().contains(Phase.INCREMENTAL));
  }

  /** What commands and the ledger need to know. */
  static SinkOptions sinkOptions(TaskConfig config) {
    return sinkOptions(config, Map.of(), Map.of());
  }

  private static Map<TableName, List<String>> keptTables(TaskConfig config, SourceSchema schema) {
    return config.sink().tables().onExisting() == OnExistingTable.KEEP
        ? schema.tables().stream()
            .collect(Collectors.toMap(TableSchema::name, MigrationPipeline::key))
        : Map.of();
  }

  private static Map<TableName, List<String>> keys(SourceSchema schema) {
    return schema.tables().stream()
        .filter(table -> table.replicaIdentity() == ReplicaIdentity.FULL)
        .filter(table -> !table.identityKey().isEmpty())
        .collect(Collectors.toMap(TableSchema::name, TableSchema::identityKey));
  }

  /** By which changes come, or else what tells rows apart. */
  private static List<String> key(TableSchema table) {
    return Stream.of(table.identityKey(), table.primaryKey(), table.chunkKey())
        .filter(key -> !key.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static SinkOptions sinkOptions(
      TaskConfig config,
      Map<TableName, List<String>> keptTables,
      Map<TableName, List<String>> keys) {
    return new SinkOptions(
        config.pipeline().name(),
        config.sink().endpoint(),
        config.sink().ledgerSchema(),
        config.sink().flushInterval(),
        config.sink().batchRows(),
        config.sink().batchBytes().bytes(),
        config.pipeline().retry(),
        keptTables,
        keys,
        config.routes());
  }

  /** Spreads writer indexes over the writers that there are. */
  private static final class ModuloPartitioner implements Partitioner<Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public int partition(Integer writer, int numPartitions) {
      return writer % numPartitions;
    }
  }

  /** The writer that the change itself names. */
  private static final class WriterOfChange implements KeySelector<Change, Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer getKey(Change change) {
      return change.writer();
    }
  }
}
