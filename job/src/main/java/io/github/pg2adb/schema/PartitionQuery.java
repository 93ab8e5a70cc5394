package io.github.pg2adb.schema;

import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.Partitioning.Partition;
import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads how partitioned tables are cut, for all tables at once. */
final class PartitionQuery {

  /** What users made, such as functions in keys, has an oid of 16384 or more. */
  private static final String SQL =
      """
      WITH RECURSIVE tree(oid, parent) AS (
        SELECT selected.oid, NULL::oid FROM unnest(?::oid[]) AS selected(oid)
          JOIN pg_partitioned_table p ON p.partrelid = selected.oid
        UNION ALL
        SELECT i.inhrelid, tree.oid
          FROM tree JOIN pg_partitioned_table p ON p.partrelid = tree.oid
          JOIN pg_inherits i ON i.inhparent = tree.oid
      )
      SELECT tree.oid::int8 AS oid, COALESCE(tree.parent::int8, 0) AS parent, n.nspname, c.relname,
             pg_get_expr(c.relpartbound, c.oid) AS bound,
             pg_get_partkeydef(c.oid) AS key, p.partstrat,
             CASE WHEN p.partexprs IS NULL
                  THEN ARRAY(SELECT a.attname::text FROM unnest(p.partattrs::int2[]) WITH ORDINALITY AS k(attnum, position)
                               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum ORDER BY k.position)
                  ELSE ARRAY[]::text[] END AS columns,
             EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.refobjid >= 16384
                        AND d.refclassid IN ('pg_proc'::regclass, 'pg_opclass'::regclass, 'pg_operator'::regclass,
                                             'pg_collation'::regclass)) AS own_objects
        FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
      """;

  private PartitionQuery() {}

  /** A table or partition; {@code strategy} is empty for one that holds rows. */
  private record Node(
      long oid,
      long parent,
      TableName name,
      @Nullable String bound,
      @Nullable String key,
      String strategy,
      List<String> columns,
      boolean ownObjects) {}

  /** By the root's oid. */
  static Map<Long, Partitioning> read(CatalogSession session, List<Long> tables)
      throws SQLException {
    Map<Long, Partitioning> found = new HashMap<>();
    if (session.major() < 10) {
      return found;
    }
    List<Node> nodes =
        session.query(
            SQL,
            tables,
            row ->
                new Node(
                    row.getLong("oid"),
                    row.getLong("parent"),
                    new TableName(row.getString("nspname"), row.getString("relname")),
                    row.getString("bound"),
                    row.getString("key"),
                    row.getString("partstrat") == null ? "" : row.getString("partstrat"),
                    CatalogSession.strings(row, "columns"),
                    row.getBoolean("own_objects")));
    Map<Long, List<Node>> children = nodes.stream().collect(Collectors.groupingBy(Node::parent));
    for (Node root : children.getOrDefault(0L, List.of())) {
      Partitioning partitioning = partitioning(root, children);
      if (partitioning != null) {
        found.put(root.oid(), partitioning);
      }
    }
    return found;
  }

  private static @Nullable Partitioning partitioning(Node node, Map<Long, List<Node>> children) {
    String key = node.key();
    if (key == null) {
      return null;
    }
    return new Partitioning(
        key,
        node.strategy().charAt(0),
        node.columns(),
        node.ownObjects(),
        children.getOrDefault(node.oid(), List.of()).stream()
            .map(
                child ->
                    new Partition(
                        child.name(), String.valueOf(child.bound()), partitioning(child, children)))
            .sorted(Comparator.comparing(Partition::name))
            .toList());
  }
}
