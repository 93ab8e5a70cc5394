package io.github.pg2adb.cli;

import io.github.pg2adb.cli.progress.DashboardPort;
import io.github.pg2adb.cli.progress.LedgerProgress;
import io.github.pg2adb.cli.progress.Progress;
import io.github.pg2adb.cli.progress.ProgressDisplay;
import io.github.pg2adb.cli.progress.Screen;
import io.github.pg2adb.cli.progress.Wording;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.pipeline.Migration;
import io.github.pg2adb.pipeline.RunningMigration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code run}: a task with a Flink inside this process. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs a task with a Flink inside this process and shows its progress. Stop it with Ctrl-C; the next run goes on"
            + " where this one stopped.")
final class RunCommand implements Callable<Integer> {
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "TASK.yaml",
      description = "The task file.")
  private Path file;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Where Flink's dashboard is, default " + DashboardPort.USUAL + " or a free one.")
  private @Nullable Integer port;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    TaskConfig config = TaskFile.load(file);
    Migration migration = Migration.prepare(config);
    migration.schemaReport().ifPresent(report -> SchemaOutput.print(report, out));
    if (migration.hasJob()) {
      run(migration, out);
    }
    return 0;
  }

  @SuppressWarnings("try") // StopOnExit does its work by being open
  private void run(Migration migration, PrintWriter out) throws InterruptedException {
    DashboardPort dashboard = DashboardPort.choose(port);
    dashboard.close();
    dashboard.notice().ifPresent(out::println);
    TaskConfig config = migration.config();
    List<TableName> tables = migration.schema().tables().stream().map(TableSchema::name).toList();
    try (RunningMigration running = migration.startEmbedded(dashboard.number());
        StopOnExit stop = StopOnExit.of(running);
        LedgerProgress ledger =
            LedgerProgress.open(
                config.source().endpoint(),
                config.sink().endpoint(),
                config.sink().ledgerSchema(),
                config.pipeline().name(),
                config.routes(),
                tables)) {
      out.println("Flink's dashboard: " + dashboard.url());
      out.flush();
      ProgressDisplay display = new ProgressDisplay(out, Screen.detect());
      try {
        while (!running.await(LOOK_INTERVAL)) {
          display.show(ledger.read(), "");
        }
      } finally {
        display.finish();
      }
      if (running.isCancelled()) {
        out.println("Stopped. The next run goes on from here.");
        out.flush();
      } else {
        printEnd(ledger.read(), config, out);
      }
    }
  }

  private static void printEnd(Progress progress, TaskConfig config, PrintWriter out) {
    out.printf(
        "Done: %s rows, %s in %d tables.%n",
        Wording.count(progress.rows()), Wording.bytes(progress.bytes()), progress.tables().size());
    if (!config.pipeline().phases().contains(Phase.INCREMENTAL)) {
      out.println("Changes are not followed: the task has no phase \"incremental\".");
    }
    out.flush();
  }
}
