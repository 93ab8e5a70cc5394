package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The statements that cut a table into chunks and read them. The source server alone compares keys.
 */
public final class ChunkSql {

  /**
   * A longer bound is left out: bounds travel in Flink's state, whose strings end at 64 KiB in
   * hexadecimal.
   */
  private static final int MAX_BOUND_BYTES = 8192;

  private ChunkSql() {}

  /** The table as FROM names it: without its children by inheritance, with its partitions. */
  public static String from(TableSchema table) {
    return (table.kind() == TableSchema.Kind.ORDINARY ? "ONLY " : "") + Sql.quote(table.name());
  }

  /** Takes the lock that reading takes, without taking a snapshot. */
  public static String lock(TableSchema table) {
    return "LOCK TABLE " + from(table) + " IN ACCESS SHARE MODE";
  }

  /**
   * Reads a chunk's rows in COPY text format.
   *
   * @param route says which columns, and what follows them in every row
   * @param key the chunk key's columns, empty for a whole table
   */
  public static String copy(TableSchema table, TableRoute route, Chunk chunk, List<KeyColumn> key) {
    List<String> values =
        new ArrayList<>(route.migrated(table.copiedColumns()).stream().map(Sql::quote).toList());
    route
        .constant()
        .ifPresent(
            constant -> values.add(Sql.literal(constant.value()) + "::" + constant.type().word()));
    List<String> conditions = new ArrayList<>();
    if (chunk.lower() != null) {
      conditions.add(after(key, chunk.lower()));
    }
    if (chunk.upper() != null) {
      conditions.add(notAfter(key, chunk.upper()));
    }
    return "COPY (SELECT "
        + String.join(", ", values)
        + " FROM "
        + from(table)
        + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
        + ") TO STDOUT";
  }

  /**
   * Samples the key and picks at most {@code chunks - 1} bounds at even distances. Each row has one
   * text per key column and whether the bound is above the one before, judged by the same operators
   * and the same texts as the chunks' ranges.
   *
   * @param percent which part of the table's pages to read
   */
  public static String bounds(TableSchema table, List<KeyColumn> key, int chunks, double percent) {
    // renamed, since a key column may be called n or total
    String columns =
        IntStream.range(0, key.size())
            .mapToObj(i -> Sql.quote(key.get(i).name()) + " AS k" + i)
            .collect(Collectors.joining(", "));
    String order =
        key.stream()
            .map(column -> Sql.quote(column.name()) + using(column))
            .collect(Collectors.joining(", "));
    String texts =
        IntStream.range(0, key.size())
            .mapToObj(i -> "pg_catalog.format('%s', k" + i + ") AS t" + i)
            .collect(Collectors.joining(", "));
    String length =
        IntStream.range(0, key.size())
            .mapToObj(i -> "pg_catalog.octet_length(t" + i + ")")
            .collect(Collectors.joining(" + "));
    List<String> current = IntStream.range(0, key.size()).mapToObj(i -> "t" + i).toList();
    List<String> previous =
        IntStream.range(0, key.size())
            .mapToObj(i -> "(pg_catalog.lag(t" + i + ") OVER (ORDER BY n))")
            .toList();
    return String.format(
        Locale.ROOT,
        "SELECT %s, n = pg_catalog.min(n) OVER () OR %s FROM ("
            + "SELECT n, %s FROM ("
            + "SELECT %s, pg_catalog.row_number() OVER (ORDER BY %s) AS n, pg_catalog.count(*) OVER () AS total"
            + " FROM %s TABLESAMPLE SYSTEM (%s)) AS sample"
            + " WHERE n * %d / total <> (n - 1) * %d / total AND n < total) AS picked"
            + " WHERE %s <= %d ORDER BY n",
        String.join(", ", current),
        isAfter(key, casts(key, current), casts(key, previous)),
        texts,
        columns,
        order,
        from(table),
        Double.toString(percent),
        chunks,
        chunks,
        length,
        MAX_BOUND_BYTES);
  }

  private static String using(KeyColumn column) {
    return column.operatorSchema().equals("pg_catalog")
        ? ""
        : " USING OPERATOR(" + Sql.quote(column.operatorSchema()) + ".<)";
  }

  private static List<String> casts(List<KeyColumn> key, List<String> texts) {
    return IntStream.range(0, key.size()).mapToObj(i -> key.get(i).cast(texts.get(i))).toList();
  }

  private static String after(List<KeyColumn> key, List<String> bound) {
    return isAfter(key, names(key), literals(key, bound));
  }

  private static String notAfter(List<KeyColumn> key, List<String> bound) {
    if (isUniform(key)) {
      return row(names(key)) + " " + key.get(0).operator("<=") + " " + row(literals(key, bound));
    }
    return "NOT (" + after(key, bound) + ")";
  }

  private static String isAfter(List<KeyColumn> key, List<String> left, List<String> right) {
    if (isUniform(key)) {
      return row(left) + " " + key.get(0).operator(">") + " " + row(right);
    }
    // A row comparison names one operator for all columns; with operators from several schemas it
    // is spelled out.
    String condition = "";
    for (int i = key.size() - 1; i >= 0; i--) {
      KeyColumn column = key.get(i);
      String greater = left.get(i) + " " + column.operator(">") + " " + right.get(i);
      String equal = left.get(i) + " " + column.operator("=") + " " + right.get(i);
      condition =
          condition.isEmpty() ? greater : greater + " OR (" + equal + " AND (" + condition + "))";
    }
    return "(" + condition + ")";
  }

  private static boolean isUniform(List<KeyColumn> key) {
    return key.stream().map(KeyColumn::operatorSchema).distinct().count() == 1;
  }

  private static List<String> names(List<KeyColumn> key) {
    return key.stream().map(column -> Sql.quote(column.name())).toList();
  }

  private static List<String> literals(List<KeyColumn> key, List<String> texts) {
    return IntStream.range(0, key.size()).mapToObj(i -> key.get(i).literal(texts.get(i))).toList();
  }

  private static String row(List<String> values) {
    return values.size() == 1 ? values.get(0) : "(" + String.join(", ", values) + ")";
  }
}
