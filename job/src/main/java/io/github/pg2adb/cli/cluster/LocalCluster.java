package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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

/** One JobManager and some TaskManagers as processes of this machine. For one thread. */
final class LocalCluster {

  private static final String JOB_MANAGER = "jobmanager";
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(250);

  private final FlinkHome home;

  LocalCluster(FlinkHome home) {
    this.home = home;
  }

  /** The processes that are alive, TaskManagers before the JobManager. */
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
   * Starts everything and waits until jobs can be submitted. What is left of a cluster without a
   * JobManager is stopped before, and what was started is stopped again if that fails.
   *
   * @param taskManagers how many
   * @param changes keys and values that win over those of the configuration folder
   * @throws MigrationException with the last lines of the log if a process ends
   */
  void start(int taskManagers, Map<String, String> changes) {
    stop();
    Configuration configuration = home.assemble(changes);
    checkFree(configuration, RestOptions.PORT, RestOptions.BIND_ADDRESS);
    checkFree(configuration, JobManagerOptions.PORT, JobManagerOptions.BIND_HOST);
    try (FlinkClient client = FlinkClient.of(configuration)) {
      ClusterProcess jobManager = startJobManager(configuration);
      await(client, List.of(jobManager), overview -> true);
      List<ClusterProcess> processes = new ArrayList<>(List.of(jobManager));
      for (int number = 1; number <= taskManagers; number++) {
        processes.add(startTaskManager(configuration, number));
      }
      await(client, processes, overview -> overview.taskManagers() >= taskManagers);
    } catch (RuntimeException e) {
      stop();
      throw e;
    }
  }

  /**
   * Starts the TaskManagers that a running cluster lacks, with the configuration that it has.
   *
   * @param taskManagers how many there shall be at least
   * @return how many were started
   */
  int complete(int taskManagers) {
    Configuration configuration = home.configuration();
    List<ClusterProcess> started = new ArrayList<>();
    for (int number = 1; number <= taskManagers; number++) {
      if (ClusterProcess.of(home, taskManager(number)).handle().isEmpty()) {
        started.add(startTaskManager(configuration, number));
      }
    }
    if (!started.isEmpty()) {
      try (FlinkClient client = FlinkClient.of(configuration)) {
        await(client, started, overview -> overview.taskManagers() >= taskManagers);
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

  private ClusterProcess startJobManager(Configuration configuration) {
    JobManagerProcessSpec memory =
        JobManagerProcessUtils.processSpecFromConfigWithNewOptionToInterpretLegacyHeap(
            configuration, JobManagerOptions.JVM_HEAP_MEMORY);
    return start(
        JOB_MANAGER,
        options(
            configuration,
            JobManagerProcessUtils.generateJvmParametersStr(memory, configuration),
            CoreOptions.FLINK_JM_JVM_OPTIONS),
        FlinkJvm.JOB_MANAGER,
        JobManagerProcessUtils.generateDynamicConfigsStr(memory));
  }

  private ClusterProcess startTaskManager(Configuration configuration, int number) {
    TaskExecutorProcessSpec memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    return start(
        taskManager(number),
        options(
            configuration,
            ProcessMemoryUtils.generateJvmParametersStr(memory),
            CoreOptions.FLINK_TM_JVM_OPTIONS),
        FlinkJvm.TASK_MANAGER,
        TaskExecutorProcessUtils.generateDynamicConfigsStr(memory));
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

  private ClusterProcess start(
      String name, List<String> jvmOptions, String mainClass, String dynamicOptions) {
    ClusterProcess process = ClusterProcess.of(home, name);
    Path conf = home.configurationFolder();
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("-Dlog.file=" + home.logs().resolve(name + ".log"));
    options.add("-Dlog4j2.configurationFile=" + conf.resolve("log4j.properties"));
    List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
    words(dynamicOptions).forEach(arguments::add);
    process.start(
        home.jvm().process(options, mainClass, arguments), home.logs().resolve(name + ".out"));
    return process;
  }

  private void await(
      FlinkClient client, List<ClusterProcess> processes, Predicate<FlinkClient.Overview> goal) {
    long started = System.nanoTime();
    while (!isReached(client, goal)) {
      for (ClusterProcess process : processes) {
        if (process.handle().isEmpty()) {
          throw new MigrationException(
              ErrorKind.FAIL,
              "Cannot start Flink: the " + process.name() + " ended:\n" + process.lastWords(home),
              "The whole log is in " + home.logs() + ".");
        }
      }
      if (System.nanoTime() - started > START_LIMIT.toNanos()) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot start Flink: it was not ready after " + START_LIMIT.toSeconds() + " s.",
            "The logs are in " + home.logs() + ".");
      }
      pause();
    }
  }

  private static boolean isReached(FlinkClient client, Predicate<FlinkClient.Overview> goal) {
    try {
      return goal.test(client.overview());
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
   * Stops every process, TaskManagers first.
   *
   * @return how many were alive
   */
  int stop() {
    int alive = running().size();
    ClusterProcess.all(home).forEach(ClusterProcess::stop);
    return alive;
  }
}
