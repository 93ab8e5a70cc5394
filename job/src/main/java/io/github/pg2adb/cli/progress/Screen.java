package io.github.pg2adb.cli.progress;

import java.io.IOException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * What standard output is.
 *
 * @param isTerminal whether a person sees it on a terminal, which understands cursor movements
 * @param width how many characters a line has there
 */
public record Screen(boolean isTerminal, int width) {

  /** A file, a pipe, or a terminal that can do nothing. */
  public static final Screen PLAIN = new Screen(false, Integer.MAX_VALUE);

  private static final int USUAL_WIDTH = 80;

  /** Looks at this process's standard output. */
  public static Screen detect() {
    try (Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .systemOutput(TerminalBuilder.SystemOutput.SysOut)
            .dumb(true)
            .build()) {
      if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
        return PLAIN;
      }
      return new Screen(
          true,
          terminal.getSize().getColumns() > 0 ? terminal.getSize().getColumns() : USUAL_WIDTH);
    } catch (IOException e) {
      // Not knowing the terminal is no reason to fail.
      return PLAIN;
    }
  }
}
