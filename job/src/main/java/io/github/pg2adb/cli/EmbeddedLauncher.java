package io.github.pg2adb.cli;

import io.github.pg2adb.cli.demo.MigrationLauncher;
import io.github.pg2adb.cli.demo.MigrationRun;
import io.github.pg2adb.config.MemorySize;
import io.github.pg2adb.config.PipelineSection;
import io.github.pg2adb.config.SinkSection;
import io.github.pg2adb.config.SourceSection;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.WithoutIdentity;
import io.github.pg2adb.pipeline.Migration;
import io.github.pg2adb.pipeline.RunningMigration;
import io.github.pg2adb.postgres.TargetProbe;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Runs the demo's migration with a Flink inside this process. */
final class EmbeddedLauncher implements MigrationLauncher {
  private static final int PARALLELISM = 2;
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(500);
  private static final int BATCH_ROWS = 20_000;

  /** Small, so that even the demo's tables have several chunks. */
  private static final MemorySize CHUNK_SIZE = new MemorySize(4L << 20);

  private static final MemorySize DECODING_MEMORY = new MemorySize(64L << 20);
  private static final MemorySize BUFFER_SIZE = new MemorySize(8L << 20);

  @Override
  public MigrationRun start(
      Endpoint source, Endpoint target, String task, List<String> tables, int webPort) {
    TaskConfig config =
        new TaskConfig(
            new PipelineSection(
                task,
                EnumSet.allOf(Phase.class),
                PARALLELISM,
                CHECKPOINT_INTERVAL,
                Optional.empty(),
                RetryLimits.DEFAULT,
                Set.of()),
            new SourceSection(
                source,
                tables,
                List.of(),
                WithoutIdentity.INSERTS_ONLY,
                CHUNK_SIZE,
                BUFFER_SIZE,
                DECODING_MEMORY),
            new SinkSection(
                TargetProbe.ask(target).kind(),
                target,
                SinkTables.DEFAULT,
                "pg2adb",
                FLUSH_INTERVAL,
                BATCH_ROWS,
                BUFFER_SIZE,
                NameCase.DEFAULT),
            List.of());
    return new EmbeddedRun(Migration.prepare(config).startEmbedded(webPort));
  }

  private record EmbeddedRun(RunningMigration running) implements MigrationRun {
    @Override
    public Optional<Throwable> failure() {
      return running.failure();
    }

    @Override
    public void close() {
      running.close();
    }
  }
}
