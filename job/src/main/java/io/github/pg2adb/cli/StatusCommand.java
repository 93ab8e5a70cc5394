package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.pg2adb.cli.progress.Screen;
import io.github.pg2adb.cli.progress.StatusDisplay;
import io.github.pg2adb.config.TaskFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code status}: how a task is, whether its job runs or not. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Shows how far a task is and how it does, from source, destination and Flink. What cannot be reached is said, the"
            + " rest is shown.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the task runs, or has loaded all that it has to load",
      "1:it does not run, or that is not known",
      "2:wrong use or configuration",
      "130:--watch was ended by Ctrl-C"
    })
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Option(names = "--watch", description = "Goes on showing it, until Ctrl-C.")
  private boolean watch;

  @Option(names = "--json", description = "Prints a JSON object per line instead of text.")
  private boolean json;

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "Where the cluster's dashboard is, default the cluster of this machine, then rest.address of flink-conf.")
  private @Nullable String address;

  @Override
  @SuppressWarnings("try") // StopOnExit does its work by being open
  public Integer call() throws InterruptedException, JsonProcessingException {
    try (StatusDisplay display =
            new StatusDisplay(TaskFile.load(file), address, json, spec.commandLine().getOut());
        StopOnExit stop = StopOnExit.of(display)) {
      if (watch) {
        display.watch(Screen::detect);
        return 0;
      }
      return display.show() ? 0 : 1;
    }
  }
}
