package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.jspecify.annotations.Nullable;

/** What the job asks of Flink. */
public final class FlinkSettings {

  /**
   * A merge runs inside the checkpoint that waits for it, so a checkpoint may take as long as the
   * largest merge.
   */
  private static final Duration CHECKPOINT_TIMEOUT = Duration.ofHours(1);

  /**
   * Readers and writers wait for a server that is away by themselves, and for no longer than the
   * task file says. Flink restarts what they cannot repeat, which costs little and helps at once.
   */
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(15);

  private static final Duration RESET_BACKOFF = Duration.ofMinutes(2);

  private FlinkSettings() {}

  /** The settings that belong to the job wherever it runs. */
  public static Configuration job(TaskConfig config) {
    Configuration settings = new Configuration();
    settings.set(PipelineOptions.NAME, "pg2adb " + config.pipeline().name());
    settings.set(PipelineOptions.GENERIC_TYPES, false);
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    settings.set(CoreOptions.DEFAULT_PARALLELISM, config.pipeline().parallelism());
    settings.set(
        CheckpointingOptions.CHECKPOINTING_INTERVAL, config.pipeline().checkpointInterval());
    settings.set(
        CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    settings.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, CHECKPOINT_TIMEOUT);
    settings.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    config
        .pipeline()
        .checkpointDirectory()
        .ifPresent(
            directory -> {
              settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
              settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory);
            });
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofSeconds(1));
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, LONGEST_BACKOFF);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
    settings.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        RESET_BACKOFF);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_JITTER_FACTOR, 0.1);
    return settings;
  }

  /**
   * {@link #job} and what a client needs to hand the job to a cluster, without waiting for its end.
   *
   * @param cluster the cluster's configuration, of which the client uses the address
   * @param jar the job jar
   * @param savepoint the savepoint or checkpoint to go on from, null for none
   */
  public static Configuration submitted(
      TaskConfig config, Configuration cluster, URI jar, @Nullable String savepoint) {
    Configuration settings = new Configuration(cluster);
    settings.addAll(job(config));
    settings.set(DeploymentOptions.TARGET, "remote");
    settings.set(DeploymentOptions.ATTACHED, false);
    settings.set(PipelineOptions.JARS, List.of(jar.toString()));
    if (savepoint != null) {
      settings.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    return settings;
  }

  /**
   * {@link #job} and what a Flink inside this process needs.
   *
   * @param webPort the dashboard's port on localhost, 0 for any free one
   */
  public static Configuration embedded(TaskConfig config, int webPort) {
    Configuration settings = job(config);
    settings.set(RestOptions.PORT, webPort);
    settings.set(RestOptions.BIND_PORT, String.valueOf(webPort));
    settings.set(RestOptions.BIND_ADDRESS, "localhost");
    settings.set(RestOptions.ADDRESS, "localhost");
    settings.set(TaskManagerOptions.NUM_TASK_SLOTS, config.pipeline().parallelism());
    // nothing in the job uses managed memory; buffers between subtasks do the rest
    settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(4));
    return settings;
  }
}
