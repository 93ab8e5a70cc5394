package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A secondary index that no constraint owns.
 *
 * @param oid its oid
 * @param tableOid the oid of what it is on
 * @param table the table or materialized view that it is on
 * @param name its name, in the schema of the table
 * @param method the access method
 * @param unique whether it is a unique index
 * @param nullsNotDistinct whether NULLs are equal to it
 * @param valid whether the source uses it
 * @param keys what it is sorted or found by, in order
 * @param included the columns that it only holds
 * @param predicate the condition of a partial index, null without one
 * @param options its storage parameters as {@code name=value}
 */
record SourceIndex(
    long oid,
    long tableOid,
    TableName table,
    String name,
    String method,
    boolean unique,
    boolean nullsNotDistinct,
    boolean valid,
    List<Key> keys,
    List<String> included,
    @Nullable String predicate,
    List<String> options) {

  SourceIndex {
    keys = List.copyOf(keys);
    included = List.copyOf(included);
    options = List.copyOf(options);
  }

  /**
   * A key column.
   *
   * @param column the column's name, null for an expression
   * @param expression the expression in parentheses, or the column as the server writes it
   * @param collation the qualified, quoted collation if it is not the column's own, else null
   * @param operatorClass the qualified, quoted operator class if it is not the default, else null
   * @param descending whether it sorts downwards
   * @param nullsFirst whether NULLs come first
   */
  record Key(
      @Nullable String column,
      String expression,
      @Nullable String collation,
      @Nullable String operatorClass,
      boolean descending,
      boolean nullsFirst) {}

  TableName qualifiedName() {
    return new TableName(table.schema(), name);
  }

  /** The key's columns without its expressions. */
  List<String> keyColumns() {
    return keys.stream().map(Key::column).filter(java.util.Objects::nonNull).toList();
  }

  /** Whether an expression or a condition belongs to it. */
  boolean isExpression() {
    return predicate != null || keys.stream().anyMatch(key -> key.column() == null);
  }

  /** Its expressions and its condition. */
  String text() {
    return keys.stream().map(Key::expression).collect(Collectors.joining(" "))
        + (predicate == null ? "" : " " + predicate);
  }

  private static final String INDEXES =
      """
      SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS table_oid, tn.nspname, t.relname, c.relname AS name,
             am.amname, i.indisunique, %s AS nulls_not_distinct, i.indisvalid, %s AS key_count,
             pg_get_expr(i.indpred, i.indrelid) AS predicate,
             COALESCE(c.reloptions, '{}') AS options,
             k.columns, k.expressions, k.collations, k.classes, k.flags
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_index i ON i.indrelid = selected.oid
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_am am ON am.oid = c.relam
        JOIN pg_class t ON t.oid = i.indrelid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
       CROSS JOIN LATERAL (
         SELECT array_agg(COALESCE(a.attname, '')::text ORDER BY p.position) AS columns,
                array_agg(pg_get_indexdef(i.indexrelid, p.position + 1, false) ORDER BY p.position) AS expressions,
                array_agg(CASE WHEN co.oid IS NULL OR co.oid = COALESCE(a.attcollation, 100) THEN ''
                               ELSE quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END
                          ORDER BY p.position) AS collations,
                array_agg(CASE WHEN o.oid IS NULL OR o.opcdefault THEN ''
                               ELSE quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END
                          ORDER BY p.position) AS classes,
                array_agg(COALESCE(i.indoption[p.position], 0)::int8 ORDER BY p.position) AS flags
           FROM generate_series(0, i.indnatts - 1) AS p(position)
           LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.position] AND a.attnum <> 0
           LEFT JOIN pg_collation co ON co.oid = i.indcollation[p.position]
           LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
           LEFT JOIN pg_opclass o ON o.oid = i.indclass[p.position]
           LEFT JOIN pg_namespace opn ON opn.oid = o.opcnamespace
       ) k
       WHERE NOT i.indisprimary
         AND NOT EXISTS (SELECT FROM pg_constraint con
                          WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x'))
       ORDER BY tn.nspname, t.relname, c.relname
      """;

  /** Every such index of the relations, by table and name. */
  static List<SourceIndex> read(CatalogSession session, List<Long> relations) throws SQLException {
    return session.query(
        INDEXES.formatted(
            session.since(15, "i.indnullsnotdistinct", "false"),
            session.since(11, "i.indnkeyatts", "i.indnatts")),
        relations,
        SourceIndex::index);
  }

  private static SourceIndex index(ResultSet row) throws SQLException {
    List<String> columns = CatalogSession.strings(row, "columns");
    List<String> expressions = CatalogSession.strings(row, "expressions");
    List<String> collations = CatalogSession.strings(row, "collations");
    List<String> classes = CatalogSession.strings(row, "classes");
    List<Long> flags = CatalogSession.longs(row, "flags");
    int keyCount = row.getInt("key_count");
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < keyCount; i++) {
      // pg_index.indoption: 1 is INDOPTION_DESC, 2 is INDOPTION_NULLS_FIRST
      keys.add(
          new Key(
              nullIfEmpty(columns.get(i)),
              expressions.get(i),
              nullIfEmpty(collations.get(i)),
              nullIfEmpty(classes.get(i)),
              (flags.get(i) & 1) != 0,
              (flags.get(i) & 2) != 0));
    }
    return new SourceIndex(
        row.getLong("oid"),
        row.getLong("table_oid"),
        new TableName(row.getString("nspname"), row.getString("relname")),
        row.getString("name"),
        row.getString("amname"),
        row.getBoolean("indisunique"),
        row.getBoolean("nulls_not_distinct"),
        row.getBoolean("indisvalid"),
        keys,
        columns.subList(keyCount, columns.size()),
        row.getString("predicate"),
        CatalogSession.strings(row, "options"));
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text;
  }
}
