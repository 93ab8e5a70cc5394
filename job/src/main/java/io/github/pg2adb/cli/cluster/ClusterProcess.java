package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A process of the cluster, known beyond this one by its pid file: the pid, and in the second line
 * when the process began, so that another that got the number is never taken for it.
 *
 * @param name such as {@code jobmanager} or {@code taskmanager-1}
 * @param file the pid file
 */
record ClusterProcess(String name, Path file) {

  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final String ENDING = ".pid";
  private static final int TAIL_LINES = 15;

  static ClusterProcess of(FlinkHome home, String name) {
    return new ClusterProcess(name, home.processes().resolve(name + ENDING));
  }

  /** The processes that have a pid file, each before those that it needs. */
  static List<ClusterProcess> all(FlinkHome home) {
    if (!Files.isDirectory(home.processes())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(home.processes())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(ENDING))
          .map(file -> of(home, file.substring(0, file.length() - ENDING.length())))
          .sorted(Comparator.comparing(ClusterProcess::rank).thenComparing(ClusterProcess::name))
          .toList();
    } catch (IOException e) {
      throw failed("list the processes in " + home.processes(), e);
    }
  }

  private int rank() {
    return switch (name) {
      case LocalCluster.ZOOKEEPER -> 2;
      case LocalCluster.JOB_MANAGER -> 1;
      default -> 0;
    };
  }

  /**
   * Starts it in the background, beyond the end of this process and of its terminal.
   *
   * @param output what it prints besides its log
   */
  Process start(ProcessBuilder builder, Path output) {
    builder.command().add(0, "nohup");
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(output.toFile());
    try {
      Process process = builder.start();
      Files.writeString(file, process.pid() + "\n" + began(process.toHandle()) + "\n");
      return process;
    } catch (IOException e) {
      throw failed("start the " + name, e);
    }
  }

  private static String began(ProcessHandle handle) {
    return handle.info().startInstant().map(Instant::toString).orElse("unknown");
  }

  /** The process, if it is alive. */
  Optional<ProcessHandle> handle() {
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() < 2) {
        return Optional.empty();
      }
      return ProcessHandle.of(Long.parseLong(lines.get(0)))
          .filter(ProcessHandle::isAlive)
          .filter(handle -> began(handle).equals(lines.get(1)));
    } catch (IOException e) {
      throw failed("read " + file, e);
    }
  }

  /** Ends it, by force if it does not end by itself, and forgets it. */
  void stop() {
    Optional<ProcessHandle> running = handle();
    if (running.isPresent()) {
      ProcessHandle process = running.get();
      CompletableFuture<ProcessHandle> end = process.onExit();
      process.destroy();
      if (!isOver(end)) {
        process.destroyForcibly();
        if (!isOver(end)) {
          throw new MigrationException(
              ErrorKind.FAIL, "Cannot end the " + name + ", process " + process.pid(), "");
        }
      }
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failed("delete " + file, e);
    }
  }

  private static boolean isOver(CompletableFuture<ProcessHandle> end) {
    try {
      end.get(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Why it ended, for an error message: our own error if it logged one, or its last lines. */
  String lastWords(FlinkHome home) {
    try {
      for (String ending : List.of(".log", ".out")) {
        Path log = home.logs().resolve(name + ending);
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        if (!lines.isEmpty()) {
          return String.join("\n", lastWords(lines));
        }
      }
      return "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  static List<String> lastWords(List<String> log) {
    String error = MigrationException.class.getName() + ": ";
    for (int i = log.size() - 1; i >= 0; i--) {
      int at = log.get(i).indexOf(error);
      if (at >= 0) {
        List<String> words = new ArrayList<>(List.of(log.get(i).substring(at + error.length())));
        log.subList(i + 1, log.size()).stream()
            .takeWhile(line -> !line.startsWith("\tat ") && !line.startsWith("Caused by: "))
            .forEach(words::add);
        return words;
      }
    }
    return log.subList(Math.max(0, log.size() - TAIL_LINES), log.size());
  }

  private static MigrationException failed(String what, IOException cause) {
    return new MigrationException(
        ErrorKind.FAIL, "Cannot " + what + ": " + cause.getMessage(), "", cause);
  }
}
