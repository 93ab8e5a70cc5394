package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A privilege that somebody other than its owner has on an object of the source.
 *
 * @param kind the word of GRANT: TABLE, SEQUENCE, FUNCTION, PROCEDURE, SCHEMA or TYPE
 * @param oid the object's oid
 * @param name its schema and name; for a schema its name twice
 * @param signature what GRANT calls a function or procedure, else empty
 * @param attnum the column's number if it is a privilege on one, else 0
 * @param role who has it, null for everybody
 * @param privilege its word; empty if everybody lacks what everybody has unless it is taken away
 * @param grantable whether they may pass it on
 */
record SourceGrant(
    String kind,
    long oid,
    TableName name,
    String signature,
    int attnum,
    @Nullable String role,
    String privilege,
    boolean grantable) {

  private static final String SQL =
      """
      WITH acl AS (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.oid, n.nspname, c.relname AS name,
               '' AS signature, 0 AS attnum, c.relowner AS owner, c.relacl AS acl
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL
        SELECT 'TABLE', c.oid, n.nspname, c.relname, '', a.attnum, c.relowner, a.attacl
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT CASE WHEN to_jsonb(p) ->> 'prokind' = 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid, n.nspname, p.proname, p.oid::regprocedure::text, 0, p.proowner, p.proacl
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        UNION ALL
        SELECT 'SCHEMA', n.oid, n.nspname, n.nspname, '', 0, n.nspowner, n.nspacl FROM pg_namespace n
        UNION ALL
        SELECT 'TYPE', t.oid, n.nspname, t.typname, '', 0, t.typowner, t.typacl
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      ), users AS (
        SELECT * FROM acl
         WHERE acl IS NOT NULL AND oid >= 2200 AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      )
      SELECT users.kind, users.oid::int8 AS oid, users.nspname, users.name, users.signature, users.attnum, r.rolname AS role,
             e.privilege_type AS privilege, e.is_grantable
        FROM users CROSS JOIN LATERAL aclexplode(users.acl) AS e
        LEFT JOIN pg_roles r ON r.oid = e.grantee
       WHERE e.grantee <> users.owner
      UNION ALL
      SELECT users.kind, users.oid::int8, users.nspname, users.name, users.signature, users.attnum, NULL, '', false
        FROM users
       WHERE kind IN ('FUNCTION', 'PROCEDURE', 'TYPE')
         AND NOT EXISTS (SELECT FROM aclexplode(users.acl) AS e WHERE e.grantee = 0)
       ORDER BY 1, 3, 4, 5, 6, 8, 7 NULLS FIRST
      """;

  /** All of them in the database. */
  static List<SourceGrant> read(CatalogSession session) throws SQLException {
    return session.query(
        SQL,
        List.of(),
        row ->
            new SourceGrant(
                row.getString("kind"),
                row.getLong("oid"),
                new TableName(row.getString("nspname"), row.getString("name")),
                row.getString("signature"),
                row.getInt("attnum"),
                row.getString("role"),
                row.getString("privilege"),
                row.getBoolean("is_grantable")));
  }
}
