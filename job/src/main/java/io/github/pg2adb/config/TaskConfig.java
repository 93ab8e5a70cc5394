package io.github.pg2adb.config;

import io.github.pg2adb.model.MigrationException;

/**
 * A task file that was checked as a whole.
 *
 * @param pipeline what the task does and how its job runs
 * @param source where the rows come from
 * @param sink where they go to
 */
public record TaskConfig(PipelineSection pipeline, SourceSection source, SinkSection sink) {

  /**
   * The same task with this many readers and writers.
   *
   * @throws MigrationException if the number is out of the option's range
   */
  public TaskConfig withParallelism(int parallelism) {
    return new TaskConfig(pipeline.withParallelism(parallelism), source, sink);
  }
}
