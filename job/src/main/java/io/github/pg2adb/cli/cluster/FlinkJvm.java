package io.github.pg2adb.cli.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a process of Flink is started from a folder of jars, without the scripts of Flink's
 * distribution.
 *
 * @param libraries the folder of Flink's jars
 * @param plugins the folder of Flink's plugins, one folder with jars each; need not exist
 * @param configuration the folder with {@code config.yaml}
 */
public record FlinkJvm(Path libraries, Path plugins, Path configuration) {

  /** The JobManager of a session cluster. */
  public static final String JOB_MANAGER =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";

  /** The JobManager of a cluster for one job, whose main method it runs (application mode). */
  public static final String APPLICATION_JOB_MANAGER =
      "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";

  /** A TaskManager. */
  public static final String TASK_MANAGER =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";

  /** The command line {@code flink}. */
  public static final String CLIENT = "org.apache.flink.client.cli.CliFrontend";

  /**
   * A process that is not started yet, in the environment of Flink's own scripts.
   *
   * @param jvmOptions for the JVM
   * @param mainClass what it runs
   * @param arguments for the main class
   */
  public ProcessBuilder process(List<String> jvmOptions, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(libraries + "/*");
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FLINK_CONF_DIR", configuration.toString());
    builder.environment().put("FLINK_LIB_DIR", libraries.toString());
    builder.environment().put("FLINK_PLUGINS_DIR", plugins.toString());
    builder.redirectErrorStream(true);
    return builder;
  }
}
