package io.github.pg2adb.cli.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The task of a cluster in application mode: its JobManager runs the job jar's main class, which
 * prepares the task, and ends with the job.
 *
 * @param task the task's name
 * @param file the task file
 * @param jar the job jar
 * @param savepoint the savepoint or checkpoint to go on from, null for none
 * @param parallelism how many readers and writers, null for as many as the task file says
 */
record Application(
    String task, Path file, Path jar, @Nullable String savepoint, @Nullable Integer parallelism) {

  private static final String MAIN_CLASS = "io.github.pg2adb.cli.Pg2Adb";

  /** What Flink's entry point takes: first its own options, then those of the main class. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("--job-classname", MAIN_CLASS));
    if (savepoint != null) {
      arguments.addAll(List.of("--fromSavepoint", JobJar.savepoint(savepoint)));
    }
    arguments.addAll(List.of("-f", file.toAbsolutePath().toString()));
    if (parallelism != null) {
      arguments.addAll(List.of("--parallelism", parallelism.toString()));
    }
    return arguments;
  }
}
