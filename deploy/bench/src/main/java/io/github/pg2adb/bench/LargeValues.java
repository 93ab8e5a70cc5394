package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.sql.SQLException;
import java.util.Locale;

/** Table {@code large_values}: few rows with a value of many MiB each. */
final class LargeValues {
  private LargeValues() {}

  /** Fills table {@code large_values} with 8 rows. */
  static void fill(Db source, int mebibytes) throws SQLException {
    source.execute(
        "CREATE TABLE large_values (id integer PRIMARY KEY, value text NOT NULL)",
        String.format(
            Locale.ROOT,
            "INSERT INTO large_values SELECT i, repeat(md5(i::text), %d) FROM generate_series(1, 8) i",
            mebibytes * (1024 * 1024 / 32)),
        "ALTER TABLE large_values REPLICA IDENTITY FULL");
  }

  /** A new value in every row, each in a transaction of its own. */
  static void change(Db source) throws SQLException {
    for (int id = 1; id <= 8; id++) {
      source.execute("UPDATE large_values SET value = 'x' || value WHERE id = " + id);
    }
  }
}
