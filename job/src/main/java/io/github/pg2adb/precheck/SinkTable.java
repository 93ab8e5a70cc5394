package io.github.pg2adb.precheck;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A relation of the destination that has a selected table's name.
 *
 * @param oid its oid
 * @param name schema and name
 * @param kind pg_class.relkind
 * @param accessMethod how its rows are stored, {@code heap} for ordinary tables; empty where the
 *     release knows one only
 * @param mayWrite whether the role may do all that is needed
 * @param columns its columns
 * @param uniqueIndexes its unique indexes and exclusion constraints, by name
 * @param distribution the columns it is distributed by; empty without segments, and if rows are
 *     spread at random
 */
record SinkTable(
    long oid,
    TableName name,
    char kind,
    String accessMethod,
    boolean mayWrite,
    List<Column> columns,
    List<UniqueIndex> uniqueIndexes,
    List<String> distribution) {

  /**
   * A column.
   *
   * @param name its name
   * @param type as {@code format_type} spells it
   * @param isGenerated whether the server makes its values and takes none
   * @param needsValue whether a row without a value for it is refused
   */
  record Column(String name, String type, boolean isGenerated, boolean needsValue) {}

  /**
   * What refuses rows that are alike.
   *
   * @param name the index's name, and the constraint's if it is one
   * @param columns its columns; empty if it is made of expressions, or of some rows
   * @param isArbiter whether an upsert can go by it: unique, not for exclusion, and checked at once
   * @param isConstraint whether it is a constraint's
   */
  record UniqueIndex(String name, List<String> columns, boolean isArbiter, boolean isConstraint) {}

  boolean isTable() {
    return kind == 'r' || kind == 'p';
  }

  private static final String RELATIONS =
      """
      SELECT c.oid::int8 AS oid, n.nspname, c.relname, c.relkind, %s AS amname,
             has_schema_privilege(n.oid, 'USAGE')
               AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'SELECT')
               AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')
               AND has_table_privilege(c.oid, 'TRUNCATE') AS may_write
        FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
        JOIN pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
      """;

  private static final String COLUMNS =
      """
      SELECT a.attrelid::int8 AS oid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, %1$s AS generated,
             a.attnotnull AND NOT a.atthasdef AND NOT %2$s AS needs_value
        FROM unnest(?::oid[]) AS wanted(oid) JOIN pg_attribute a ON a.attrelid = wanted.oid
       WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2
      """;

  /** Columns by number, which are looked up here: a subquery for every index takes its time. */
  private static final String KEYS =
      """
      SELECT i.indrelid::int8 AS oid, x.relname,
             CASE WHEN i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL THEN i.indkey::text ELSE '' END AS attnums,
             i.%s AS size, i.indisunique AND i.indimmediate AND i.indisvalid AS arbiter,
             i.indexrelid IN (SELECT k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x'))
               AS is_constraint
        FROM unnest(?::oid[]) AS wanted(oid) JOIN pg_index i ON i.indrelid = wanted.oid
        JOIN pg_class x ON x.oid = i.indexrelid
       WHERE i.indisunique OR i.indisexclusion
       ORDER BY 1, 2
      """;

  private static final String DISTRIBUTION =
      """
      SELECT p.localoid::int8 AS oid, p.distkey::text AS attnums
        FROM unnest(?::oid[]) AS wanted(oid) JOIN gp_distribution_policy p ON p.localoid = wanted.oid
      """;

  /** The columns of one table as they are asked for, by number. */
  private static final class Columns {
    private final List<Column> all = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();

    /** Their names in the order of the numbers, which blanks separate. */
    private List<String> named(String attnums, int most) {
      return Arrays.stream(attnums.split(" ", -1))
          .filter(attnum -> !attnum.isEmpty())
          .limit(most)
          .flatMap(attnum -> Optional.ofNullable(names.get(attnum)).stream())
          .toList();
    }
  }

  static Map<TableName, SinkTable> ask(Connection sink, Target target, List<TableName> names)
      throws SQLException {
    boolean accessMethods = target.postgresMajor() >= 12;
    List<SinkTable> bare =
        Query.all(
            sink,
            RELATIONS.formatted(
                accessMethods
                    ? "COALESCE((SELECT am.amname FROM pg_am am WHERE am.oid = c.relam), '')"
                    : "''"),
            row ->
                new SinkTable(
                    row.getLong("oid"),
                    new TableName(row.getString("nspname"), row.getString("relname")),
                    row.getString("relkind").charAt(0),
                    row.getString("amname"),
                    row.getBoolean("may_write"),
                    List.of(),
                    List.of(),
                    List.of()),
            Query.schemas(names),
            Query.names(names));
    Long[] oids = bare.stream().map(SinkTable::oid).toArray(Long[]::new);
    Map<Long, Columns> columns = columns(sink, target, oids);
    Map<Long, List<UniqueIndex>> keys = new HashMap<>();
    Query.all(
        sink,
        KEYS.formatted(target.postgresMajor() >= 11 ? "indnkeyatts" : "indnatts"),
        row ->
            keys.computeIfAbsent(row.getLong("oid"), oid -> new ArrayList<>())
                .add(
                    new UniqueIndex(
                        row.getString("relname"),
                        columns
                            .getOrDefault(row.getLong("oid"), new Columns())
                            .named(row.getString("attnums"), row.getInt("size")),
                        row.getBoolean("arbiter"),
                        row.getBoolean("is_constraint"))),
        (Object) oids);
    Map<Long, List<String>> distributions = new HashMap<>();
    if (target.distributed()) {
      Query.all(
          sink,
          DISTRIBUTION,
          row ->
              distributions.put(
                  row.getLong("oid"),
                  columns
                      .getOrDefault(row.getLong("oid"), new Columns())
                      .named(row.getString("attnums"), Integer.MAX_VALUE)),
          (Object) oids);
    }
    Map<TableName, SinkTable> tables = new TreeMap<>();
    for (SinkTable table : bare) {
      tables.put(
          table.name(),
          new SinkTable(
              table.oid(),
              table.name(),
              table.kind(),
              table.accessMethod(),
              table.mayWrite(),
              columns.getOrDefault(table.oid(), new Columns()).all,
              keys.getOrDefault(table.oid(), List.of()),
              distributions.getOrDefault(table.oid(), List.of())));
    }
    return tables;
  }

  private static Map<Long, Columns> columns(Connection sink, Target target, Long[] oids)
      throws SQLException {
    Map<Long, Columns> columns = new HashMap<>();
    Query.all(
        sink,
        COLUMNS.formatted(
            target.generatedColumns() ? "a.attgenerated <> ''" : "false",
            target.identityColumns() ? "a.attidentity <> ''" : "false"),
        row -> {
          Columns ofTable = columns.computeIfAbsent(row.getLong("oid"), oid -> new Columns());
          String name = row.getString("attname");
          ofTable.names.put(row.getString("attnum"), name);
          return ofTable.all.add(
              new Column(
                  name,
                  row.getString("type"),
                  row.getBoolean("generated"),
                  row.getBoolean("needs_value")));
        },
        (Object) oids);
    return columns;
  }
}
