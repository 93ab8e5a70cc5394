package io.github.pg2adb.schema;

import io.github.pg2adb.postgres.Sql;
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
 * @param text the comment
 */
record SourceComment(
    CatalogRef object, String type, @Nullable String schema, String identity, String text) {

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

  /** Every comment on something that users made and no extension owns. */
  static List<SourceComment> read(CatalogSession session) throws SQLException {
    return session.query(
        """
        SELECT c.relname AS class, d.objoid::int8 AS object, d.description, i.type, i.schema, i.identity
          FROM pg_description d JOIN pg_class c ON c.oid = d.classoid
         CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
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
                row.getString("description")));
  }
}
