package io.github.pg2adb.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process on a terminal of its own, as a person has it, by {@code script} of util-linux. For one
 * thread.
 */
public final class PseudoTerminal implements AutoCloseable {

  private static final int CTRL_C = 3;

  private final Process process;
  private final Path output;
  private final int width;
  private final int height;

  private PseudoTerminal(Process process, Path output, int width, int height) {
    this.process = process;
    this.output = output;
    this.width = width;
    this.height = height;
  }

  /** Whether this machine has the {@code script} that is needed. */
  public static boolean isAvailable() {
    try {
      Process script = new ProcessBuilder("script", "--version").redirectErrorStream(true).start();
      String version = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return script.waitFor() == 0 && version.contains("util-linux");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Starts a command.
   *
   * @param output the file that gets everything that is printed
   * @param command words of the shell
   */
  public static PseudoTerminal start(
      Path output, Map<String, String> environment, int width, int height, List<String> command)
      throws IOException {
    String line = "stty cols " + width + " rows " + height + "; exec " + String.join(" ", command);
    ProcessBuilder builder = new ProcessBuilder("script", "-qec", line, "/dev/null");
    builder.environment().put("TERM", "xterm");
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(output.toFile());
    return new PseudoTerminal(builder.start(), output, width, height);
  }

  /** Everything that was printed, with what moves the cursor. */
  public String text() throws IOException {
    return Files.readString(output);
  }

  /** What the terminal shows by now. */
  public TerminalPicture picture() throws IOException {
    return TerminalPicture.of(text(), width, height);
  }

  /** Presses Ctrl-C. */
  public void interrupt() throws IOException {
    OutputStream keyboard = process.getOutputStream();
    keyboard.write(CTRL_C);
    keyboard.flush();
  }

  /** The exit code of the process, which must end by itself. */
  public int awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("The process on the terminal does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
