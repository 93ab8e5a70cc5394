package io.github.pg2adb.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that does the work of a contestant, with its output in a file. */
final class Child implements AutoCloseable {
  private static final long STOP_SECONDS = 60;
  private static final int SHOWN_LINES = 25;

  private final Process process;
  private final Path log;
  private final List<String> command;
  private final Thread exitHook;

  private Child(Process process, Path log, List<String> command) {
    this.process = process;
    this.log = log;
    this.command = command;
    // also when the bench is told to end: nothing it has started goes on alone
    this.exitHook = new Thread(process::destroyForcibly, "bench-exit");
    Runtime.getRuntime().addShutdownHook(exitHook);
  }

  static Child start(Path log, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
    builder.environment().putAll(environment);
    return new Child(builder.start(), log, command);
  }

  /** Whether a program of that name is on the PATH. */
  static boolean isInstalled(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(java.io.File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Waits for its end. @throws IllegalStateException if it fails, with the end of its output */
  void awaitSuccess() throws InterruptedException {
    int exitCode = process.waitFor();
    if (exitCode != 0) {
      throw failed("ended with exit code " + exitCode);
    }
  }

  boolean hasEnded() {
    return !process.isAlive();
  }

  /** Whether it has ended well; an ill end is an error. */
  boolean hasSucceeded() throws InterruptedException {
    if (process.isAlive()) {
      return false;
    }
    awaitSuccess();
    return true;
  }

  /** Fails if it has ended, which it should not have. */
  void checkRunning() {
    if (!process.isAlive()) {
      throw failed("ended too early");
    }
  }

  String output() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The most memory that it has had, in MB, which Linux keeps for as long as it lives; 0 elsewhere.
   */
  double peakMemoryMb() {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  /** Asks it to end as Ctrl-C does, and makes it end if it does not. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(exitHook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has run or is running, and finds nothing to do.
      return;
    }
  }

  private IllegalStateException failed(String how) {
    List<String> lines = output().lines().toList();
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "%s %s:%n%s",
            command.get(0),
            how,
            String.join(
                System.lineSeparator(),
                lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()))));
  }
}
