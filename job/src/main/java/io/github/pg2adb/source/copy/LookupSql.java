package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.postgres.Sql;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The statement that reads rows by key. */
public final class LookupSql {

  private LookupSql() {}

  /**
   * Copies the rows with these keys out.
   *
   * @param partitioned whether the table is the root of a partitioned one
   * @param columns the columns wanted
   * @param key the key's columns
   * @param keys one tuple per row, at least one, a value per key column
   */
  public static String copy(
      TableName table,
      boolean partitioned,
      List<String> columns,
      List<KeyColumn> key,
      List<Tuple> keys) {
    String wanted =
        columns.stream().map(column -> "t." + Sql.quote(column)).collect(Collectors.joining(", "));
    String values = keys.stream().map(tuple -> row(key, tuple)).collect(Collectors.joining(", "));
    String names =
        IntStream.range(0, key.size()).mapToObj(i -> "k" + i).collect(Collectors.joining(", "));
    String match =
        IntStream.range(0, key.size())
            .mapToObj(
                i ->
                    "t."
                        + Sql.quote(key.get(i).name())
                        + " "
                        + key.get(i).operator("=")
                        + " k.k"
                        + i)
            .collect(Collectors.joining(" AND "));
    return "COPY (SELECT "
        + wanted
        + " FROM "
        + (partitioned ? "" : "ONLY ")
        + Sql.quote(table)
        + " AS t JOIN (VALUES "
        + values
        + ") AS k("
        + names
        + ") ON "
        + match
        + ") TO STDOUT";
  }

  private static String row(List<KeyColumn> key, Tuple tuple) {
    return IntStream.range(0, key.size())
        .mapToObj(i -> value(key.get(i), tuple.text(i)))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String value(KeyColumn column, @org.jspecify.annotations.Nullable String text) {
    return text == null ? column.cast("NULL") : column.literal(text);
  }
}
