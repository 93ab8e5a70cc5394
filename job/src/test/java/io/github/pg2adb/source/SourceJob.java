package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.pipeline.ChangeTypeInformation;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.jspecify.annotations.Nullable;

/** The source in a Flink job that hands everything to a {@link Replica}. */
final class SourceJob implements AutoCloseable {

  private static final Map<String, Replica> REPLICAS = new ConcurrentHashMap<>();

  private final JobClient client;
  private final CompletableFuture<JobExecutionResult> result;

  private SourceJob(JobClient client) {
    this.client = client;
    this.result = client.getJobExecutionResult();
  }

  static SourceJob start(
      SourceOptions options, MemoryLedger ledger, Replica replica, int parallelism)
      throws Exception {
    return start(options, ledger, replica, parallelism, null);
  }

  static SourceJob start(
      SourceOptions options,
      MemoryLedger ledger,
      Replica replica,
      int parallelism,
      @Nullable String savepoint)
      throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.generic-types", "false");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(
        CheckpointingOptions.CHECKPOINTING_INTERVAL, java.time.Duration.ofMillis(300));
    if (savepoint != null) {
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    REPLICAS.put(options.task(), replica);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    env.fromSource(
            PostgresChangeSource.of(options, ledger, new ChangeTypeInformation()),
            WatermarkStrategy.noWatermarks(),
            "source")
        .uid("source")
        .map(new Take(options.task()))
        .uid("take")
        .sinkTo(new DiscardingSink<>())
        .uid("sink");
    return new SourceJob(env.executeAsync(options.task()));
  }

  /** Waits for the job's end; fails as the job failed. */
  void await() {
    result.join();
  }

  /** Fails if the job ended, as it failed. */
  void assertRunning() {
    if (result.isDone()) {
      throw new AssertionError("The job ended: " + result.join());
    }
  }

  String stopWithSavepoint(String directory) {
    String savepoint =
        client.stopWithSavepoint(false, directory, SavepointFormatType.CANONICAL).join();
    result.join();
    return savepoint;
  }

  @Override
  public void close() {
    if (!result.isDone()) {
      client.cancel().join();
      result.handle((ended, error) -> true).join();
    }
  }

  /** Hands changes over. */
  private static final class Take implements MapFunction<Change, Integer> {

    private static final long serialVersionUID = 1L;

    private final String task;

    Take(String task) {
      this.task = task;
    }

    @Override
    public Integer map(Change change) throws InterruptedException {
      REPLICAS.get(task).take(change);
      return change.writer();
    }
  }
}
