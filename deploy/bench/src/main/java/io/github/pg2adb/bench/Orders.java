package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** The data: a table of orders with 11 columns, about 145 bytes of COPY text a row. */
final class Orders {

  /** What a follower's destination shows when it has seen everything before it. */
  static final String MARKER = "SELECT note FROM orders WHERE id = 1";

  private static final String COLUMNS =
      """
       (
        id bigint NOT NULL PRIMARY KEY,
        customer_id bigint NOT NULL,
        status text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamp NOT NULL,
        amount numeric(12,2) NOT NULL,
        quantity integer NOT NULL,
        sku varchar(24) NOT NULL,
        currency text NOT NULL,
        paid boolean NOT NULL,
        note text)""";

  private static final String VALUES =
      """
      SELECT i, i * 7919 %% 100003, (ARRAY['new','paid','shipped','returned'])[i %% 4 + 1],
        timestamptz '2024-01-01 00:00:00Z' + i %% 31536000 * interval '1 second',
        timestamp '2024-06-01 00:00:00' + i %% 8640000 * interval '1.000123 second',
        (i * 37 %% 1000000)::numeric / 100, (i %% 17 + 1)::integer, 'SKU-' || lpad((i %% 99991)::text, 8, '0'),
        'EUR', i %% 3 = 0, md5(i::text)
      FROM generate_series(%d::bigint, %d::bigint) i""";

  private Orders() {}

  static String create(String table) {
    return "CREATE TABLE " + table + COLUMNS;
  }

  /** Creates and fills the table; the first row has id 1. */
  static void fill(Db database, String table, long rows) throws SQLException {
    database.execute(
        create(table),
        String.format(Locale.ROOT, "INSERT INTO " + table + " " + VALUES, 1, rows),
        "ALTER TABLE " + table + " REPLICA IDENTITY FULL",
        "VACUUM ANALYZE " + table);
  }

  /** Creates tables {@code <prefix>0} and so on, filled alike. */
  static void fillMany(Db database, String prefix, int tables, long rows) throws SQLException {
    for (int i = 0; i < tables; i++) {
      String table = prefix + i;
      database.execute(
          create(table),
          String.format(Locale.ROOT, "INSERT INTO " + table + " " + VALUES, 1, rows),
          "ALTER TABLE " + table + " REPLICA IDENTITY FULL");
    }
    database.execute("ANALYZE");
  }

  /** One UPDATE of every row. */
  static void bulkUpdate(Db source) throws SQLException {
    source.execute(
        "UPDATE orders SET amount = amount + 1, updated_at = updated_at + interval '1 second'");
  }

  /**
   * Transactions of four statements, three updates and an insert of rows spread over the table,
   * written by the server itself as fast as it can: they are the backlog, and not what is measured.
   *
   * @param rows how many rows the table has
   */
  static void transactions(Db source, long rows, long transactions) throws SQLException {
    source.execute(
        "SET synchronous_commit = off",
        String.format(
            Locale.ROOT,
            """
            DO $$
            BEGIN
              FOR t IN 1..%d LOOP
                UPDATE orders SET amount = amount + 1 WHERE id = 2 + t::bigint * 7919 %% (%d - 1);
                UPDATE orders SET status = 'paid', paid = true WHERE id = 2 + t::bigint * 104729 %% (%d - 1);
                UPDATE orders SET quantity = quantity + 1, updated_at = clock_timestamp()
                  WHERE id = 2 + t::bigint * 1299709 %% (%d - 1);
                INSERT INTO orders SELECT %d + t, customer_id, status, created_at, updated_at, amount, quantity, sku,
                  currency, paid, note FROM orders WHERE id = 2 + t::bigint * 15485863 %% (%d - 1);
                COMMIT;
              END LOOP;
            END $$""",
            transactions,
            rows,
            rows,
            rows,
            rows,
            rows));
  }

  /** One transaction that inserts rows with new keys. */
  static void insertMore(Db source, long rows) throws SQLException {
    source.execute(
        String.format(
            Locale.ROOT, "INSERT INTO orders " + VALUES, 1_000_000_001L, 1_000_000_000L + rows));
  }

  /** Statements of one transaction of {@link #transactions}. */
  static final int STATEMENTS = 4;

  /** Commits what {@link #MARKER} then shows. */
  static void mark(Db source, String mark) throws SQLException {
    source.execute("UPDATE orders SET note = '" + mark + "' WHERE id = 1");
  }

  static boolean shows(Connection sink, String mark) throws SQLException {
    return mark.equals(Db.text(sink, MARKER));
  }
}
