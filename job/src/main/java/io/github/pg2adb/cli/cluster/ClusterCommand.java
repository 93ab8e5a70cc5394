package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.cli.cluster.FlinkClient.Overview;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Phase;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.configuration.RestOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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
          "Starts the cluster and waits until it takes jobs. If it runs, starts the TaskManagers that it lacks. With -f the"
              + " cluster is for that task alone (application mode): its JobManager prechecks and prepares the task, and"
              + " ends with it.")
  int start(
      @ArgGroup(exclusive = false) @Nullable ApplicationOptions application,
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
              names = "--high-availability",
              description =
                  "Jobs outlive their JobManager: started again in the same way, it goes on with them. A ZooKeeper server"
                      + " runs beside it, at high-availability.zookeeper.quorum or localhost:2181.")
          boolean highAvailability,
      @Option(
              names = "-D",
              paramLabel = "KEY=VALUE",
              description = "Options of Flink that win over those of flink-conf.")
          @Nullable Map<String, String> options) {
    PrintWriter out = spec.commandLine().getOut();
    LocalCluster cluster = new LocalCluster(FlinkHome.installed());
    Optional<Application> task = Optional.ofNullable(application).map(ApplicationOptions::read);
    if (cluster.isRunning()) {
      return runsAlready(cluster, task, taskManagers);
    }
    Map<String, String> changes = new LinkedHashMap<>();
    if (options != null) {
      changes.putAll(options);
    }
    if (port != null) {
      changes.put(RestOptions.PORT.key(), String.valueOf(port));
      changes.put(RestOptions.BIND_PORT.key(), String.valueOf(port));
    }
    if (cluster.start(new LocalCluster.Plan(taskManagers, changes, task, highAvailability))) {
      describe(cluster, out);
    } else {
      out.println("Done: the task has ended, and its cluster with it.");
      out.flush();
    }
    return 0;
  }

  private int runsAlready(LocalCluster cluster, Optional<Application> task, int taskManagers) {
    if (task.isPresent()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot start a cluster for task \"" + task.get().task() + "\": one runs here already.",
          "Stop it with `deploy/pg2adb cluster stop`, give the task to it with `deploy/pg2adb submit`, or set"
              + " PG2ADB_CLUSTER_DIR to another folder.");
    }
    PrintWriter out = spec.commandLine().getOut();
    int started = cluster.complete(taskManagers);
    out.println(
        "The cluster runs already"
            + (started == 0 ? ":" : "; " + started + " TaskManagers were missing, and started:"));
    describe(cluster, out);
    return 0;
  }

  /** Whose cluster it is, if it is one for a single task. */
  static final class ApplicationOptions {

    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "TASK.yaml",
        description = "The task that the cluster is for.")
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

    /** Reads the file here, where a person sees what is wrong with it. */
    private Application read() {
      TaskConfig config = TaskFile.load(file);
      String task = config.pipeline().name();
      if (!config.pipeline().phases().contains(Phase.FULL)
          && !config.pipeline().phases().contains(Phase.INCREMENTAL)) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot start a cluster for task \""
                + task
                + "\": it has neither phase \"full\" nor phase \"incremental\", and so no job.",
            "`deploy/pg2adb schema` does what it asks for.");
      }
      return new Application(task, file, JobJar.path(), savepoint, parallelism);
    }
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description =
          "Stops the cluster. Jobs end with it; submitted again, they go on where the ledger or a savepoint says. With high"
              + " availability they only pause, and go on when the cluster is started again.")
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
