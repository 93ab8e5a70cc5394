package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.pg2adb.cli.progress.Screen;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.TaskPrecheck;
import io.github.pg2adb.precheck.PrecheckReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code precheck}: what would go wrong with a task. */
@Command(
    name = "precheck",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Looks at both ends of a task and says what would go wrong and what mends it. Changes nothing without --fix.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no errors; there may be warnings",
      "1:errors were found",
      "2:wrong use or configuration"
    })
final class PrecheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Option(names = "--fix", description = "Mends what can be mended without harm, then looks again.")
  private boolean fix;

  @Option(names = "--json", description = "Prints JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    TaskConfig config = TaskFile.load(file);
    PrecheckReport report = fix ? TaskPrecheck.fix(config) : TaskPrecheck.run(config);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        json ? PrecheckOutput.json(report) : PrecheckOutput.table(report, Screen.detect().width()));
    out.flush();
    return report.hasErrors() ? 1 : 0;
  }
}
