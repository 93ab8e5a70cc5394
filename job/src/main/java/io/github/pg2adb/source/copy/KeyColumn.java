package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a key, as SQL must write comparisons with it so that the server compares exactly as
 * the key's index does.
 *
 * @param name the column's name
 * @param type its type, as {@code format_type} spells it with an empty search path
 * @param collation the qualified, quoted collation if it is not the type's own, else null
 * @param operatorSchema the schema of the type's comparison operators: pg_catalog unless an
 *     extension such as citext made them
 */
public record KeyColumn(
    String name, String type, @Nullable String collation, String operatorSchema) {

  /**
   * One row per requested column. The operators are those of the default btree operator class of
   * the type, or of the type below a domain; a type without one of its own (enums, arrays, ranges,
   * composites, varchar) uses that of a built-in pseudo-type or compatible type.
   */
  private static final String QUERY =
      """
      WITH RECURSIVE key AS (
        SELECT k.ordinality, a.attname, a.atttypid, a.atttypmod, a.attcollation
        FROM pg_catalog.unnest(?::pg_catalog.text[]) WITH ORDINALITY AS k(name, ordinality)
        JOIN pg_catalog.pg_namespace n ON n.nspname = ?
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = ?
        JOIN pg_catalog.pg_attribute a
          ON a.attrelid = c.oid AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
      ), base AS (
        SELECT key.ordinality, t.oid, t.typtype, t.typbasetype
        FROM key JOIN pg_catalog.pg_type t ON t.oid = key.atttypid
        UNION ALL
        SELECT base.ordinality, t.oid, t.typtype, t.typbasetype
        FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typbasetype
        WHERE base.typtype = 'd'
      )
      SELECT key.attname,
        pg_catalog.format_type(key.atttypid, key.atttypmod),
        (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
         FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
         WHERE co.oid = key.attcollation
           AND key.attcollation <>
             (SELECT typcollation FROM pg_catalog.pg_type WHERE oid = key.atttypid)),
        COALESCE(
          (SELECT opn.nspname
           FROM base
           JOIN pg_catalog.pg_opclass oc ON oc.opcintype = base.oid AND oc.opcdefault
           JOIN pg_catalog.pg_am am ON am.oid = oc.opcmethod AND am.amname = 'btree'
           JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 5
             AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype
           JOIN pg_catalog.pg_operator op ON op.oid = ao.amopopr
           JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace
           WHERE base.ordinality = key.ordinality AND base.typtype <> 'd'
           LIMIT 1),
          'pg_catalog')
      FROM key ORDER BY key.ordinality
      """;

  /**
   * Reads what the catalog says of these columns, in order.
   *
   * @throws SQLException as the server reports it
   */
  public static List<KeyColumn> read(Connection connection, TableName table, List<String> names)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setArray(1, connection.createArrayOf("text", names.toArray()));
      statement.setString(2, table.schema());
      statement.setString(3, table.name());
      List<KeyColumn> columns = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          columns.add(
              new KeyColumn(
                  result.getString(1),
                  result.getString(2),
                  result.getString(3),
                  result.getString(4)));
        }
      }
      if (columns.size() != names.size()) {
        throw new SQLException(
            "Table " + table + " has not all of the columns " + names, UNDEFINED_COLUMN);
      }
      return columns;
    }
  }

  private static final String UNDEFINED_COLUMN = "42703";

  /** The comparison operator of this column's type. */
  String operator(String name) {
    return operatorSchema.equals("pg_catalog")
        ? name
        : "OPERATOR(" + Sql.quote(operatorSchema) + "." + name + ")";
  }

  /** The text expression as a value of this column. */
  String cast(String text) {
    return text + "::" + type + (collation == null ? "" : " COLLATE " + collation);
  }

  /** The value with this text form. */
  String literal(String text) {
    return cast(Sql.literal(text));
  }
}
