package io.github.pg2adb.cli.demo;

import io.github.pg2adb.cli.progress.Wording;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.verify.RowDifference;
import io.github.pg2adb.verify.TableResult;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the demo ended.
 *
 * @param tables every table's comparison
 * @param changes how many rows of each table the shop changed
 * @param fullLoad what the full load moved
 * @param transactions source transactions applied from the WAL
 * @param appliedChanges row changes applied from the WAL
 * @param lags what was measured while the shop was busy and the full load was over, in any order
 */
record DemoResult(
    List<TableResult> tables,
    Map<TableName, Long> changes,
    FullLoad fullLoad,
    long transactions,
    long appliedChanges,
    List<Duration> lags) {

  DemoResult {
    tables = List.copyOf(tables);
    changes = Map.copyOf(changes);
    lags = List.copyOf(lags);
  }

  /**
   * What the full load moved.
   *
   * @param rows rows
   * @param bytes bytes of COPY data
   * @param time from the start of the job until the last table was copied
   */
  record FullLoad(long rows, long bytes, Duration time) {}

  /** Whether every table is equal. */
  boolean isEqual() {
    return tables.stream().allMatch(TableResult::equal);
  }

  /** For people: a line per table, some of the differing rows, and the sums. */
  void print(PrintWriter out) {
    int width =
        Math.max(5, tables.stream().mapToInt(t -> t.table().toString().length()).max().orElse(0));
    String row = "  %-" + width + "s %12s %12s %12s   %s%n";
    out.printf(Locale.ROOT, row, "table", "source", "destination", "changes", "by value");
    for (TableResult table : tables) {
      out.printf(
          Locale.ROOT,
          row,
          table.table(),
          Wording.count(table.sourceRows()),
          Wording.count(table.targetRows()),
          Wording.count(changes.getOrDefault(table.table(), 0L)),
          table.equal() ? "equal" : "DIFFERENT");
    }
    out.println();
    tables.stream().filter(table -> !table.equal()).forEach(table -> printDifferences(out, table));
    out.println(summary());
    out.flush();
  }

  private static void printDifferences(PrintWriter out, TableResult table) {
    out.printf(
        Locale.ROOT,
        "%s: %s rows missing, %s extra, %s different%n",
        table.table(),
        Wording.count(table.missing()),
        Wording.count(table.extra()),
        Wording.count(table.different()));
    for (RowDifference difference : table.sample()) {
      out.println(
          "  " + difference.kind().name().toLowerCase(Locale.ROOT) + " " + difference.row());
    }
    out.println();
  }

  private String summary() {
    List<String> parts = new ArrayList<>();
    double seconds = Math.max(0.001, fullLoad.time().toMillis() / 1000.0);
    parts.add(
        String.format(
            Locale.ROOT,
            "full load %s rows, %s in %.1f s (%s rows/s, %s/s)",
            Wording.count(fullLoad.rows()),
            Wording.bytes(fullLoad.bytes()),
            seconds,
            Wording.count(Math.round(fullLoad.rows() / seconds)),
            Wording.bytes(Math.round(fullLoad.bytes() / seconds))));
    parts.add(
        Wording.count(appliedChanges)
            + " changes in "
            + Wording.count(transactions)
            + " transactions applied");
    if (!lags.isEmpty()) {
      parts.add(
          "lag p50 " + Wording.time(percentile(50)) + ", p99 " + Wording.time(percentile(99)));
    }
    long equal = tables.stream().filter(TableResult::equal).count();
    parts.add(
        isEqual()
            ? "all " + tables.size() + " tables are equal"
            : (tables.size() - equal) + " of " + tables.size() + " tables DIFFER");
    return String.join("; ", parts) + ".";
  }

  private Duration percentile(int percent) {
    List<Duration> sorted = lags.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
