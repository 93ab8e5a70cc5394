package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The demo's source database. */
final class Shop {

  /** Which tables the migration takes, as a task file spells it. */
  static final List<String> SELECTION = List.of("shop.*", "User.*");

  /** Which thousandth of all rows a table gets; order_items gets the rest. */
  private static final Map<String, Integer> THOUSANDTHS =
      Map.of(
          "customers", 90,
          "products", 5,
          "orders", 200,
          "page_views", 200,
          "audit_log", 20,
          "carts", 5,
          "shipments", 20,
          "Order", 5,
          "select", 5);

  private Shop() {}

  /**
   * Creates the schema and fills it.
   *
   * @param rows how many rows all tables have together, at least {@link #SMALLEST}
   */
  static void create(Connection connection, long rows) throws SQLException {
    run(connection, script("shop-schema.sql"));
    String inserts = script("shop-rows.sql");
    long left = rows;
    for (Map.Entry<String, Integer> share : THOUSANDTHS.entrySet()) {
      long count = Math.max(1, rows * share.getValue() / 1000);
      inserts = inserts.replace("@" + share.getKey() + "@", Long.toString(count));
      left -= count;
    }
    run(connection, inserts.replace("@order_items@", Long.toString(left)));
  }

  /** With fewer rows some tables would be empty. */
  static final long SMALLEST = 1000;

  private static String script(String name) {
    try (InputStream stream = Shop.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("No resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(Connection connection, String script) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(script);
    }
  }

  /** The tables that are migrated, with their partitions' rows, by name. */
  static List<ShopTable> tables(Connection connection) throws SQLException {
    List<ShopTable> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT n.nspname, c.relname,"
                    + " ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid"
                    + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),"
                    + " ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a"
                    + " ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
                    + " WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum)"
                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname IN ('shop', 'User') AND c.relkind IN ('r', 'p')"
                    + " AND NOT c.relispartition ORDER BY n.nspname COLLATE \"C\","
                    + " c.relname COLLATE \"C\"")) {
      while (result.next()) {
        tables.add(
            new ShopTable(
                new TableName(result.getString(1), result.getString(2)),
                Arrays.asList((String[]) result.getArray(3).getArray()),
                Arrays.asList((String[]) result.getArray(4).getArray())));
      }
    }
    return tables;
  }

  /**
   * One table.
   *
   * @param name schema and name
   * @param columns all columns
   * @param key the primary key's columns, empty without one
   */
  record ShopTable(TableName name, List<String> columns, List<String> key) {
    ShopTable {
      columns = List.copyOf(columns);
      key = List.copyOf(key);
    }
  }
}
