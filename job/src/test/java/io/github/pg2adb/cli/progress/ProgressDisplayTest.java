package io.github.pg2adb.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.TableName;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {

  private static final Progress.Table HALF =
      new Progress.Table(new TableName("shop", "orders"), 1000, 500, 12_345, 2, 4);
  private static final Progress.Table DONE =
      new Progress.Table(new TableName("shop", "carts"), 90, 99, 999, 1, 1);

  @Test
  void aTableThatIsCalledOtherwiseHasBothNames() {
    TableName source = new TableName("shop", "orders_1");
    TableName target = new TableName("store", "orders");

    assertThat(
            ProgressDisplay.tableLines(List.of(new Progress.Table(source, target, 9, 9, 9, 1, 1))))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("  shop.orders_1 -> store.orders "));
  }

  @Test
  void linesSayHowFarTheFullLoadIs() {
    Progress progress =
        new Progress(
            List.of(DONE, HALF),
            new Lsn(5_000),
            Optional.of(new Lsn(1_000)),
            0,
            0,
            Optional.empty());

    assertThat(
            ProgressDisplay.line(
                Duration.ofSeconds(7),
                progress,
                new ProgressDisplay.Speeds(2_000, 3_500_000, 0),
                "busy"))
        .isEqualTo(
            "[   7 s] full load 54%, 599 rows, 13.3 kB, 2,000 rows/s, 3.5 MB/s"
                + " | changes wait for the full load, 4.0 kB of WAL so far | busy");
  }

  @Test
  void linesSayHowFarBehindTheDestinationIs() {
    Progress progress =
        new Progress(
            List.of(DONE),
            new Lsn(5_000),
            Optional.of(new Lsn(4_900)),
            3,
            1_234,
            Optional.of(Duration.ofMillis(321)));

    assertThat(
            ProgressDisplay.line(
                Duration.ofSeconds(70), progress, new ProgressDisplay.Speeds(0, 0, 250), "busy"))
        .isEqualTo(
            "[  70 s] full load 100%, 99 rows, 999 B"
                + " | changes 1,234 applied, 250/s, lag 321 ms, 100 B | busy");
  }

  @Test
  void barsAreFullOnlyWhenEveryChunkIsThere() {
    Progress progress =
        new Progress(List.of(DONE, HALF), new Lsn(5_000), Optional.empty(), 0, 0, Optional.empty());

    List<String> lines =
        ProgressDisplay.frame(progress, new ProgressDisplay.Speeds(0, 0, 0), "busy");

    assertThat(lines.get(0))
        .isEqualTo("  shop.carts  ████████████████████████ 100%           99 rows      999 B");
    assertThat(lines.get(1))
        .isEqualTo("  shop.orders ████████████░░░░░░░░░░░░  50%          500 rows    12.3 kB");
    assertThat(lines).last().isEqualTo("  busy");
  }

  @Test
  void aTerminalIsDrawnOverAndLinesAreCut() {
    StringWriter text = new StringWriter();
    ProgressDisplay display = new ProgressDisplay(new PrintWriter(text), new Screen(true, 20, 24));
    Progress progress =
        new Progress(List.of(DONE), new Lsn(1), Optional.empty(), 0, 0, Optional.empty());

    display.show(progress, "a note that is longer than twenty characters");
    display.show(progress, "second");

    assertThat(text.toString().split("\u001b\\[5F", -1)).hasSize(2);
    assertThat(text.toString()).contains("  a note that is lo\u001b[K\n").contains("  second");
  }

  @Test
  void theSummaryStaysWhereTheTablesDoNotFit() {
    StringWriter text = new StringWriter();
    ProgressDisplay display = new ProgressDisplay(new PrintWriter(text), new Screen(true, 80, 8));
    Progress progress =
        new Progress(
            Collections.nCopies(9, DONE), new Lsn(1), Optional.empty(), 0, 0, Optional.empty());

    display.show(progress, "the note");

    assertThat(text.toString().lines()).hasSize(8);
    assertThat(text.toString())
        .contains("shop.carts")
        .contains("  ... 7 lines more")
        .contains("  full load  100%")
        .contains("  the note");
  }

  @Test
  void elsewhereNothingIsPrintedBeforeTheIntervalIsOver() {
    StringWriter text = new StringWriter();
    ProgressDisplay display = new ProgressDisplay(new PrintWriter(text), Screen.PLAIN);

    display.show(
        new Progress(List.of(DONE), new Lsn(1), Optional.empty(), 0, 0, Optional.empty()), "busy");

    assertThat(text.toString()).isEmpty();
  }
}
