package io.github.pg2adb.schema;

import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the names of everything that a pattern could match, and what is a partition of what. */
final class RelationQuery {

  private RelationQuery() {}

  /**
   * The answer.
   *
   * @param relations every table, view and foreign table outside the system's schemas
   * @param roots the topmost partitioned table of every partition, by the partition's oid
   */
  record Result(List<SourceRelation> relations, Map<Long, TableName> roots) {}

  static Result read(CatalogSession session) throws SQLException {
    List<SourceRelation> relations =
        session.query(
            """
            SELECT c.oid::int8 AS oid, n.nspname, c.relname, c.relkind, c.relreplident,
                   c.relpersistence = 'u' AS unlogged, %s AS partition,
                   (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                     WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                       AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e') AS extension
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)'
            """
                .formatted(session.since(10, "c.relispartition", "false")),
            Set.of(),
            RelationQuery::relation);
    return new Result(relations, session.major() >= 10 ? roots(session, relations) : Map.of());
  }

  private static SourceRelation relation(ResultSet row) throws SQLException {
    return new SourceRelation(
        row.getLong("oid"),
        new TableName(row.getString("nspname"), row.getString("relname")),
        row.getString("relkind").charAt(0),
        row.getBoolean("unlogged"),
        row.getBoolean("partition"),
        row.getString("extension"),
        ReplicaIdentity.of(row.getString("relreplident").charAt(0)));
  }

  /** Climbs from every partition to its root. */
  private static Map<Long, TableName> roots(CatalogSession session, List<SourceRelation> relations)
      throws SQLException {
    Map<Long, Long> parents = new HashMap<>();
    session.query(
        """
        SELECT i.inhrelid::int8, i.inhparent::int8
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f')
        """,
        Set.of(),
        row -> parents.put(row.getLong(1), row.getLong(2)));
    Map<Long, TableName> names = new HashMap<>();
    relations.forEach(relation -> names.put(relation.oid(), relation.name()));
    Map<Long, TableName> roots = new HashMap<>();
    for (Long partition : parents.keySet()) {
      Long root = partition;
      while (parents.containsKey(root)) {
        root = parents.get(root);
      }
      TableName name = names.get(root);
      if (name != null) {
        roots.put(partition, name);
      }
    }
    return roots;
  }
}
