package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether tables that are to be copied into have rows. */
final class ExistingRows implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SINK_ROWS, PrecheckCode.SINK_KEPT_ROWS);
  }

  /** As many as are asked for by name; of the others their size tells. */
  private static final int ASKED = 200;

  /** Which of these tables take room. */
  private static final String WITH_BYTES =
      """
      SELECT c.oid::int8 AS oid FROM pg_catalog.pg_class c
       WHERE c.oid = ANY (?) AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
      """;

  /**
   * The same on segments, all at once: each asks its own pg_class for the sizes of its own files,
   * where pg_relation_size on the coordinator asks all segments once per table. The size is in
   * WHERE because what is in the list of results may be computed behind a motion, on a segment that
   * the row does not come from.
   */
  private static final String WITH_BYTES_ON_SEGMENTS =
      WITH_BYTES.replace("pg_catalog.pg_class c", "gp_dist_random('pg_catalog.pg_class') c");

  /** The tables and their partitions, and whether their size says nothing for all we know. */
  private static final String LEAVES =
      """
      WITH RECURSIVE tree(root, oid) AS (
        SELECT wanted.oid, wanted.oid FROM unnest(?::oid[]) AS wanted(oid)
        UNION ALL SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
      )
      SELECT tree.root::int8 AS root, tree.oid::int8 AS oid,
             EXISTS (SELECT 1 FROM pg_am am WHERE am.oid = c.relam
                        AND am.amname NOT IN ('heap', 'ao_row', 'ao_column')) AS unmeasured
        FROM tree JOIN pg_class c ON c.oid = tree.oid
      """;

  /** A table, or a partition of one. */
  private record Leaf(long root, long oid, boolean isUnmeasured) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    if (!inspection.options().phases().contains(Phase.FULL)) {
      throw new SkippedException("the task has no phase full");
    }
    if (inspection.options().keepsTables()) {
      return kept(inspection);
    }
    List<Finding> findings = new ArrayList<>(assess(withRows(inspection, fresh(inspection))));
    findings.add(
        Finding.skipped(
            PrecheckCode.SINK_KEPT_ROWS, "sink.on-existing-table is fail: no rows are kept"));
    return findings;
  }

  /** Only rows without a key cannot be told from those that come. */
  private static List<Finding> kept(Inspection inspection) throws SQLException, SkippedException {
    RoutedSchema routed = inspection.routed();
    Set<TableName> withoutKey = new TreeSet<>();
    for (TableSchema table : routed.source().tables()) {
      if (table.identityKey().isEmpty()
          && table.primaryKey().isEmpty()
          && table.chunkKey().isEmpty()) {
        withoutKey.add(routed.route(table.name()).target());
      }
    }
    Map<Long, SinkTable> fresh = fresh(inspection);
    fresh.values().removeIf(table -> !withoutKey.contains(table.name()));
    List<Finding> findings = new ArrayList<>(assessKept(withRows(inspection, fresh)));
    findings.add(
        Finding.skipped(
            PrecheckCode.SINK_ROWS, "sink.on-existing-table is keep: rows that are there stay"));
    return findings;
  }

  /** The tables into which the task has not copied yet. */
  private static Map<Long, SinkTable> fresh(Inspection inspection)
      throws SQLException, SkippedException {
    RoutedSchema routed = inspection.routed();
    Set<TableName> loaded =
        inspection.ledger().loaded().stream()
            .map(table -> routed.route(table).target())
            .collect(Collectors.toSet());
    Map<Long, SinkTable> fresh = new LinkedHashMap<>();
    for (SinkTable table : inspection.sinkTables().values()) {
      if (table.isTable() && table.mayWrite() && !loaded.contains(table.name())) {
        fresh.put(table.oid(), table);
      }
    }
    return fresh;
  }

  private static List<TableName> withRows(Inspection inspection, Map<Long, SinkTable> fresh)
      throws SQLException, SkippedException {
    if (fresh.isEmpty()) {
      return List.of();
    }
    Connection sink = inspection.sink();
    List<Leaf> leaves = leaves(sink, fresh.keySet());
    Set<Long> withBytes = withBytes(sink, inspection.target().distributed(), leaves);
    Set<Long> unmeasured = new TreeSet<>();
    Set<Long> candidates = new TreeSet<>();
    for (Leaf leaf : leaves) {
      if (leaf.isUnmeasured()) {
        unmeasured.add(leaf.root());
      }
      if (leaf.isUnmeasured() || withBytes.contains(leaf.oid())) {
        candidates.add(leaf.root());
      }
    }
    List<TableName> withRows = new ArrayList<>();
    int asked = 0;
    for (Long oid : candidates) {
      SinkTable table = fresh.get(oid);
      if (table == null) {
        continue;
      }
      boolean isCounted = !unmeasured.contains(oid) && asked++ >= ASKED;
      if (isCounted || hasRow(sink, table)) {
        withRows.add(table.name());
      }
    }
    return withRows;
  }

  private static List<Leaf> leaves(Connection sink, Set<Long> oids) throws SQLException {
    return Query.all(
        sink,
        LEAVES,
        row -> new Leaf(row.getLong("root"), row.getLong("oid"), row.getBoolean("unmeasured")),
        (Object) oids.toArray(Long[]::new));
  }

  /** The oids of those that take room. */
  private static Set<Long> withBytes(Connection sink, boolean isDistributed, List<Leaf> leaves)
      throws SQLException {
    return Set.copyOf(
        Query.all(
            sink,
            isDistributed ? WITH_BYTES_ON_SEGMENTS : WITH_BYTES,
            row -> row.getLong("oid"),
            (Object) leaves.stream().map(Leaf::oid).distinct().toArray(Long[]::new)));
  }

  private static boolean hasRow(Connection sink, SinkTable table) throws SQLException {
    String only = table.kind() == 'p' ? "" : "ONLY ";
    return Query.one(
        sink,
        "SELECT EXISTS (SELECT 1 FROM " + only + Sql.quote(table.name()) + ")",
        row -> row.getBoolean(1));
  }

  static List<Finding> assessKept(List<TableName> withRows) {
    return withRows.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_KEPT_ROWS,
                withRows.stream().map(TableName::toString).toList(),
                "These tables have rows and no key: the source's rows are added beside them.",
                Mend.onSink(
                    withRows.stream().map(name -> "TRUNCATE TABLE " + Sql.quote(name)).toList())));
  }

  static List<Finding> assess(List<TableName> withRows) {
    return withRows.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_ROWS,
                withRows.stream().map(TableName::toString).toList(),
                "These tables have rows that this task did not copy.",
                Mend.onSink(
                    withRows.stream().map(name -> "TRUNCATE TABLE " + Sql.quote(name)).toList())));
  }
}
