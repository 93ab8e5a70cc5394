package io.github.pg2adb.cli;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.Release;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code release}: the end of a task at the source. */
@Command(
    name = "release",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Drops the replication slot and the publications of a task in the source, so that the server no longer keeps WAL"
            + " for it. The task cannot go on after that. Rows and ledger in the destination stay as they are.")
final class ReleaseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Override
  public Integer call() {
    TaskConfig config = TaskFile.load(file);
    Release.run(config);
    spec.commandLine()
        .getOut()
        .println(
            "Released task \""
                + config.pipeline().name()
                + "\" in "
                + config.source().endpoint()
                + ".");
    return 0;
  }
}
