package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.model.TypeSchema.EnumType;
import io.github.pg2adb.model.TypeSchema.RangeType;
import io.github.pg2adb.schema.TableQuery.ColumnType;
import io.github.pg2adb.schema.TypeGraph.Node;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the types of columns and everything below them: elements, base types, attributes, subtypes.
 */
final class TypeQuery {

  private TypeQuery() {}

  static TypeGraph read(CatalogSession session, List<ColumnType> columns) throws SQLException {
    List<Long> oids = columns.stream().map(ColumnType::type).distinct().toList();
    return new TypeGraph(
        session.query(
            """
            WITH RECURSIVE used(oid) AS (
              SELECT oid FROM unnest(?::oid[]) AS selected(oid)
              UNION
              SELECT below.oid
                FROM used JOIN pg_type t ON t.oid = used.oid
               CROSS JOIN LATERAL (%1$s) AS below(oid)
            )
            SELECT t.oid::int8 AS oid, n.nspname, t.typname, t.typtype, t.typnotnull,
                   ARRAY(SELECT below.oid::int8 FROM (%1$s) AS below(oid)) AS below,
                   x.extname, xn.nspname AS extension_schema,
                   CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
                        WHEN t.typtype = 'r' THEN format_type(r.rngsubtype, NULL) END AS base,
                   CASE WHEN co.oid <> bt.typcollation
                        THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation,
                   CASE WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, 0) END AS expression,
                   CASE WHEN t.typtype = 'e'
                        THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e
                                    WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END AS labels,
                   ARRAY(SELECT k.conname::text FROM pg_constraint k
                          WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname) AS check_names,
                   ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
                          WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname) AS check_definitions,
                   rel.relkind, %2$s, att.*
              FROM used JOIN pg_type t ON t.oid = used.oid
              JOIN pg_namespace n ON n.oid = t.typnamespace
              LEFT JOIN pg_class rel ON rel.oid = t.typrelid
              LEFT JOIN pg_range r ON r.rngtypid = t.oid
              LEFT JOIN pg_type bt ON bt.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE r.rngsubtype END
              LEFT JOIN pg_collation co
                ON co.oid = CASE WHEN t.typtype = 'd' THEN t.typcollation ELSE r.rngcollation END
              LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
              LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
                                   AND d.refclassid = 'pg_extension'::regclass
              LEFT JOIN pg_extension x ON x.oid = d.refobjid
              LEFT JOIN pg_namespace xn ON xn.oid = x.extnamespace
              LEFT JOIN LATERAL (
                SELECT array_agg(a.attname::text ORDER BY a.attnum) AS attribute_names,
                       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS attribute_types,
                       array_agg(CASE WHEN a.attcollation <> at.typcollation
                                      THEN quote_ident(acn.nspname) || '.' || quote_ident(aco.collname)
                                      ELSE '' END ORDER BY a.attnum) AS attribute_collations
                  FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                  LEFT JOIN pg_collation aco ON aco.oid = a.attcollation
                  LEFT JOIN pg_namespace acn ON acn.oid = aco.collnamespace
                 WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
              ) att ON true
            """
                .formatted(below(session), multirange(session)),
            oids,
            TypeQuery::node));
  }

  /** The types that type {@code t} is directly made of. */
  private static String below(CatalogSession session) {
    String direct =
        """
        SELECT t.typelem WHERE t.typlen = -1 AND t.typelem <> 0
        UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL SELECT ba.atttypid FROM pg_attribute ba
                   WHERE t.typtype = 'c' AND ba.attrelid = t.typrelid AND ba.attnum > 0 AND NOT ba.attisdropped
        UNION ALL SELECT br.rngsubtype FROM pg_range br WHERE br.rngtypid = t.oid
        """;
    return session.since(
        14,
        direct + "UNION ALL SELECT bm.rngtypid FROM pg_range bm WHERE bm.rngmultitypid = t.oid",
        direct);
  }

  /** The name of the multirange type that comes with a range type. */
  private static String multirange(CatalogSession session) {
    String column =
        "(SELECT %s FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid)";
    return session.since(
        14,
        column.formatted("mn.nspname")
            + " AS multirange_schema, "
            + column.formatted("m.typname")
            + " AS multirange",
        "NULL AS multirange_schema, NULL AS multirange");
  }

  private static Node node(ResultSet row) throws SQLException {
    TableName name = new TableName(row.getString("nspname"), row.getString("typname"));
    @Nullable String extension = row.getString("extname");
    boolean ours =
        extension == null
            && !name.schema().equals("pg_catalog")
            && !name.schema().equals("information_schema");
    return new Node(
        row.getLong("oid"),
        CatalogSession.longs(row, "below"),
        extension,
        row.getString("extension_schema"),
        ours ? type(name, row) : null);
  }

  /**
   * The description of what CREATE TYPE or CREATE DOMAIN made, null for arrays, row types of tables
   * and types made in C.
   */
  private static @Nullable TypeSchema type(TableName name, ResultSet row) throws SQLException {
    return switch (row.getString("typtype")) {
      case "e" -> new EnumType(name, CatalogSession.strings(row, "labels"));
      case "d" ->
          new DomainType(
              name,
              row.getString("base"),
              row.getString("collation"),
              row.getBoolean("typnotnull"),
              row.getString("expression"),
              checks(row));
      case "r" ->
          new RangeType(name, row.getString("base"), row.getString("collation"), multirange(row));
      case "c" ->
          "c".equals(row.getString("relkind")) ? new CompositeType(name, attributes(row)) : null;
      default -> null;
    };
  }

  private static @Nullable TableName multirange(ResultSet row) throws SQLException {
    String name = row.getString("multirange");
    return name == null ? null : new TableName(row.getString("multirange_schema"), name);
  }

  private static List<DomainType.Check> checks(ResultSet row) throws SQLException {
    List<String> names = CatalogSession.strings(row, "check_names");
    List<String> definitions = CatalogSession.strings(row, "check_definitions");
    List<DomainType.Check> checks = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      checks.add(new DomainType.Check(names.get(i), definitions.get(i)));
    }
    return checks;
  }

  private static List<CompositeType.Attribute> attributes(ResultSet row) throws SQLException {
    List<String> names = CatalogSession.strings(row, "attribute_names");
    List<String> types = CatalogSession.strings(row, "attribute_types");
    List<String> collations = CatalogSession.strings(row, "attribute_collations");
    List<CompositeType.Attribute> attributes = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String collation = collations.get(i);
      attributes.add(
          new CompositeType.Attribute(
              names.get(i), types.get(i), collation.isEmpty() ? null : collation));
    }
    return attributes;
  }
}
