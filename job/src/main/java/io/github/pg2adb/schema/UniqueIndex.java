package io.github.pg2adb.schema;

import java.sql.SQLException;
import java.util.List;

/**
 * A valid unique index without expressions or predicate.
 *
 * @param table the table's oid
 * @param name the index's name
 * @param columns its key columns in key order
 * @param primary whether it is the primary key
 * @param replicaIdentity whether REPLICA IDENTITY USING INDEX names it
 * @param immediate whether it is checked at once, not at the end of the transaction
 * @param notNull whether all its columns refuse NULL
 * @param sorted whether it is a btree in the types' default order, by which a table can be cut
 */
record UniqueIndex(
    long table,
    String name,
    List<String> columns,
    boolean primary,
    boolean replicaIdentity,
    boolean immediate,
    boolean notNull,
    boolean sorted) {

  /** Every such index of the tables, by table and name. */
  static List<UniqueIndex> read(CatalogSession session, List<Long> tables) throws SQLException {
    return session.query(
        """
        SELECT i.indrelid::int8 AS indrelid, c.relname, i.indisprimary, i.indisreplident, i.indimmediate,
               am.amname = 'btree' AND NOT i.indisexclusion AND k.default_order AS sorted,
               k.columns, k.not_null
          FROM unnest(?::oid[]) AS selected(oid)
          JOIN pg_index i ON i.indrelid = selected.oid
          JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_am am ON am.oid = c.relam
         CROSS JOIN LATERAL (
           SELECT array_agg(a.attname::text ORDER BY p.position) AS columns,
                  bool_and(a.attnotnull) AS not_null,
                  bool_and(o.opcdefault) AS default_order
             FROM generate_series(0, i.%s - 1) AS p(position)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.position]
             JOIN pg_opclass o ON o.oid = i.indclass[p.position]
         ) k
         WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
         ORDER BY i.indrelid, c.relname
        """
            .formatted(session.since(11, "indnkeyatts", "indnatts")),
        tables,
        row ->
            new UniqueIndex(
                row.getLong("indrelid"),
                row.getString("relname"),
                CatalogSession.strings(row, "columns"),
                row.getBoolean("indisprimary"),
                row.getBoolean("indisreplident"),
                row.getBoolean("indimmediate"),
                row.getBoolean("not_null"),
                row.getBoolean("sorted")));
  }
}
