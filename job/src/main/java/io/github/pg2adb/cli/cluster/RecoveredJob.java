package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.MigrationException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.jobmanager.HighAvailabilityMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that a JobManager of application mode with high availability has brought back. Flink starts
 * it first and then runs the main method once more, which must not prepare a task that runs: it
 * would be refused, and the JobManager end, again and again.
 */
public final class RecoveredJob {

  private static final Logger LOG = LoggerFactory.getLogger(RecoveredJob.class);

  /** The JobManager is electing itself at that moment. */
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);

  private static final Duration LOOK_INTERVAL = Duration.ofMillis(200);

  private RecoveredJob() {}

  /**
   * Whether the job that this main method would make is there already.
   *
   * @throws MigrationException if the JobManager does not answer
   */
  public static boolean isThere(StreamExecutionEnvironment environment) {
    ReadableConfig settings = environment.getConfiguration();
    Optional<String> id = settings.getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID);
    Configuration configuration = Configuration.fromMap(settings.toMap());
    if (id.isEmpty()
        || !"embedded".equals(settings.get(DeploymentOptions.TARGET))
        || !HighAvailabilityMode.isHighAvailabilityModeActivated(configuration)) {
      return false;
    }
    try (FlinkClient client = FlinkClient.ofElected(configuration)) {
      long started = System.nanoTime();
      while (true) {
        try {
          return client.jobs().stream().anyMatch(job -> job.id().equals(id.get()) && job.isAlive());
        } catch (MigrationException e) {
          if (System.nanoTime() - started > ANSWER_LIMIT.toNanos()) {
            throw e;
          }
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the JobManager", e);
    }
  }

  /**
   * Tells Flink that this main method's job is the one that is there. Flink asks for any pipeline
   * and, since it knows the job's id, does not run it.
   *
   * @throws Exception what Flink throws
   */
  public static void follow(StreamExecutionEnvironment environment) throws Exception {
    LOG.info("The JobManager has brought the task's job back; nothing is prepared anew");
    environment.fromData(0).sinkTo(new DiscardingSink<>());
    environment.execute();
  }
}
