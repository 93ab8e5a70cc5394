package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.List;

/**
 * A view or materialized view.
 *
 * @param oid its oid
 * @param name schema and name
 * @param materialized whether it keeps its rows
 * @param columns its columns' names
 * @param options its options as {@code name=value}
 * @param query the server's own text of its query
 */
record SourceView(
    long oid,
    TableName name,
    boolean materialized,
    List<String> columns,
    List<String> options,
    String query) {

  SourceView {
    columns = List.copyOf(columns);
    options = List.copyOf(options);
  }

  CatalogRef ref() {
    return CatalogRef.relation(oid);
  }

  String words() {
    return materialized ? "materialized view" : "view";
  }

  /** The views with these oids, by name. */
  static List<SourceView> read(CatalogSession session, List<Long> oids) throws SQLException {
    return session.query(
        """
        SELECT c.oid::int8 AS oid, n.nspname, c.relname, c.relkind = 'm' AS materialized,
               ARRAY(SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
               COALESCE(c.reloptions, '{}') AS options, pg_get_viewdef(c.oid) AS query
          FROM unnest(?::oid[]) AS selected(oid)
          JOIN pg_class c ON c.oid = selected.oid JOIN pg_namespace n ON n.oid = c.relnamespace
         ORDER BY n.nspname, c.relname
        """,
        oids,
        row ->
            new SourceView(
                row.getLong("oid"),
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getBoolean("materialized"),
                CatalogSession.strings(row, "columns"),
                CatalogSession.strings(row, "options"),
                row.getString("query")));
  }
}
