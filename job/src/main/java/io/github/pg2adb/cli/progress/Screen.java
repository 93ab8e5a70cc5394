package io.github.pg2adb.cli.progress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /** JLine would ask the terminal itself, whose answers would appear as if they were typed. */
  private static final String QUESTION =
      "test \"${TERM:-dumb}\" != dumb && test -t 1 && stty size </dev/tty >&2";

  private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");

  /** Looks at this process's standard output. */
  public static Screen detect() {
    try {
      Process shell =
          new ProcessBuilder("sh", "-c", QUESTION)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();
      Matcher size =
          SIZE.matcher(
              new String(shell.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII));
      return shell.waitFor() == 0 && size.matches()
          ? new Screen(true, or(size.group(2), USUAL_WIDTH), or(size.group(1), USUAL_HEIGHT))
          : PLAIN;
    } catch (IOException e) {
      // Not knowing the terminal is no reason to fail.
      return PLAIN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PLAIN;
    }
  }

  /** A terminal that does not know its size says 0. */
  private static int or(String number, int otherwise) {
    int value = Integer.parseInt(number);
    return value > 0 ? value : otherwise;
  }
}
