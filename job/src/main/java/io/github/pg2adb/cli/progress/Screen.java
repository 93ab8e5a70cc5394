package io.github.pg2adb.cli.progress;

import java.io.IOException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * What standard output is.
 *
 * @param isTerminal whether a person sees it on a terminal, which understands cursor movements
 * @param width how many characters a line has there
 * @param height how many lines it shows
 */
public record Screen(boolean isTerminal, int width, int height) {

  /** A file, a pipe, or a terminal that can do nothing. */
  public static final Screen PLAIN = new Screen(false, Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static final int USUAL_WIDTH = 80;
  private static final int USUAL_HEIGHT = 24;

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
      Size size = terminal.getSize();
      return new Screen(
          true,
          size.getColumns() > 0 ? size.getColumns() : USUAL_WIDTH,
          size.getRows() > 0 ? size.getRows() : USUAL_HEIGHT);
    } catch (IOException e) {
      // Not knowing the terminal is no reason to fail.
      return PLAIN;
    }
  }
}
