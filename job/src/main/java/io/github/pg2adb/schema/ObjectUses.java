package io.github.pg2adb.schema;

import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the source's views, indexes and constraints use, for those whose names change.
 *
 * @param relations the tables and views that a view names
 * @param routines the oids of the functions that an object needs, directly or through others
 * @param columns the columns of tables that a view, index or constraint names; only read if some
 *     are not migrated
 */
record ObjectUses(
    Map<CatalogRef, List<TableName>> relations,
    Map<CatalogRef, Set<Long>> routines,
    Map<CatalogRef, Set<ColumnName>> columns) {

  private static final String COLUMNS =
      """
      SELECT CASE WHEN r.oid IS NOT NULL THEN 'pg_class' ELSE dc.relname END AS class,
             COALESCE(r.ev_class, d.objid)::int8 AS object, n.nspname, c.relname, a.attname
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = selected.oid AND d.refobjsubid > 0
        JOIN pg_class dc ON dc.oid = d.classid
        JOIN pg_class c ON c.oid = selected.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
       WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_class'::regclass, 'pg_constraint'::regclass)
      """;

  static final ObjectUses NOTHING = new ObjectUses(Map.of(), Map.of(), Map.of());

  /** Reads which columns of the tables with these oids are named. */
  static Map<CatalogRef, Set<ColumnName>> columns(CatalogSession session, List<Long> tables)
      throws SQLException {
    Map<CatalogRef, Set<ColumnName>> columns = new HashMap<>();
    session.query(
        COLUMNS,
        tables,
        row ->
            columns
                .computeIfAbsent(
                    new CatalogRef(row.getString("class"), row.getLong("object")),
                    ref -> new TreeSet<>())
                .add(
                    new ColumnName(
                        new TableName(row.getString("nspname"), row.getString("relname")),
                        row.getString("attname"))));
    return columns;
  }

  /** The functions of each object. */
  static Map<CatalogRef, Set<Long>> routines(Dependencies dependencies, Set<CatalogRef> objects) {
    Map<CatalogRef, Set<Long>> routines = new HashMap<>();
    for (CatalogRef object : objects) {
      for (CatalogRef needed : dependencies.closure(Set.of(object))) {
        if (needed.catalog().equals("pg_proc")) {
          routines.computeIfAbsent(object, ref -> new TreeSet<>()).add(needed.oid());
        }
      }
    }
    return routines;
  }

  /** The relations that each view names. */
  static Map<CatalogRef, List<TableName>> relations(
      Dependencies dependencies, List<SourceView> views, Map<Long, TableName> names) {
    Map<CatalogRef, List<TableName>> relations = new HashMap<>();
    for (SourceView view : views) {
      List<TableName> named = new ArrayList<>();
      for (CatalogRef needed : dependencies.of(view.ref())) {
        TableName name = needed.catalog().equals("pg_class") ? names.get(needed.oid()) : null;
        if (name != null && !name.equals(view.name())) {
          named.add(name);
        }
      }
      relations.put(view.ref(), named);
    }
    return relations;
  }
}
