package io.github.pg2adb.config;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Routes;
import java.util.List;

/**
 * A task file that was checked as a whole.
 *
 * @param pipeline what the task does and how its job runs
 * @param source where the rows come from
 * @param sink where they go to
 * @param route what becomes of tables, each well-formed; the first that matches a table decides
 */
public record TaskConfig(
    PipelineSection pipeline, SourceSection source, SinkSection sink, List<Route> route) {

  public TaskConfig {
    route = List.copyOf(route);
  }

  /** What the destination's tables and columns are called. */
  public Routes routes() {
    return Routes.of(route, sink.nameCase());
  }

  /**
   * The same task with this many readers and writers.
   *
   * @throws MigrationException if the number is out of the option's range
   */
  public TaskConfig withParallelism(int parallelism) {
    return new TaskConfig(pipeline.withParallelism(parallelism), source, sink, route);
  }
}
