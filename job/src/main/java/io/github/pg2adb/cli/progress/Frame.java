package io.github.pg2adb.cli.progress;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.WCWidth;

/** Lines on a terminal that are drawn over those before. For one thread. */
final class Frame {

  private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";
  private static final String CLEAR_REST_OF_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintWriter out;
  private Screen screen;
  private int drawnLines;

  Frame(PrintWriter out, Screen screen) {
    this.out = out;
    this.screen = screen;
  }

  /**
   * Takes in what size the terminal has by now. It has broken the lines anew if that is another, so
   * that nobody knows where they begin: all is drawn anew.
   */
  void resize(Screen now) {
    if (now.isTerminal() && !now.equals(screen)) {
      screen = now;
      if (drawnLines > 0) {
        out.print(CLEAR_SCREEN);
        drawnLines = 0;
      }
    }
  }

  /**
   * Draws lines over those that were drawn before. What has scrolled out of the terminal cannot be
   * drawn over, so there are never more than it shows: those in the middle are left out.
   *
   * @param lines all of them
   * @param last how many of the last ones are shown in any case
   */
  void draw(List<String> lines, int last) {
    List<String> fitting = fit(lines, last);
    StringBuilder frame = new StringBuilder();
    if (drawnLines > 0) {
      frame.append("\u001b[").append(drawnLines).append('F');
    }
    for (String line : fitting) {
      frame.append(cut(line)).append(CLEAR_REST_OF_LINE).append('\n');
    }
    // Lines that the last frame had below.
    frame.append(CLEAR_BELOW);
    drawnLines = fitting.size();
    out.print(frame);
    out.flush();
  }

  /** Leaves what was drawn last, so that others may print below. */
  void finish() {
    drawnLines = 0;
  }

  /** The cursor stands below the last line. */
  private List<String> fit(List<String> lines, int last) {
    int room = Math.max(1, screen.height() - 1);
    if (lines.size() <= room) {
      return lines;
    }
    int kept = Math.min(last, room);
    int first = room - kept - 1;
    List<String> fitting = new ArrayList<>();
    if (first >= 0) {
      fitting.addAll(lines.subList(0, first));
      fitting.add("  ... " + (lines.size() - kept - first) + " lines more");
    }
    fitting.addAll(lines.subList(lines.size() - kept, lines.size()));
    return fitting;
  }

  /**
   * As many characters as are sure to stay on one line, some of which take two columns; the last
   * column stays free, since terminals differ in where the cursor is behind it. Whatever would move
   * the cursor, as a line feed in an error's text does, becomes a blank.
   */
  private String cut(String line) {
    StringBuilder kept = new StringBuilder();
    int columns = 0;
    for (int i = 0; i < line.length(); ) {
      int character = line.codePointAt(i);
      i += Character.charCount(character);
      int width = WCWidth.wcwidth(character);
      columns += width < 0 ? 1 : width;
      if (columns >= screen.width()) {
        break;
      }
      kept.appendCodePoint(width < 0 ? ' ' : character);
    }
    return kept.toString();
  }
}
