package io.github.pg2adb.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code deploy/pg2adb} as a person does: a process of its own, from the job jar that {@code
 * package} has made. For one thread.
 */
public final class Launcher {

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final Path folder;
  private final Map<String, String> environment;
  private int runs;

  /**
   * @param folder where outputs go
   * @param environment what the processes have besides ours
   */
  public Launcher(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /**
   * How a run ended.
   *
   * @param exitCode of the process
   * @param output standard output, then standard error
   */
  public record Result(int exitCode, String output) {}

  /** The folder of the repository. */
  public static Path repository() {
    return Path.of(System.getProperty("pg2adb.target", "target"))
        .toAbsolutePath()
        .getParent()
        .getParent();
  }

  /** Runs a command to its end. */
  public Result run(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(repository().resolve("deploy/pg2adb").toString());
    command.addAll(List.of(arguments));
    Path out = folder.resolve("launcher-" + ++runs + ".out");
    Path err = folder.resolve("launcher-" + runs + ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    builder.redirectOutput(out.toFile());
    builder.redirectError(err.toFile());
    try {
      Process process = builder.start();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            command + " does not end: " + Files.readString(out) + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out) + Files.readString(err));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
