package io.github.pg2adb.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fails a test in whose destination rows were wrong, for good: the build runs a test that failed a
 * second time, since processes, ports and clocks of a loaded machine may fail it, but a row that
 * was wrong once is a fault of ours however the second run ends. So what was wrong is kept in a
 * file, and the build fails where there is one.
 */
final class WrongRows {

  private WrongRows() {}

  /** Fails unless the list is empty. */
  static void assertNone(String what, List<String> wrong) {
    if (wrong.isEmpty()) {
      return;
    }
    String message = what + ":\n" + String.join("\n", wrong);
    AssertionError error = new AssertionError(message);
    try {
      Path folder = Path.of(System.getProperty("pg2adb.target", "target"), "wrong-rows");
      Files.createDirectories(folder);
      StringBuilder text = new StringBuilder(message).append('\n');
      for (StackTraceElement frame : error.getStackTrace()) {
        text.append("  at ").append(frame).append('\n');
      }
      Files.writeString(Files.createTempFile(folder, "wrong-", ".txt"), text);
    } catch (IOException e) {
      error.addSuppressed(new UncheckedIOException(e));
    }
    throw error;
  }
}
