package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether tables that are to be copied into have rows. */
final class ExistingRows implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SINK_ROWS);
  }

  /**
   * As many as are asked for by name; of the others their size tells. On segments sizes do not tell
   * at once, so every table is asked until so many have rows.
   */
  private static final int ASKED = 200;

  /** How much room the tables take. */
  private static final String SIZES =
      """
      SELECT c.oid::int8 AS oid, sum(pg_relation_size(c.oid)) AS bytes
        FROM pg_class c WHERE c.oid = ANY (?) AND c.relkind = 'r' GROUP BY 1
      """;

  private static final String LEAVES =
      """
      WITH RECURSIVE tree(root, oid) AS (
        SELECT wanted.oid, wanted.oid FROM unnest(?::oid[]) AS wanted(oid)
        UNION ALL SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
      )
      SELECT root::int8 AS root, oid::int8 AS oid FROM tree
      """;

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    if (!inspection.options().phases().contains(Phase.FULL)) {
      throw new SkippedException("the task has no phase full");
    }
    Set<TableName> loaded = inspection.ledger().loaded();
    Map<Long, SinkTable> fresh = new LinkedHashMap<>();
    for (SinkTable table : inspection.sinkTables().values()) {
      if (table.isTable() && table.mayWrite() && !loaded.contains(table.name())) {
        fresh.put(table.oid(), table);
      }
    }
    if (fresh.isEmpty()) {
      return List.of();
    }
    return assess(withRows(inspection, fresh));
  }

  private static List<TableName> withRows(Inspection inspection, Map<Long, SinkTable> fresh)
      throws SQLException, SkippedException {
    Connection sink = inspection.sink();
    boolean isDistributed = inspection.target().distributed();
    Set<Long> candidates = isDistributed ? fresh.keySet() : withBytes(sink, fresh.keySet());
    List<TableName> withRows = new ArrayList<>();
    int asked = 0;
    for (Long oid : candidates) {
      SinkTable table = fresh.get(oid);
      boolean isCounted = !isDistributed && asked++ >= ASKED;
      if (table != null && (isCounted || hasRow(sink, table))) {
        withRows.add(table.name());
      }
      if (isDistributed && withRows.size() == ASKED) {
        break;
      }
    }
    return withRows;
  }

  /** The tables that take room, they or their partitions. */
  private static Set<Long> withBytes(Connection sink, Set<Long> oids) throws SQLException {
    Map<Long, Long> roots = new HashMap<>();
    Query.all(
        sink,
        LEAVES,
        row -> roots.put(row.getLong("oid"), row.getLong("root")),
        (Object) oids.toArray(Long[]::new));
    Set<Long> sized = new TreeSet<>();
    Query.all(
        sink,
        SIZES,
        row -> row.getLong("bytes") > 0 && sized.add(roots.getOrDefault(row.getLong("oid"), 0L)),
        (Object) roots.keySet().toArray(Long[]::new));
    return sized;
  }

  private static boolean hasRow(Connection sink, SinkTable table) throws SQLException {
    String only = table.kind() == 'p' ? "" : "ONLY ";
    return Query.one(
        sink,
        "SELECT EXISTS (SELECT 1 FROM " + only + Sql.quote(table.name()) + ")",
        row -> row.getBoolean(1));
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
