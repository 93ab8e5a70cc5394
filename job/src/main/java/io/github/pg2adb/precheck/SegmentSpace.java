package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether the rows fit on the segments. */
final class SegmentSpace implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SINK_SPACE);
  }

  /** What the fullest segment may have more than the average: keys are never spread evenly. */
  private static final double SKEW = 1.5;

  private static final double MIB = 1 << 20;

  private static final String SEGMENTS =
      "SELECT count(*) FROM gp_segment_configuration WHERE role = 'p' AND content >= 0";

  /** Answers in KiB. Every segment is counted as if it were alone on its disk, so it is divided. */
  private static final String FREE =
      """
      SELECT dfhostname, dfdevice, min(dfspace) * 1024 AS bytes, count(*) AS segments
        FROM gp_toolkit.gp_disk_free GROUP BY 1, 2 ORDER BY 3
      """;

  /**
   * A file system and how many segments are on it.
   *
   * @param bytes how much is free
   */
  record Disk(String name, long bytes, int segments) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    if (!inspection.target().distributed()) {
      throw new SkippedException("PostgreSQL cannot be asked how much room its disk has");
    }
    Set<TableName> loaded = inspection.ledger().loaded();
    long bytes =
        inspection.tables().stream()
            .filter(table -> !loaded.contains(table.name()))
            .mapToLong(TableSchema::bytes)
            .sum();
    int segments = Query.one(inspection.sink(), SEGMENTS, row -> row.getInt(1));
    List<Disk> disks =
        Query.all(
            inspection.sink(),
            FREE,
            row ->
                new Disk(row.getString(1) + " " + row.getString(2), row.getLong(3), row.getInt(4)));
    return assess(bytes, segments, disks);
  }

  static List<Finding> assess(long bytes, int segments, List<Disk> disks) {
    double perSegment = SKEW * bytes / Math.max(1, segments);
    List<String> full =
        disks.stream()
            .filter(disk -> disk.bytes() < perSegment * disk.segments())
            .map(
                disk ->
                    String.format(
                        Locale.ROOT,
                        "%s: %.0f MB free, %.0f MB needed by %d segments",
                        disk.name().strip(),
                        disk.bytes() / MIB,
                        perSegment * disk.segments() / MIB,
                        disk.segments()))
            .toList();
    return full.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_SPACE,
                full,
                "The selected tables take more room at the source than there is, if the fullest segment gets half as much again"
                    + " as the average.",
                Mend.byHand("Free or add disk space, or select fewer tables.")));
  }
}
