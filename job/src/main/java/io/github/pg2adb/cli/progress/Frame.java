package io.github.pg2adb.cli.progress;

import java.io.PrintWriter;
import java.util.List;

/** Lines on a terminal that are drawn over those before. For one thread. */
final class Frame {

  private final PrintWriter out;
  private final int width;
  private int drawnLines;

  Frame(PrintWriter out, int width) {
    this.out = out;
    this.width = width;
  }

  void draw(List<String> lines) {
    StringBuilder frame = new StringBuilder();
    if (drawnLines > 0) {
      frame.append("\u001b[").append(drawnLines).append('F');
    }
    for (String line : lines) {
      frame.append(cut(line)).append("\u001b[K\n");
    }
    // Lines that the last frame had below.
    frame.append("\u001b[J");
    drawnLines = lines.size();
    out.print(frame);
    out.flush();
  }

  /** Leaves what was drawn last, so that others may print below. */
  void finish() {
    drawnLines = 0;
  }

  private String cut(String line) {
    return line.length() <= width ? line : line.substring(0, width);
  }
}
