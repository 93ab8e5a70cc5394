package io.github.pg2adb.cli.progress;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Shows progress: on a terminal as bars that are drawn over each other, elsewhere as a line every
 * few seconds. For one thread; nobody else may print between {@link #show} and {@link #finish}.
 */
public final class ProgressDisplay {

  private static final long LINE_INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int BAR_WIDTH = 24;

  /** What stands below the tables, however many these are. */
  private static final int SUMMARY_LINES = 4;

  private final PrintWriter out;
  private final Screen screen;
  private final Frame frame;
  private final Speed rowSpeed = new Speed();
  private final Speed byteSpeed = new Speed();
  private final Speed changeSpeed = new Speed();
  private final long startNanos;
  private long lastLineNanos;

  /**
   * @param out where to
   * @param screen what is there
   */
  public ProgressDisplay(PrintWriter out, Screen screen) {
    this.out = out;
    this.screen = screen;
    this.frame = new Frame(out, screen);
    this.startNanos = System.nanoTime();
    this.lastLineNanos = startNanos;
  }

  /**
   * Shows how far the task is.
   *
   * @param note what else to say, such as what the caller is doing
   */
  public void show(Progress progress, String note) {
    long now = System.nanoTime();
    Speeds speeds =
        new Speeds(
            rowSpeed.perSecond(now, progress.rows()),
            byteSpeed.perSecond(now, progress.bytes()),
            changeSpeed.perSecond(now, progress.changes()));
    if (screen.isTerminal()) {
      frame.draw(frame(progress, speeds, note), SUMMARY_LINES);
    } else if (now - lastLineNanos >= LINE_INTERVAL_NANOS) {
      lastLineNanos = now;
      out.println(line(Duration.ofNanos(now - startNanos), progress, speeds, note));
      out.flush();
    }
  }

  /** Leaves what was drawn last, so that others may print below. */
  public void finish() {
    frame.finish();
  }

  static List<String> frame(Progress progress, Speeds speeds, String note) {
    List<String> lines = tableLines(progress.tables());
    lines.add("");
    lines.add("  full load  " + fullLoad(progress, speeds));
    lines.add("  changes    " + changes(progress, speeds));
    lines.add("  " + note);
    return lines;
  }

  /** A bar for every table. */
  static List<String> tableLines(List<Progress.Table> tables) {
    int nameWidth = tables.stream().mapToInt(table -> table.title().length()).max().orElse(0);
    return tables.stream()
        .map(
            table ->
                String.format(
                    Locale.ROOT,
                    "  %-" + Math.max(nameWidth, 8) + "s %s %4s %12s rows %10s",
                    table.title(),
                    bar(table),
                    percent(table.rows(), table.expectedRows(), table.isLoaded()),
                    Wording.count(table.rows()),
                    Wording.bytes(table.bytes())))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  static String line(Duration elapsed, Progress progress, Speeds speeds, String note) {
    return String.format(
        Locale.ROOT,
        "[%4d s] full load %s | changes %s | %s",
        elapsed.toSeconds(),
        fullLoad(progress, speeds),
        changes(progress, speeds),
        note);
  }

  private static String fullLoad(Progress progress, Speeds speeds) {
    String share = percent(progress.rows(), progress.expectedRows(), progress.isLoaded());
    String done =
        share.strip()
            + ", "
            + Wording.count(progress.rows())
            + " rows, "
            + Wording.bytes(progress.bytes());
    return progress.isLoaded()
        ? done
        : done
            + ", "
            + Wording.count(speeds.rows())
            + " rows/s, "
            + Wording.bytes(speeds.bytes())
            + "/s";
  }

  private static String changes(Progress progress, Speeds speeds) {
    if (!progress.isLoaded()) {
      return "wait for the full load, " + Wording.bytes(progress.bytesBehind()) + " of WAL so far";
    }
    return Wording.count(progress.changes())
        + " applied, "
        + Wording.count(speeds.changes())
        + "/s, lag "
        + progress.lag().map(Wording::time).orElse("not known yet")
        + ", "
        + Wording.bytes(progress.bytesBehind());
  }

  private static String bar(Progress.Table table) {
    long whole = table.expectedRows();
    long full = table.isLoaded() ? BAR_WIDTH : whole == 0 ? 0 : BAR_WIDTH * table.rows() / whole;
    return "█".repeat((int) full) + "░".repeat((int) (BAR_WIDTH - full));
  }

  /** 100% is only said when it is done. */
  static String percent(long part, long whole, boolean isDone) {
    return isDone ? "100%" : (whole == 0 ? 0 : Math.min(99, 100 * part / whole)) + "%";
  }

  /**
   * Growth per second.
   *
   * @param rows rows of the full load
   * @param bytes bytes of the full load
   * @param changes row changes from the WAL
   */
  record Speeds(long rows, long bytes, long changes) {}
}
