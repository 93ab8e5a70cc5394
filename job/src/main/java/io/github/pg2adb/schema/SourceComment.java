package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A comment.
 *
 * @param object what it is on: for a column its relation, for a type of a table that table
 * @param type what that is, as {@code pg_identify_object} says, such as {@code table column}
 * @param schema the schema that it is in, null for none
 * @param identity its name as SQL text, the same in every database
 * @param relation the table, view, index or sequence that it is on or in; null for others
 * @param part the column or constraint that it is on, null for the relation itself
 * @param text the comment
 */
record SourceComment(
    CatalogRef object,
    String type,
    @Nullable String schema,
    String identity,
    @Nullable TableName relation,
    @Nullable String part,
    String text) {

  /** The same comment on a relation, or a part of it, that is called otherwise. */
  SourceComment on(TableName other, @Nullable String otherPart) {
    String quoted = Sql.quote(other);
    String name =
        otherPart == null
            ? quoted
            : isConstraint()
                ? Sql.quote(otherPart) + " ON " + quoted
                : quoted + "." + Sql.quote(otherPart);
    return new SourceComment(object, type, other.schema(), name, other, otherPart, text);
  }

  /** The same comment on a schema that is called otherwise. */
  SourceComment onSchema(String other) {
    return new SourceComment(object, type, null, Sql.quote(other), null, null, text);
  }

  private boolean isConstraint() {
    return type.equals("table constraint");
  }

  /** How to tell that it is there. */
  ObjectKey key() {
    return relation == null
        ? ObjectKey.comment(type, identity)
        : ObjectKey.comment(isConstraint() ? ON_CONSTRAINT : ON_RELATION, relation, part);
  }

  private static final String ON_RELATION = "relation";
  private static final String ON_CONSTRAINT = "constraint";

  /** Whether it is on one of the schemas, or on a type in one. */
  boolean isAround(Set<String> schemas) {
    if (type.equals("schema")) {
      return schemas.stream()
          .anyMatch(name -> identity.equals(name) || identity.equals(Sql.quote(name)));
    }
    return type.equals("type") && schema != null && schemas.contains(schema);
  }

  /** The statement that makes it. */
  String statement() {
    String kind =
        switch (type) {
          case "table column", "view column", "materialized view column" -> "COLUMN";
          case "table constraint" -> "CONSTRAINT";
          default -> type.toUpperCase(Locale.ROOT);
        };
    return "COMMENT ON " + kind + " " + identity + " IS " + Sql.literal(text);
  }

  private static @Nullable TableName relation(ResultSet row) throws SQLException {
    @Nullable String name = row.getString("relation");
    return name == null ? null : new TableName(row.getString("relation_schema"), name);
  }

  /** Every comment on something that users made and no extension owns. */
  static List<SourceComment> read(CatalogSession session) throws SQLException {
    return session.query(
        """
        SELECT c.relname AS class, d.objoid::int8 AS object, d.description, i.type, i.schema, i.identity,
               n.nspname AS relation_schema, r.relname AS relation, COALESCE(k.conname, a.attname) AS part
          FROM pg_description d JOIN pg_class c ON c.oid = d.classoid
         CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
          LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
          LEFT JOIN pg_class r
            ON r.oid = CASE WHEN d.classoid = 'pg_class'::regclass THEN d.objoid ELSE k.conrelid END
          LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
          LEFT JOIN pg_attribute a
            ON d.classoid = 'pg_class'::regclass AND a.attrelid = r.oid AND a.attnum = d.objsubid AND d.objsubid > 0
         WHERE d.objoid >= 16384
           AND d.classoid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_proc'::regclass,
                              'pg_type'::regclass, 'pg_namespace'::regclass)
           AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = d.classoid AND x.objid = d.objoid
                              AND x.refclassid = 'pg_extension'::regclass AND x.deptype = 'e')
         ORDER BY i.type, i.identity
        """,
        Set.of(),
        row ->
            new SourceComment(
                new CatalogRef(row.getString("class"), row.getLong("object")),
                row.getString("type"),
                row.getString("schema"),
                row.getString("identity"),
                relation(row),
                row.getString("part"),
                row.getString("description")));
  }
}
