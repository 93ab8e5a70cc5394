package io.github.pg2adb.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.pipeline.TaskSchema;
import io.github.pg2adb.schema.SchemaPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code plan}: what the schema phase would do. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Shows the SQL that the schema phase would execute in the destination, and what it would keep, adapt and leave out."
            + " Touches nothing.")
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @ArgGroup private @Nullable Format format;

  /** How to print; one of them at most. */
  static final class Format {
    @Option(names = "--json", description = "Prints JSON instead of SQL and a table.")
    private boolean json;

    @Option(names = "--sql", description = "Prints the SQL alone, as a script.")
    private boolean sql;
  }

  @Override
  public Integer call() throws JsonProcessingException {
    SchemaPlan plan = TaskSchema.plan(TaskFile.load(file));
    PrintWriter out = spec.commandLine().getOut();
    if (format != null && format.json) {
      out.print(SchemaOutput.json(plan));
    } else if (format != null && format.sql) {
      out.print(SchemaOutput.sql(plan));
    } else {
      out.print(SchemaOutput.sql(plan));
      out.println();
      out.print(SchemaOutput.decisions(plan));
    }
    out.flush();
    return 0;
  }
}
