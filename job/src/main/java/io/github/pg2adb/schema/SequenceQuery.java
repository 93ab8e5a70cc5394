package io.github.pg2adb.schema;

import io.github.pg2adb.model.SequenceNames;
import io.github.pg2adb.model.SequenceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the sequences that tables own or take defaults from. */
final class SequenceQuery {

  private static final String SEQUENCES =
      """
      SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL) AS type, s.seqstart, s.seqincrement, s.seqmin,
             s.seqmax, s.seqcache, s.seqcycle, tn.nspname AS table_schema, t.relname AS table_name, a.attname,
             d.deptype = 'i' AS identity, %s AS last_value
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
        LEFT JOIN pg_class t ON t.oid = d.refobjid
        LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
       ORDER BY n.nspname, c.relname
      """;

  private SequenceQuery() {}

  /**
   * A sequence and where it stands.
   *
   * @param lastValue the last value that it gave, null if it gave none or the role may not see it
   */
  record Found(SequenceSchema schema, @Nullable Long lastValue) {}

  /** Those of the tables, by name; none before release 10, whose catalog has no such rows. */
  static List<SequenceSchema> read(CatalogSession session, List<TableSchema> tables)
      throws SQLException {
    return query(session, tables, "NULL::int8").stream().map(Found::schema).toList();
  }

  /** As {@link #read}, with where each stands now. */
  static List<Found> readValues(CatalogSession session, List<TableSchema> tables)
      throws SQLException {
    return query(
        session,
        tables,
        "CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END");
  }

  private static List<Found> query(
      CatalogSession session, List<TableSchema> tables, String lastValue) throws SQLException {
    if (session.major() < 10) {
      return List.of();
    }
    Set<TableName> names = tables.stream().map(TableSchema::name).collect(Collectors.toSet());
    Set<TableName> used =
        tables.stream()
            .flatMap(table -> table.columns().stream())
            .filter(Ddl::hasDefault)
            .flatMap(
                column -> SequenceNames.in(String.valueOf(column.defaultExpression())).stream())
            .collect(Collectors.toSet());
    return session.query(SEQUENCES.formatted(lastValue), Set.of(), SequenceQuery::sequence).stream()
        .filter(
            found ->
                used.contains(found.schema().name())
                    || (found.schema().owner() != null
                        && names.contains(found.schema().owner().table())))
        .toList();
  }

  private static Found sequence(ResultSet row) throws SQLException {
    @Nullable String table = row.getString("table_name");
    long value = row.getLong("last_value");
    @Nullable Long lastValue = row.wasNull() ? null : value;
    return new Found(
        new SequenceSchema(
            new TableName(row.getString("nspname"), row.getString("relname")),
            row.getString("type"),
            row.getLong("seqstart"),
            row.getLong("seqincrement"),
            row.getLong("seqmin"),
            row.getLong("seqmax"),
            row.getLong("seqcache"),
            row.getBoolean("seqcycle"),
            table == null
                ? null
                : new ColumnName(
                    new TableName(row.getString("table_schema"), table), row.getString("attname")),
            row.getBoolean("identity")),
        lastValue);
  }
}
