package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.cli.cluster.FlinkClient.Overview;
import io.github.pg2adb.model.MigrationException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.configuration.RestOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code cluster}: a Flink cluster on this machine. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "start|stop|status",
    sortOptions = false,
    description =
        "Runs a Flink cluster on this machine: a JobManager and TaskManagers with the configuration of flink-conf, from"
            + " the Flink that was built with pg2adb or from the one in FLINK_HOME.")
public final class ClusterCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "Starts the cluster and waits until it takes jobs. If it runs, starts the TaskManagers that it lacks.")
  int start(
      @Option(
              names = {"-t", "--taskmanagers"},
              paramLabel = "N",
              defaultValue = "1",
              description = "How many TaskManagers, default ${DEFAULT-VALUE}.")
          int taskManagers,
      @Option(
              names = "--port",
              paramLabel = "PORT",
              description =
                  "Where dashboard and REST interface are, default rest.port of flink-conf.")
          @Nullable Integer port,
      @Option(
              names = "-D",
              paramLabel = "KEY=VALUE",
              description = "Options of Flink that win over those of flink-conf.")
          @Nullable Map<String, String> options) {
    PrintWriter out = spec.commandLine().getOut();
    LocalCluster cluster = new LocalCluster(FlinkHome.installed());
    if (cluster.isRunning()) {
      int started = cluster.complete(taskManagers);
      out.println(
          "The cluster runs already"
              + (started == 0 ? ":" : "; " + started + " TaskManagers were missing, and started:"));
      describe(cluster, out);
      return 0;
    }
    Map<String, String> changes = new LinkedHashMap<>();
    if (options != null) {
      changes.putAll(options);
    }
    if (port != null) {
      changes.put(RestOptions.PORT.key(), String.valueOf(port));
      changes.put(RestOptions.BIND_PORT.key(), String.valueOf(port));
    }
    cluster.start(taskManagers, changes);
    describe(cluster, out);
    return 0;
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description =
          "Stops the cluster. Jobs end with it; submitted again, they go on where the ledger or a savepoint says.")
  int stop() {
    int stopped = new LocalCluster(FlinkHome.installed()).stop();
    PrintWriter out = spec.commandLine().getOut();
    out.println(stopped == 0 ? "No cluster runs." : "Stopped " + stopped + " processes.");
    out.flush();
    return 0;
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows processes, slots and jobs.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:the cluster runs", "1:it does not"})
  int status() {
    PrintWriter out = spec.commandLine().getOut();
    LocalCluster cluster = new LocalCluster(FlinkHome.installed());
    if (cluster.running().isEmpty()) {
      out.println("No cluster runs.");
      out.flush();
      return 1;
    }
    return describe(cluster, out) ? 0 : 1;
  }

  private static boolean describe(LocalCluster cluster, PrintWriter out) {
    List<ClusterProcess> processes = cluster.running();
    out.println(
        "Processes: "
            + processes.stream()
                .map(
                    process ->
                        process.name()
                            + process.handle().map(h -> " (pid " + h.pid() + ")").orElse(""))
                .sorted()
                .collect(Collectors.joining(", ")));
    try (FlinkClient client = cluster.client()) {
      Overview overview = client.overview();
      out.println("Dashboard: " + client.url());
      out.printf(
          "TaskManagers: %d; slots: %d, %d free%n",
          overview.taskManagers(), overview.slots(), overview.freeSlots());
      for (FlinkClient.Job job : client.jobs()) {
        out.printf("Job %s: %s, %s, since %s%n", job.id(), job.name(), job.state(), job.started());
      }
      return true;
    } catch (MigrationException e) {
      out.println(e.getMessage());
      return false;
    } finally {
      out.flush();
    }
  }
}
