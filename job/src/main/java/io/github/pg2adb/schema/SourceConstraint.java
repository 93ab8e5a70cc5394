package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A constraint of a table besides primary key and NOT NULL.
 *
 * @param oid its oid
 * @param table its table
 * @param name its name
 * @param kind what it is
 * @param columns the columns that it is about, in its order
 * @param included the columns that a unique constraint's index only holds
 * @param definition the server's own text of it, {@code CHECK (...)}
 * @param validated whether all rows of the source obey it
 * @param nullsNotDistinct whether NULLs are equal to a unique constraint
 * @param timing {@code DEFERRABLE ...} or empty
 * @param reference what a foreign key refers to, else null
 */
record SourceConstraint(
    long oid,
    TableName table,
    String name,
    Kind kind,
    List<String> columns,
    List<String> included,
    String definition,
    boolean validated,
    boolean nullsNotDistinct,
    String timing,
    @Nullable Reference reference) {

  SourceConstraint {
    columns = List.copyOf(columns);
    included = List.copyOf(included);
  }

  /** The sorts of constraint, as pg_constraint.contype has them. */
  enum Kind {
    CHECK('c', "check constraint"),
    UNIQUE('u', "unique constraint"),
    EXCLUSION('x', "exclusion constraint"),
    FOREIGN_KEY('f', "foreign key");

    private final char letter;
    private final String words;

    Kind(char letter, String words) {
      this.letter = letter;
      this.words = words;
    }

    String words() {
      return words;
    }

    private static Kind of(char letter) {
      for (Kind kind : values()) {
        if (kind.letter == letter) {
          return kind;
        }
      }
      throw new IllegalArgumentException("Not a kind of constraint that was asked for: " + letter);
    }
  }

  /**
   * What a foreign key refers to.
   *
   * @param table the table
   * @param columns its columns, in the order of the key's
   * @param match pg_constraint.confmatchtype: s or f
   * @param onUpdate pg_constraint.confupdtype: a, r, c, n or d
   * @param onDelete pg_constraint.confdeltype
   * @param onDeleteColumns the columns that SET NULL or SET DEFAULT is limited to, empty for all
   */
  record Reference(
      TableName table,
      List<String> columns,
      char match,
      char onUpdate,
      char onDelete,
      List<String> onDeleteColumns) {}

  private static final String CONSTRAINTS =
      """
      SELECT k.oid::int8 AS oid, tn.nspname, t.relname, k.conname, k.contype, k.convalidated,
             k.condeferrable, k.condeferred, pg_get_constraintdef(k.oid) AS definition,
             ARRAY(SELECT a.attname::text FROM generate_subscripts(k.conkey, 1) s
                     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[s] ORDER BY s) AS columns,
             %1$s AS included, %2$s AS nulls_not_distinct,
             rn.nspname AS ref_schema, r.relname AS ref_table,
             ARRAY(SELECT a.attname::text FROM generate_subscripts(k.confkey, 1) s
                     JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = k.confkey[s] ORDER BY s) AS ref_columns,
             k.confmatchtype, k.confupdtype, k.confdeltype, %3$s AS delete_columns
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_constraint k ON k.conrelid = selected.oid AND k.contype IN ('c', 'u', 'x', 'f')
        JOIN pg_class t ON t.oid = k.conrelid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
        LEFT JOIN pg_class r ON r.oid = k.confrelid
        LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
        LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'u'
       WHERE %4$s
       ORDER BY tn.nspname, t.relname, k.conname
      """;

  private static final String INCLUDED =
      """
      ARRAY(SELECT a.attname::text FROM generate_series(i.indnkeyatts::int, i.indnatts - 1) s
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = i.indkey[s] ORDER BY s)""";

  private static final String DELETE_COLUMNS =
      """
      ARRAY(SELECT a.attname::text FROM unnest(k.confdelsetcols) s
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = s)""";

  /** Every such constraint of the tables, by table and name. */
  static List<SourceConstraint> read(CatalogSession session, List<Long> tables)
      throws SQLException {
    return session.query(
        CONSTRAINTS.formatted(
            session.since(11, INCLUDED, "'{}'::text[]"),
            session.since(15, "COALESCE(i.indnullsnotdistinct, false)", "false"),
            session.since(15, DELETE_COLUMNS, "'{}'::text[]"),
            // a key that refers to a partitioned table has rows for its partitions, too
            session.since(11, "k.conparentid = 0", "true")),
        tables,
        SourceConstraint::constraint);
  }

  private static SourceConstraint constraint(ResultSet row) throws SQLException {
    String timing =
        row.getBoolean("condeferrable")
            ? row.getBoolean("condeferred") ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE"
            : "";
    return new SourceConstraint(
        row.getLong("oid"),
        new TableName(row.getString("nspname"), row.getString("relname")),
        row.getString("conname"),
        Kind.of(row.getString("contype").charAt(0)),
        CatalogSession.strings(row, "columns"),
        CatalogSession.strings(row, "included"),
        row.getString("definition"),
        row.getBoolean("convalidated"),
        row.getBoolean("nulls_not_distinct"),
        timing,
        reference(row));
  }

  private static @Nullable Reference reference(ResultSet row) throws SQLException {
    @Nullable String table = row.getString("ref_table");
    return table == null
        ? null
        : new Reference(
            new TableName(row.getString("ref_schema"), table),
            CatalogSession.strings(row, "ref_columns"),
            row.getString("confmatchtype").charAt(0),
            row.getString("confupdtype").charAt(0),
            row.getString("confdeltype").charAt(0),
            CatalogSession.strings(row, "delete_columns"));
  }
}
