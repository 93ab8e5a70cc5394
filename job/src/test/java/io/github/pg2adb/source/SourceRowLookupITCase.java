package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourceRowLookupITCase {

  private final TestDatabase database = Servers.source().createDatabase();
  private final SourceRowLookup lookup = new SourceRowLookup(database.endpoint());
  private final TableName table = new TableName("public", "T.1");

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void readsRowsAsTheWalShowsThem() {
    database.execute(
        "CREATE EXTENSION citext",
        "CREATE TABLE \"T.1\" (\"Id\" int, mail citext, v text, at timestamptz, f float8, PRIMARY KEY (\"Id\", mail))",
        "INSERT INTO \"T.1\" VALUES (1, 'A', E'tab\\tnew\\nback\\\\', '2020-01-01 00:00:00.5+00', 0.1),"
            + " (2, 'B''', NULL, 'infinity', 'NaN'), (3, 'C', '', NULL, NULL)");
    List<Tuple> rows =
        lookup.read(
            table,
            List.of("v", "at", "f", "Id"),
            List.of("Id", "mail"),
            List.of(Tuple.of("1", "A"), Tuple.of("2", "B'"), Tuple.of("9", "Z")));
    assertThat(rows)
        .containsExactlyInAnyOrder(
            Tuple.of("tab\tnew\nback\\", "2020-01-01 00:00:00.5+00", "0.1", "1"),
            Tuple.of(null, "infinity", "NaN", "2"));
  }

  @Test
  void readsManyRowsOfAPartitionedTable() {
    database.execute(
        "CREATE TABLE \"T.1\" (id int PRIMARY KEY, v text) PARTITION BY HASH (id)",
        "CREATE TABLE p0 PARTITION OF \"T.1\" FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE p1 PARTITION OF \"T.1\" FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO \"T.1\" SELECT i, 'v' || i FROM generate_series(1, 2000) i");
    List<Tuple> keys = new ArrayList<>();
    for (int i = 1; i <= 1500; i++) {
      keys.add(Tuple.of(String.valueOf(i)));
    }
    assertThat(lookup.read(table, List.of("v"), List.of("id"), keys)).hasSize(1500);
  }

  @Test
  void saysWhichColumnIsMissing() {
    database.execute("CREATE TABLE \"T.1\" (id int)");
    assertThatThrownBy(
            () -> lookup.read(table, List.of("id"), List.of("gone"), List.of(Tuple.of("1"))))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith(
            "Cannot read 1 rows of table \"public.T.1\" again: Table public.T.1 has not all of the columns [gone]");
  }
}
