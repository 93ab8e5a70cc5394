package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.WithoutIdentity;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.schema.SchemaStep;
import io.github.pg2adb.schema.SourceCatalog;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A task that is ready to run: the source's catalog is read, and the destination has the tables if
 * the task asks for the schema phase.
 */
public final class Migration {

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
   * @throws MigrationException if the precheck finds an error, or a server refuses
   */
  public static Migration prepare(TaskConfig config) {
    TaskPrecheck.require(config);
    SourceSchema schema = readSource(config);
    checkIdentities(config, schema);
    return new Migration(config, schema, applyTo(config, schema));
  }

  /**
   * Changes that nobody will see are refused before anything is done, unless the task accepts that.
   */
  private static void checkIdentities(TaskConfig config, SourceSchema schema) {
    List<TableName> tables =
        schema.tables().stream()
            .filter(table -> !table.publishesUpdates())
            .map(TableSchema::name)
            .toList();
    if (tables.isEmpty()
        || !config.pipeline().phases().contains(Phase.INCREMENTAL)
        || config.source().withoutIdentity() == WithoutIdentity.INSERTS_ONLY) {
      return;
    }
    throw new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot follow the changes of "
            + tables.stream().map(table -> "\"" + table + "\"").collect(Collectors.joining(", "))
            + ": without a primary key or another replica identity PostgreSQL does not publish updates and deletes",
        "Run "
            + tables.stream()
                .map(table -> "ALTER TABLE " + Sql.quote(table) + " REPLICA IDENTITY FULL;")
                .collect(Collectors.joining(" "))
            + " or, if such tables only ever get inserts, set source.tables.without-identity: inserts-only.");
  }

  private static SourceSchema readSource(TaskConfig config) {
    return SourceCatalog.read(config.source().endpoint(), config.source().selection());
  }

  private static Optional<SchemaReport> applyTo(TaskConfig config, SourceSchema schema) {
    Target target = TargetProbe.ask(config.sink().endpoint());
    if (target.kind() != config.sink().type()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          String.format(
              "Cannot write to %s: the task says sink.type is %s, the server says it is %s (%s).",
              config.sink().endpoint(),
              config.sink().type().word(),
              target.kind().word(),
              target.version()),
          "Correct sink.type, or the address if this is not the server you mean.");
    }
    return config.pipeline().phases().contains(Phase.SCHEMA)
        ? Optional.of(SchemaStep.apply(config.sink().endpoint(), schema, target))
        : Optional.empty();
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
