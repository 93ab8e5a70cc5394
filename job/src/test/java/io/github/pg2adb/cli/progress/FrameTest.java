package io.github.pg2adb.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FrameTest {

  private final StringWriter text = new StringWriter();
  private final Frame frame = frame(20, 6);

  private Frame frame(int width, int height) {
    return new Frame(new PrintWriter(text), new Screen(true, width, height));
  }

  private static List<String> numbered(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(number -> "line " + number).toList();
  }

  /** What the last frame printed. */
  private String drawn(List<String> lines, int last) {
    text.getBuffer().setLength(0);
    frame.draw(lines, last);
    return text.toString();
  }

  @Test
  void isDrawnOverItself() {
    assertThat(drawn(numbered(2), 0)).isEqualTo("line 1\u001b[K\nline 2\u001b[K\n\u001b[J");
    assertThat(drawn(List.of("short"), 0)).isEqualTo("\u001b[2Fshort\u001b[K\n\u001b[J");
    frame.finish();
    assertThat(drawn(List.of("below"), 0)).isEqualTo("below\u001b[K\n\u001b[J");
  }

  @Test
  void isNeverTallerThanTheTerminal() {
    assertThat(drawn(numbered(5), 0)).contains("line 5").doesNotContain("more");
    assertThat(drawn(numbered(9), 0).lines().map(line -> line.replace("\u001b[K", "")))
        .containsExactly(
            "\u001b[5Fline 1", "line 2", "line 3", "line 4", "  ... 5 lines more", "\u001b[J");
    assertThat(drawn(numbered(9), 2).lines().map(line -> line.replace("\u001b[K", "")))
        .containsExactly(
            "\u001b[5Fline 1", "line 2", "  ... 5 lines more", "line 8", "line 9", "\u001b[J");
    assertThat(drawn(numbered(9), 7).lines().map(line -> line.replace("\u001b[K", "")))
        .as("no room for anything but the last ones")
        .containsExactly("\u001b[5Fline 5", "line 6", "line 7", "line 8", "line 9", "\u001b[J");
  }

  @Test
  void aLineIsNeverWiderThanTheTerminal() {
    assertThat(drawn(List.of("123456789 123456789 123456789"), 0))
        .startsWith("123456789 123456789\u001b[K\n");
    assertThat(drawn(List.of("表格表格表格表格表格表格"), 0)).contains("表格表格表格表格表\u001b[K\n");
    assertThat(drawn(List.of("a\nb\u001b[2Jc\td"), 0)).contains("a b [2Jc d\u001b[K\n");
  }

  @Test
  void isDrawnAnewOnATerminalOfAnotherSize() {
    drawn(numbered(3), 0);
    text.getBuffer().setLength(0);

    frame.resize(new Screen(true, 20, 6));
    assertThat(text.toString()).isEmpty();
    frame.resize(Screen.PLAIN);
    assertThat(text.toString()).as("it could not be asked").isEmpty();
    frame.resize(new Screen(true, 6, 3));
    frame.draw(numbered(3), 0);

    assertThat(text.toString())
        .isEqualTo("\u001b[H\u001b[2Jline \u001b[K\n  ...\u001b[K\n\u001b[J");
  }
}
