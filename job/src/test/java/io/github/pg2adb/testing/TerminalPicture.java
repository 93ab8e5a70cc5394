package io.github.pg2adb.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a terminal shows after it was sent some text. It knows as much as progress displays need.
 *
 * @param lines from top to bottom, without blanks at their ends
 * @param scrolled the lines that have left at the top
 */
public record TerminalPicture(List<String> lines, List<String> scrolled) {

  public TerminalPicture {
    lines = List.copyOf(lines);
    scrolled = List.copyOf(scrolled);
  }

  private static final Pattern SEQUENCE = Pattern.compile("\u001b\\[(\\d*)([A-Za-z])");

  /** Sends the text to an empty terminal. */
  public static TerminalPicture of(String text, int width, int height) {
    Drawing drawing = new Drawing(width, height);
    Matcher sequence = SEQUENCE.matcher(text);
    for (int i = 0; i < text.length(); ) {
      if (text.charAt(i) == '\u001b') {
        if (!sequence.find(i) || sequence.start() != i) {
          // cut off by the end of what has arrived
          break;
        }
        drawing.execute(sequence.group(2).charAt(0), sequence.group(1));
        i = sequence.end();
      } else {
        drawing.print(text.charAt(i++));
      }
    }
    return new TerminalPicture(
        Arrays.stream(drawing.cells).map(line -> new String(line).stripTrailing()).toList(),
        drawing.scrolled);
  }

  private static final class Drawing {
    private final char[][] cells;
    private final int width;
    private final List<String> scrolled = new ArrayList<>();
    private int row;
    private int column;

    Drawing(int width, int height) {
      this.width = width;
      this.cells = new char[height][width];
      Arrays.stream(cells).forEach(line -> Arrays.fill(line, ' '));
    }

    void print(char character) {
      if (character == '\r') {
        column = 0;
      } else if (character == '\n') {
        feed();
      } else {
        if (column == width) {
          column = 0;
          feed();
        }
        cells[row][column++] = character;
      }
    }

    private void feed() {
      if (row < cells.length - 1) {
        row++;
        return;
      }
      scrolled.add(new String(cells[0]));
      System.arraycopy(cells, 1, cells, 0, cells.length - 1);
      cells[row] = new char[width];
      Arrays.fill(cells[row], ' ');
    }

    void execute(char command, String number) {
      switch (command) {
        case 'F' -> {
          row = Math.max(0, row - Integer.parseInt(number));
          column = 0;
        }
        case 'H' -> {
          row = 0;
          column = 0;
        }
        case 'K' -> Arrays.fill(cells[row], column, width, ' ');
        case 'J' -> {
          boolean isWhole = number.equals("2");
          Arrays.fill(cells[row], isWhole ? 0 : column, width, ' ');
          for (int below = isWhole ? 0 : row + 1; below < cells.length; below++) {
            Arrays.fill(cells[below], ' ');
          }
        }
        default -> throw new IllegalArgumentException("ESC [ " + number + command);
      }
    }
  }
}
