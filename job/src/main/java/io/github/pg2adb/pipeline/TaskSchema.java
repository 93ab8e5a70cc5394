package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.AfterLoad;
import io.github.pg2adb.schema.SchemaPlan;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.schema.SourceCatalog;

/** The schema phase of a task file by itself. */
public final class TaskSchema {

  private TaskSchema() {}

  /** What the schema phase would do now; touches nothing. */
  public static SchemaPlan plan(TaskConfig config) {
    target(config);
    return SchemaPlan.of(options(config, readSource(config), following(config)));
  }

  /** Creates what the rows need. */
  public static SchemaReport beforeLoad(TaskConfig config) {
    Target target = target(config);
    return Migration.apply(config, readSource(config), target);
  }

  /** Creates the rest, for tables that nothing is written to meanwhile. */
  public static SchemaReport afterLoad(TaskConfig config) {
    target(config);
    return new AfterLoad(options(config, readSource(config), Following.NOTHING)).createAll();
  }

  /** What happens to the tables after the load. */
  private enum Following {
    CHANGES,
    NOTHING
  }

  private static Following following(TaskConfig config) {
    return config.pipeline().phases().contains(Phase.INCREMENTAL)
        ? Following.CHANGES
        : Following.NOTHING;
  }

  private static SourceSchema readSource(TaskConfig config) {
    return SourceCatalog.read(config.source().endpoint(), config.source().selection());
  }

  /** What the destination is, which must be what the task says. */
  private static Target target(TaskConfig config) {
    Target target = TargetProbe.ask(config.sink().endpoint());
    if (target.kind() != config.sink().type()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot create a schema in "
              + config.sink().endpoint()
              + ": the task says sink.type is "
              + config.sink().type().word()
              + ", the server says it is "
              + target.kind().word(),
          "Correct sink.type, or hostname and port.");
    }
    return target;
  }

  private static AfterLoad.Options options(
      TaskConfig config, SourceSchema schema, Following following) {
    return new AfterLoad.Options(
        config.source().endpoint(),
        config.sink().endpoint(),
        schema,
        config.source().selection(),
        config.routes(),
        config.pipeline().parallelism(),
        following == Following.CHANGES,
        MigrationPipeline.rules(config));
  }
}
