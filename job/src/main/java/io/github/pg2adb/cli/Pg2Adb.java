package io.github.pg2adb.cli;

import io.github.pg2adb.cli.cluster.ClusterCommand;
import io.github.pg2adb.cli.cluster.RecoveredJob;
import io.github.pg2adb.cli.demo.DemoCommand;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.FlinkSettings;
import io.github.pg2adb.pipeline.Migration;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line's entry point, and the main class that {@code flink run} starts: without a
 * command, {@code -f task.yaml} is the job itself, handed to whatever Flink this process belongs
 * to.
 */
@Command(
    name = "pg2adb",
    mixinStandardHelpOptions = true,
    versionProvider = Pg2Adb.Version.class,
    description = "Moves a live PostgreSQL database into AnalyticDB for PostgreSQL.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the work failed or found differences",
      "2:wrong use or configuration"
    })
public final class Pg2Adb implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "TASK.yaml",
      description = "The task to run as the job that flink run starts.")
  private @Nullable Path file;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "How many readers and writers that job has, instead of pipeline.parallelism.")
  private @Nullable Integer parallelism;

  private @Nullable Path job;

  private Pg2Adb() {}

  /**
   * Runs a command and ends the process with its exit code; or runs the job, whose errors are
   * thrown: the caller may be Flink.
   *
   * @throws Exception what the job or Flink throws
   */
  public static void main(String[] args) throws Exception {
    Pg2Adb command = new Pg2Adb();
    int exitCode = commandLine(command).execute(args);
    if (command.job != null) {
      runJob(command.job, command.parallelism);
    } else if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  static CommandLine commandLine() {
    return commandLine(new Pg2Adb());
  }

  private static CommandLine commandLine(Pg2Adb command) {
    return new CommandLine(command)
        .addSubcommand(new PrecheckCommand())
        .addSubcommand(new PlanCommand())
        .addSubcommand(new SchemaCommand())
        .addSubcommand(new RunCommand())
        .addSubcommand(new SubmitCommand())
        .addSubcommand(new StatusCommand())
        .addSubcommand(new ClusterCommand())
        .addSubcommand(new ReleaseCommand())
        .addSubcommand(new DemoCommand(new EmbeddedLauncher()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new ErrorReport());
  }

  /**
   * Without a command the task is the job itself, which {@link #main} runs once the command line is
   * read.
   */
  @Override
  public Integer call() {
    if (file == null) {
      throw new ParameterException(
          spec.commandLine(), "Say what to do: a command, or -f TASK.yaml for the job itself.");
    }
    job = file;
    return 0;
  }

  private static void runJob(Path file, @Nullable Integer parallelism) throws Exception {
    TaskConfig task = TaskFile.load(file);
    TaskConfig config = parallelism == null ? task : task.withParallelism(parallelism);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(FlinkSettings.job(config));
    if (RecoveredJob.isThere(environment)) {
      RecoveredJob.follow(environment);
      return;
    }
    Migration migration = Migration.prepare(config);
    if (migration.hasJob()) {
      migration.run(environment);
    }
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Pg2Adb.class.getPackage().getImplementationVersion();
      return new String[] {"pg2adb " + Objects.requireNonNullElse(version, "(not packaged)")};
    }
  }
}
