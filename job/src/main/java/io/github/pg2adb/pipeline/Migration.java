package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.schema.SchemaStep;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.sink.JdbcLedger;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that is ready to run: the source's catalog is read, and the destination has the tables if
 * the task asks for the schema phase.
 */
public final class Migration {

  private static final Logger LOG = LoggerFactory.getLogger(Migration.class);

  private final TaskConfig config;
  private final SourceSchema schema;
  private final Optional<SchemaReport> schemaReport;

  private Migration(TaskConfig config, SourceSchema schema, Optional<SchemaReport> schemaReport) {
    this.config = config;
    this.schema = schema;
    this.schemaReport = schemaReport;
  }

  /**
   * Looks at both ends beforehand, reads the source's catalog and, if the task has the schema
   * phase, creates what the destination lacks.
   *
   * @throws MigrationException if the precheck finds an error, the task runs already, or a server
   *     refuses
   */
  public static Migration prepare(TaskConfig config) {
    TaskPrecheck.require(config);
    try (MigrationLedger.Claim claim = ledger(config).claim()) {
      LOG.debug("Preparing task {} under {}", config.pipeline().name(), claim);
      SourceSchema schema = readSource(config);
      ledger(config)
          .recordRoutes(RouteRecord.of(schema, config.routes()), config.pipeline().phases());
      return new Migration(config, schema, applyTo(config, schema));
    }
  }

  /** The task's ledger in the destination. */
  public static JdbcLedger ledger(TaskConfig config) {
    return JdbcLedger.of(MigrationPipeline.sinkOptions(config));
  }

  static SourceSchema readSource(TaskConfig config) {
    return SourceCatalog.read(config.source().endpoint(), config.source().selection());
  }

  private static Optional<SchemaReport> applyTo(TaskConfig config, SourceSchema schema) {
    return config.pipeline().phases().contains(Phase.SCHEMA)
        ? Optional.of(apply(config, schema, TargetProbe.ask(config.sink().endpoint())))
        : Optional.empty();
  }

  /**
   * Creates what the rows need. The ledger must be there before, since a table and the record that
   * it is the task's own share a transaction.
   */
  static SchemaReport apply(TaskConfig config, SourceSchema schema, Target target) {
    try (MigrationLedger.Session session = ledger(config).open()) {
      SchemaReport report =
          SchemaStep.apply(
              config.sink().endpoint(),
              RoutedSchema.of(schema, config.routes()),
              target,
              MigrationPipeline.rules(config));
      SchemaEvents.record(session, report);
      return report;
    }
  }

  public TaskConfig config() {
    return config;
  }

  /** The selected tables as the source had them. */
  public SourceSchema schema() {
    return schema;
  }

  /** What the schema phase did; empty without that phase. */
  public Optional<SchemaReport> schemaReport() {
    return schemaReport;
  }

  /** Whether there are rows or changes to move, and so a Flink job to run. */
  public boolean hasJob() {
    return config.pipeline().phases().contains(Phase.FULL)
        || config.pipeline().phases().contains(Phase.INCREMENTAL);
  }

  /**
   * Starts the job.
   *
   * @param environment where to run it, configured by {@link FlinkSettings}
   */
  public RunningMigration start(StreamExecutionEnvironment environment) {
    MigrationPipeline.build(environment, config, schema);
    try {
      return new RunningMigration(environment.executeAsync());
    } catch (Exception e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot start the Flink job: " + e.getMessage(), "", e);
    }
  }

  /**
   * Hands the job to the cluster that the environment names, and does not wait for its end.
   *
   * @param environment configured by {@link FlinkSettings#submitted}
   * @return Flink's id of the job
   */
  public String submit(StreamExecutionEnvironment environment) {
    MigrationPipeline.build(environment, config, schema);
    try {
      return environment.executeAsync().getJobID().toHexString();
    } catch (Exception e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot submit the Flink job: " + e.getMessage(), "", e);
    }
  }

  /**
   * Runs the job and, unless it was submitted detached, waits for its end.
   *
   * @param environment where to run it, configured by {@link FlinkSettings}
   * @throws Exception whatever Flink throws, which under {@code flink run} may be its way to take
   *     the job graph
   */
  public void run(StreamExecutionEnvironment environment) throws Exception {
    MigrationPipeline.build(environment, config, schema);
    environment.execute();
  }

  /**
   * Starts the job on a Flink inside this process.
   *
   * @param webPort the dashboard's port on localhost
   */
  public RunningMigration startEmbedded(int webPort) {
    return start(
        StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(
            FlinkSettings.embedded(config, webPort)));
  }
}
