package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * One JobManager and some TaskManagers as processes of this machine, and a ZooKeeper server if jobs
 * shall outlive the JobManager. For one thread.
 */
final class LocalCluster {

  /**
   * What is to be started.
   *
   * @param taskManagers how many
   * @param changes keys and values that win over those of the configuration folder
   * @param application the task that the cluster is for alone; empty for one that takes jobs
   * @param isHighlyAvailable whether jobs outlive their JobManager
   */
  record Plan(
      int taskManagers,
      Map<String, String> changes,
      Optional<Application> application,
      boolean isHighlyAvailable) {}

  /** A process that this one has started, which so knows how it ended. */
  private record Started(ClusterProcess process, Process child) {

    boolean isOver() {
      return process.handle().isEmpty();
    }

    /** Whether it was a JobManager whose one job has ended as it should. */
    boolean hasDoneItsJob(Plan plan) {
      return plan.application().isPresent()
          && process.name().equals(JOB_MANAGER)
          && !child.isAlive()
          && child.exitValue() == 0;
    }
  }

  static final String JOB_MANAGER = "jobmanager";
  static final String ZOOKEEPER = "zookeeper";

  private static final Duration START_LIMIT = Duration.ofMinutes(3);

  /** A precheck and a schema of thousands of tables. */
  private static final Duration PREPARATION_LIMIT = Duration.ofHours(2);

  private static final Duration LOOK_INTERVAL = Duration.ofMillis(250);

  private final FlinkHome home;

  LocalCluster(FlinkHome home) {
    this.home = home;
  }

  /** The processes that are alive, each before those that it needs. */
  List<ClusterProcess> running() {
    return ClusterProcess.all(home).stream()
        .filter(process -> process.handle().isPresent())
        .toList();
  }

  /** Whether the JobManager is alive, and so jobs may be. */
  boolean isRunning() {
    return ClusterProcess.of(home, JOB_MANAGER).handle().isPresent();
  }

  /** The REST interface of the cluster that was started last. */
  FlinkClient client() {
    return FlinkClient.of(FlinkHome.configurationOfCommands());
  }

  /**
   * Starts everything and waits until jobs can be submitted, or until the one job of the plan is
   * there. What is left of a cluster without a JobManager is stopped before, and what was started
   * is stopped again if that fails.
   *
   * @return whether the cluster runs; not if its one job has ended already
   * @throws MigrationException with the last lines of the log if a process ends
   */
  boolean start(Plan plan) {
    stop();
    Map<String, String> changes =
        plan.isHighlyAvailable()
            ? HighAvailability.addTo(plan.changes(), home, plan.application())
            : plan.changes();
    Configuration configuration = home.assemble(changes, plan.application().map(Application::jar));
    checkFree(configuration, RestOptions.PORT, RestOptions.BIND_ADDRESS);
    checkFree(configuration, JobManagerOptions.PORT, JobManagerOptions.BIND_HOST);
    boolean runs = false;
    try (FlinkClient client = FlinkClient.of(configuration)) {
      runs = startAll(plan, configuration, client);
      return runs;
    } finally {
      if (!runs) {
        stop();
      }
    }
  }

  private boolean startAll(Plan plan, Configuration configuration, FlinkClient client) {
    List<Started> processes = new ArrayList<>();
    if (plan.isHighlyAvailable()) {
      processes.add(start(ZOOKEEPER, HighAvailability.server(home, configuration)));
    }
    processes.add(startJobManager(configuration, plan.application()));
    if (!await(plan, processes, START_LIMIT, () -> client.overview().taskManagers() >= 0)) {
      return false;
    }
    for (int number = 1; number <= plan.taskManagers(); number++) {
      processes.add(startTaskManager(configuration, number));
    }
    return await(
            plan,
            processes,
            START_LIMIT,
            () -> client.overview().taskManagers() >= plan.taskManagers())
        && (plan.application().isEmpty()
            || await(plan, processes, PREPARATION_LIMIT, () -> !client.jobs().isEmpty()));
  }

  /**
   * Starts the TaskManagers that a running cluster lacks, with the configuration that it has.
   *
   * @param taskManagers how many there shall be at least
   * @return how many were started
   */
  int complete(int taskManagers) {
    Configuration configuration = home.configuration();
    List<Started> started = new ArrayList<>();
    for (int number = 1; number <= taskManagers; number++) {
      if (ClusterProcess.of(home, taskManager(number)).handle().isEmpty()) {
        started.add(startTaskManager(configuration, number));
      }
    }
    if (!started.isEmpty()) {
      Plan plan = new Plan(taskManagers, Map.of(), Optional.empty(), false);
      try (FlinkClient client = FlinkClient.of(configuration)) {
        await(plan, started, START_LIMIT, () -> client.overview().taskManagers() >= taskManagers);
      }
    }
    return started.size();
  }

  private static String taskManager(int number) {
    return "taskmanager-" + number;
  }

  private static void checkFree(
      Configuration configuration,
      ConfigOption<Integer> portOption,
      ConfigOption<String> hostOption) {
    int port = configuration.get(portOption);
    String host = Optional.ofNullable(configuration.get(hostOption)).orElse("localhost");
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot start Flink: "
              + portOption.key()
              + " is "
              + port
              + ", which is taken on "
              + host
              + " ("
              + e.getMessage()
              + ").",
          "Name another one: -D " + portOption.key() + "=PORT.",
          e);
    }
  }

  private Started startJobManager(Configuration configuration, Optional<Application> application) {
    JobManagerProcessSpec memory =
        JobManagerProcessUtils.processSpecFromConfigWithNewOptionToInterpretLegacyHeap(
            configuration, JobManagerOptions.JVM_HEAP_MEMORY);
    return start(
        JOB_MANAGER,
        options(
            configuration,
            JobManagerProcessUtils.generateJvmParametersStr(memory, configuration),
            CoreOptions.FLINK_JM_JVM_OPTIONS),
        application.isPresent() ? FlinkJvm.APPLICATION_JOB_MANAGER : FlinkJvm.JOB_MANAGER,
        JobManagerProcessUtils.generateDynamicConfigsStr(memory),
        application.map(Application::arguments).orElse(List.of()));
  }

  private Started startTaskManager(Configuration configuration, int number) {
    TaskExecutorProcessSpec memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    return start(
        taskManager(number),
        options(
            configuration,
            ProcessMemoryUtils.generateJvmParametersStr(memory),
            CoreOptions.FLINK_TM_JVM_OPTIONS),
        FlinkJvm.TASK_MANAGER,
        TaskExecutorProcessUtils.generateDynamicConfigsStr(memory),
        List.of());
  }

  private static List<String> options(
      Configuration configuration, String memory, ConfigOption<String> ofProcess) {
    return Stream.of(
            memory, configuration.get(CoreOptions.FLINK_JVM_OPTIONS), configuration.get(ofProcess))
        .flatMap(LocalCluster::words)
        .toList();
  }

  private static Stream<String> words(String text) {
    return Arrays.stream(text.trim().split("\\s+", -1)).filter(word -> !word.isEmpty());
  }

  private Started start(
      String name,
      List<String> jvmOptions,
      String mainClass,
      String dynamicOptions,
      List<String> mainArguments) {
    List<String> arguments =
        new ArrayList<>(List.of("--configDir", home.configurationFolder().toString()));
    words(dynamicOptions).forEach(arguments::add);
    arguments.addAll(mainArguments);
    return start(name, home.jvm().process(home.logging(jvmOptions, name), mainClass, arguments));
  }

  private Started start(String name, ProcessBuilder builder) {
    ClusterProcess process = ClusterProcess.of(home, name);
    return new Started(process, process.start(builder, home.logs().resolve(name + ".out")));
  }

  /**
   * @return whether the goal is reached; not if the one job of the plan has ended already
   */
  private boolean await(Plan plan, List<Started> processes, Duration limit, BooleanSupplier goal) {
    long started = System.nanoTime();
    while (!isReached(goal)) {
      for (Started process : processes) {
        if (process.isOver()) {
          if (process.hasDoneItsJob(plan)) {
            return false;
          }
          throw new MigrationException(
              ErrorKind.FAIL,
              "Cannot start Flink: the "
                  + process.process().name()
                  + " ended:\n"
                  + process.process().lastWords(home),
              "The whole log is in " + home.logs() + ".");
        }
      }
      if (System.nanoTime() - started > limit.toNanos()) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot start Flink: it was not ready after " + limit.toSeconds() + " s.",
            "The logs are in " + home.logs() + ".");
      }
      pause();
    }
    return true;
  }

  private static boolean isReached(BooleanSupplier goal) {
    try {
      return goal.getAsBoolean();
    } catch (MigrationException e) {
      // not yet
      return false;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while Flink starts", e);
    }
  }

  /**
   * Stops every process, each before those that it needs.
   *
   * @return how many were alive
   */
  int stop() {
    int alive = running().size();
    ClusterProcess.all(home).forEach(ClusterProcess::stop);
    return alive;
  }
}
