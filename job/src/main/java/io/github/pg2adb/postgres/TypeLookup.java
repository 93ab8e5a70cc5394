package io.github.pg2adb.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Asks a server about types by the names that {@code format_type} gives them. */
public final class TypeLookup {

  private static final String KNOWN =
      "SELECT type FROM unnest(?::text[]) AS wanted(type) WHERE to_regtype(type) IS NOT NULL";

  /** They, their base types, elements and subtypes have a default hash operator class. */
  private static final String HASHABLE =
      """
      WITH RECURSIVE base(type, oid) AS (
        SELECT type, to_regtype(type)::oid FROM unnest(?::text[]) AS wanted(type)
         WHERE to_regtype(type) IS NOT NULL
        UNION ALL
        SELECT base.type, below.oid
          FROM base JOIN pg_type t ON t.oid = base.oid
         CROSS JOIN LATERAL (
           SELECT t.typbasetype WHERE t.typtype = 'd'
           UNION ALL SELECT t.typelem WHERE t.typlen = -1 AND t.typelem <> 0
           UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
         ) AS below(oid)
      )
      SELECT base.type
        FROM base JOIN pg_type t ON t.oid = base.oid
       GROUP BY base.type
      HAVING bool_and(
               t.typtype IN ('d', 'e', 'r') OR t.typlen = -1 AND t.typelem <> 0
               OR EXISTS (
                 SELECT FROM pg_opclass o JOIN pg_am am ON am.oid = o.opcmethod
                  WHERE am.amname = 'hash' AND o.opcdefault
                    AND (o.opcintype = t.oid
                         OR EXISTS (SELECT FROM pg_cast c
                                     WHERE c.castsource = t.oid AND c.casttarget = o.opcintype
                                       AND c.castmethod = 'b' AND c.castcontext = 'i'))))
      """;

  private TypeLookup() {}

  /** Those of the types that exist. */
  public static Set<String> known(Connection connection, Collection<String> types)
      throws SQLException {
    return select(connection, KNOWN, types);
  }

  /**
   * Those of the types by which rows can be distributed over segments.
   *
   * @see <a href="https://www.postgresql.org/docs/12/catalog-pg-opclass.html">pg_opclass</a>
   */
  public static Set<String> hashable(Connection connection, Collection<String> types)
      throws SQLException {
    return select(connection, HASHABLE, types);
  }

  private static Set<String> select(Connection connection, String sql, Collection<String> types)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", types.toArray()));
      Set<String> selected = new HashSet<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          selected.add(result.getString(1));
        }
      }
      return selected;
    }
  }
}
