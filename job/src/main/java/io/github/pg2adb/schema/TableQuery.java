package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads columns, unique indexes, leaf partitions and sizes of the selected tables, each for all
 * tables at once.
 */
final class TableQuery {

  private static final int UNKNOWN_ROWS = -1;

  private TableQuery() {}

  /**
   * The answer.
   *
   * @param tables the tables in the order in which they were asked for
   * @param typesOfColumns the type of every column, for finding what the types need
   */
  record Result(List<TableSchema> tables, List<ColumnType> typesOfColumns) {}

  /**
   * Which type a column has.
   *
   * @param table the column's table
   * @param column the column's name
   * @param type the type's oid
   */
  record ColumnType(TableName table, String column, long type) {}

  /** A column with its table's and type's oid. */
  private record Column(long table, long type, ColumnSchema schema) {}

  /** A leaf partition, or the table itself. {@code rows} is -1 if never analysed. */
  private record Leaf(
      long root,
      TableName name,
      boolean isRoot,
      char kind,
      boolean unlogged,
      long bytes,
      long rows) {}

  static Result read(CatalogSession session, List<SourceRelation> relations) throws SQLException {
    List<Long> oids = relations.stream().map(SourceRelation::oid).toList();
    Map<Long, List<Column>> columns =
        columns(session, oids).stream().collect(Collectors.groupingBy(Column::table));
    Map<Long, List<UniqueIndex>> indexes =
        UniqueIndex.read(session, oids).stream().collect(Collectors.groupingBy(UniqueIndex::table));
    Map<Long, List<Leaf>> leaves =
        leaves(session, oids).stream().collect(Collectors.groupingBy(Leaf::root));
    Map<Long, Partitioning> partitionings = PartitionQuery.read(session, oids);
    List<TableSchema> tables = new ArrayList<>();
    for (SourceRelation relation : relations) {
      tables.add(
          table(
              relation,
              columns.getOrDefault(relation.oid(), List.of()),
              new Keys(relation.identity(), indexes.getOrDefault(relation.oid(), List.of())),
              leaves.getOrDefault(relation.oid(), List.of()),
              partitionings.get(relation.oid())));
    }
    Map<Long, TableName> names =
        relations.stream().collect(Collectors.toMap(SourceRelation::oid, SourceRelation::name));
    List<ColumnType> types =
        columns.values().stream()
            .flatMap(List::stream)
            .map(
                column ->
                    new ColumnType(nameOf(names, column), column.schema().name(), column.type()))
            .toList();
    return new Result(tables, types);
  }

  private static TableName nameOf(Map<Long, TableName> names, Column column) {
    TableName name = names.get(column.table());
    if (name == null) {
      throw new IllegalStateException("Column of a table that was not asked for");
    }
    return name;
  }

  private static TableSchema table(
      SourceRelation relation,
      List<Column> columns,
      Keys keys,
      List<Leaf> leaves,
      @Nullable Partitioning partitioning) {
    List<Leaf> partitions = leaves.stream().filter(leaf -> !leaf.isRoot()).toList();
    partitions.forEach(leaf -> requireReadable(relation.name(), leaf));
    List<Leaf> holdingRows = relation.isPartitioned() ? partitions : leaves;
    return new TableSchema(
        relation.oid(),
        relation.name(),
        relation.isPartitioned() ? TableSchema.Kind.PARTITIONED : TableSchema.Kind.ORDINARY,
        columns.stream().map(Column::schema).toList(),
        keys.primaryKey(),
        relation.identity(),
        keys.identityKey(),
        keys.chunkKey(),
        keys.uniqueKeys(),
        partitions.stream().map(Leaf::name).sorted().toList(),
        holdingRows.stream().mapToLong(Leaf::bytes).sum(),
        holdingRows.stream()
            .mapToLong(Leaf::rows)
            .filter(rows -> rows != UNKNOWN_ROWS)
            .reduce(Long::sum)
            .orElse(UNKNOWN_ROWS),
        partitioning);
  }

  /**
   * Changes of these leaves are not in the WAL, and the server refuses or drops them silently when
   * their root is published.
   */
  private static void requireReadable(TableName root, Leaf leaf) {
    if (leaf.kind() == 'f' || leaf.unlogged()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot migrate partitioned table \""
              + root
              + "\": its partition \""
              + leaf.name()
              + "\" is "
              + (leaf.kind() == 'f' ? "a foreign table" : "an unlogged table")
              + ", whose changes are not in the WAL.",
          "Detach the partition, or exclude the partitioned table.");
    }
  }

  private static List<Column> columns(CatalogSession session, List<Long> oids) throws SQLException {
    // a NOT NULL constraint that is NOT VALID (18) sets attnotnull though there may be nulls
    String validated =
        """
         AND NOT EXISTS (SELECT FROM pg_constraint v WHERE v.conrelid = a.attrelid AND v.contype = 'n'
                           AND v.conkey = ARRAY[a.attnum] AND NOT v.convalidated)""";
    return session.query(
        """
        SELECT a.attrelid::int8 AS attrelid, a.atttypid::int8 AS atttypid, a.attnum, a.attname,
               format_type(a.atttypid, a.atttypmod) AS type,
               a.attnotnull %s AS not_null,
               CASE WHEN a.attcollation <> t.typcollation
                    THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation,
               pg_get_expr(d.adbin, d.adrelid) AS expression,
               %s AS identity, %s AS generated
          FROM unnest(?::oid[]) AS selected(oid)
          JOIN pg_attribute a ON a.attrelid = selected.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
          LEFT JOIN pg_collation co ON co.oid = a.attcollation
          LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
         ORDER BY a.attrelid, a.attnum
        """
            .formatted(
                session.since(18, validated, ""),
                session.since(10, "a.attidentity", "''"),
                session.since(12, "a.attgenerated", "''")),
        oids,
        TableQuery::column);
  }

  private static Column column(ResultSet row) throws SQLException {
    return new Column(
        row.getLong("attrelid"),
        row.getLong("atttypid"),
        new ColumnSchema(
            row.getInt("attnum"),
            row.getString("attname"),
            row.getString("type"),
            row.getBoolean("not_null"),
            row.getString("collation"),
            row.getString("expression"),
            generation(row.getString("identity"), row.getString("generated"))));
  }

  /** From pg_attribute's attidentity and attgenerated. */
  private static Generation generation(String identity, String generated) {
    return switch (identity + generated) {
      case "a" -> Generation.IDENTITY_ALWAYS;
      case "d" -> Generation.IDENTITY_BY_DEFAULT;
      case "s" -> Generation.STORED;
      case "v" -> Generation.VIRTUAL;
      default -> Generation.NONE;
    };
  }

  /**
   * Every selected table and, below partitioned ones, the partitions that hold rows. Bytes are
   * those of rows and large values, as COPY reads them; pg_table_size would open the indexes of
   * large values, too, which takes its time with thousands of tables.
   */
  private static List<Leaf> leaves(CatalogSession session, List<Long> oids) throws SQLException {
    return session.query(
        """
        WITH RECURSIVE tree(root, oid) AS (
          SELECT oid, oid FROM unnest(?::oid[]) AS selected(oid)
          UNION ALL
          SELECT tree.root, i.inhrelid
            FROM tree JOIN pg_class parent ON parent.oid = tree.oid AND parent.relkind = 'p'
            JOIN pg_inherits i ON i.inhparent = tree.oid
        )
        SELECT tree.root::int8 AS root, n.nspname, c.relname, tree.oid = tree.root AS is_root, c.relkind,
               c.relpersistence = 'u' AS unlogged,
               CASE WHEN c.relkind = 'r' THEN COALESCE(pg_relation_size(c.oid), 0)
                      + COALESCE(pg_relation_size(NULLIF(c.reltoastrelid, 0)), 0) ELSE 0 END AS bytes,
               CASE WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0) THEN -1
                    ELSE c.reltuples::int8 END AS row_estimate
          FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind <> 'p'
        """,
        oids,
        row ->
            new Leaf(
                row.getLong("root"),
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getBoolean("is_root"),
                row.getString("relkind").charAt(0),
                row.getBoolean("unlogged"),
                row.getLong("bytes"),
                row.getLong("row_estimate")));
  }
}
