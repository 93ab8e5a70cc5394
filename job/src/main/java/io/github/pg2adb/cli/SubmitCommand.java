package io.github.pg2adb.cli;

import io.github.pg2adb.cli.cluster.FlinkClient;
import io.github.pg2adb.cli.cluster.JobJar;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.FlinkSettings;
import io.github.pg2adb.pipeline.Migration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code submit}: a task's job, handed to a Flink cluster. */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Prechecks a task, prepares the destination and hands the job to a Flink cluster, as `flink run -d` does. Ends when"
            + " the cluster has taken it.")
final class SubmitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Option(
      names = {"-s", "--savepoint"},
      paramLabel = "PATH",
      description =
          "The savepoint or checkpoint to go on from. Without it the task goes on where its ledger says.")
  private @Nullable String savepoint;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "How many readers and writers there are, instead of pipeline.parallelism.")
  private @Nullable Integer parallelism;

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "Where the cluster's dashboard is, default the cluster of this machine, then rest.address of flink-conf.")
  private @Nullable String address;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    TaskConfig config = TaskFile.load(file);
    if (parallelism != null) {
      config = config.withParallelism(parallelism);
    }
    Path jar = JobJar.path();
    try (FlinkClient cluster = FlinkClient.at(address)) {
      int freeSlots = cluster.overview().freeSlots();
      Migration migration = Migration.prepare(config);
      migration.schemaReport().ifPresent(report -> SchemaOutput.print(report, out));
      if (!migration.hasJob()) {
        out.println("Done: the task has neither phase \"full\" nor phase \"incremental\".");
        out.flush();
        return 0;
      }
      Configuration settings =
          FlinkSettings.submitted(
              config,
              cluster.configuration(),
              jar.toUri(),
              savepoint == null ? null : JobJar.savepoint(savepoint));
      String id = migration.submit(new StreamExecutionEnvironment(settings));
      out.println("Job: " + id);
      out.println("Dashboard: " + cluster.url(id));
      if (freeSlots < config.pipeline().parallelism()) {
        out.printf(
            "The job needs %d slots and %d were free: it waits for the others.%n",
            config.pipeline().parallelism(), freeSlots);
      }
      out.flush();
    }
    return 0;
  }
}
