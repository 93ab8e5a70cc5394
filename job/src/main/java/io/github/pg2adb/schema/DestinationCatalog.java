package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TypeLookup;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Asks the destination what it has. Every question is about all objects at once. */
final class DestinationCatalog {

  private final Connection connection;
  private final Target target;

  DestinationCatalog(Connection connection, Target target) {
    this.connection = connection;
    this.target = target;
  }

  /**
   * A column of a table that is there.
   *
   * @param name its name
   * @param type as {@code format_type} spells it
   * @param generated whether the server makes its values and takes none
   * @param needsValue whether a row without a value for it is refused
   */
  record ExistingColumn(String name, String type, boolean generated, boolean needsValue) {}

  /**
   * A relation that is there.
   *
   * @param kind pg_class.relkind
   * @param columns its columns
   * @param primaryKey its primary key's columns, empty without one
   */
  record ExistingRelation(char kind, List<ExistingColumn> columns, List<String> primaryKey) {}

  /**
   * A type that is there.
   *
   * @param kind pg_type.typtype
   * @param parts the labels of an enum or the attributes of a composite
   */
  record ExistingType(char kind, List<String> parts) {}

  Destination describe() throws SQLException {
    Map<String, String> extensions = new HashMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace");
        ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        extensions.put(result.getString(1), result.getString(2));
      }
    }
    return new Destination(
        target,
        strings("SELECT nspname FROM pg_namespace", Set.of()),
        extensions,
        strings("SELECT name FROM pg_available_extensions", Set.of()),
        strings(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname)
              FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
             WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
            """,
            Set.of()),
        defaultStorage());
  }

  private String defaultStorage() throws SQLException {
    if (target.accessMethods()) {
      return strings(
              "SELECT setting FROM pg_settings WHERE name = 'default_table_access_method'",
              Set.of())
          .stream()
          .findFirst()
          .orElse("heap");
    }
    return strings(
                "SELECT setting FROM pg_settings WHERE name = 'gp_default_storage_options'",
                Set.of())
            .stream()
            .anyMatch(options -> options.contains("appendonly=true"))
        ? "ao_row"
        : "heap";
  }

  /** The relations among these names that are there. */
  Map<TableName, ExistingRelation> relations(Collection<TableName> names) throws SQLException {
    String generated = target.generatedColumns() ? "a.attgenerated <> ''" : "false";
    String identity = target.identityColumns() ? "a.attidentity <> ''" : "false";
    Map<TableName, ExistingRelation> relations = new HashMap<>();
    query(
        """
        SELECT n.nspname, c.relname, c.relkind,
               ARRAY(SELECT a.attname::text FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
               ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS types,
               ARRAY(SELECT %s FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS generated,
               ARRAY(SELECT a.attnotnull AND NOT a.atthasdef AND NOT (%s) FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS needed,
               ARRAY(SELECT a.attname::text FROM pg_index i
                      CROSS JOIN generate_series(0, i.indnatts - 1) AS p(position)
                      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[p.position]
                      WHERE i.indrelid = c.oid AND i.indisprimary %s ORDER BY p.position) AS primary_key
          FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
          JOIN pg_namespace n ON n.nspname = wanted.schema
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
        """
            .formatted(
                generated,
                identity,
                target.coveringIndexes() ? "AND p.position < i.indnkeyatts" : ""),
        names,
        row ->
            relations.put(
                new TableName(row.getString("nspname"), row.getString("relname")),
                new ExistingRelation(
                    row.getString("relkind").charAt(0),
                    columns(row),
                    CatalogSession.strings(row, "primary_key"))));
    return relations;
  }

  /** The relations whose name is that of one of these but for upper and lower case. */
  Map<TableName, TableName> likeNamed(Collection<TableName> names) throws SQLException {
    Map<TableName, TableName> like = new HashMap<>();
    query(
        """
        SELECT wanted.schema, wanted.name, n.nspname, c.relname
          FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
          JOIN pg_namespace n ON lower(n.nspname) = lower(wanted.schema)
          JOIN pg_class c ON c.relnamespace = n.oid AND lower(c.relname) = lower(wanted.name)
         WHERE (n.nspname, c.relname) <> (wanted.schema, wanted.name) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        """,
        names,
        row ->
            like.put(
                new TableName(row.getString(1), row.getString(2)),
                new TableName(row.getString(3), row.getString(4))));
    return like;
  }

  private static List<ExistingColumn> columns(ResultSet row) throws SQLException {
    List<String> names = CatalogSession.strings(row, "columns");
    List<String> types = CatalogSession.strings(row, "types");
    Boolean[] generated = (Boolean[]) row.getArray("generated").getArray();
    Boolean[] needed = (Boolean[]) row.getArray("needed").getArray();
    return IntStream.range(0, names.size())
        .mapToObj(i -> new ExistingColumn(names.get(i), types.get(i), generated[i], needed[i]))
        .toList();
  }

  /** The types among these names that are there. */
  Map<TableName, ExistingType> types(Collection<TableName> names) throws SQLException {
    Map<TableName, ExistingType> types = new HashMap<>();
    query(
        """
        SELECT n.nspname, t.typname, t.typtype,
               CASE t.typtype
                 WHEN 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid
                                      ORDER BY e.enumsortorder)
                 WHEN 'c' THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                                      WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                                      ORDER BY a.attnum) END AS parts
          FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
          JOIN pg_namespace n ON n.nspname = wanted.schema
          JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = wanted.name
        """,
        names,
        row ->
            types.put(
                new TableName(row.getString("nspname"), row.getString("typname")),
                new ExistingType(
                    row.getString("typtype").charAt(0), CatalogSession.strings(row, "parts"))));
    return types;
  }

  /** The functions and aggregates that are there, as {@code regprocedure} spells them. */
  Set<String> routines() throws SQLException {
    return strings("SELECT oid::regprocedure::text FROM pg_proc WHERE oid >= 16384", Set.of());
  }

  /** Those of the types, spelled as {@code format_type} does, that exist. */
  Set<String> knownTypes(Collection<String> types) throws SQLException {
    return TypeLookup.known(connection, types);
  }

  /** Those of the types by which rows can be distributed. */
  Set<String> hashableTypes(Collection<String> types) throws SQLException {
    return TypeLookup.hashable(connection, types);
  }

  private Set<String> strings(String sql, Collection<String> parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (sql.indexOf('?') >= 0) {
        statement.setArray(1, connection.createArrayOf("text", parameters.toArray()));
      }
      Set<String> strings = new HashSet<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          strings.add(result.getString(1));
        }
      }
      return strings;
    }
  }

  private void query(String sql, Collection<TableName> names, RowConsumer consumer)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Object[] schemas = names.stream().map(TableName::schema).toArray();
      statement.setArray(1, connection.createArrayOf("text", schemas));
      statement.setArray(
          2, connection.createArrayOf("text", names.stream().map(TableName::name).toArray()));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          consumer.accept(result);
        }
      }
    }
  }

  /** Takes the row that the result set stands on. */
  @FunctionalInterface
  private interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }
}
