package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.TaskSchema;
import io.github.pg2adb.schema.SchemaReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code schema}: the schema phase by itself. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Creates what the destination lacks: schemas, types, sequences, functions and tables with their primary keys."
            + " Alters and drops nothing.")
final class SchemaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Option(
      names = "--after-load",
      description =
          "Creates what comes after the rows instead: indexes, constraints, views, foreign keys and comments. For tables that"
              + " no job writes to meanwhile.")
  private boolean afterLoad;

  @Option(names = "--json", description = "Prints JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    TaskConfig config = TaskFile.load(file);
    SchemaReport report = afterLoad ? TaskSchema.afterLoad(config) : TaskSchema.beforeLoad(config);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? SchemaOutput.json(report) : SchemaOutput.report(report));
    out.flush();
    return 0;
  }
}
