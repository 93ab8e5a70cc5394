package io.github.pg2adb.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableComparisonITCase {

  private static final TableName T = new TableName("public", "t");

  private static TestDatabase source;
  private static TestDatabase target;

  @BeforeAll
  static void createDatabases() {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
  }

  @AfterAll
  static void dropDatabases() {
    source.close();
    target.close();
  }

  @BeforeEach
  void dropTables() {
    both("DROP TABLE IF EXISTS t CASCADE");
  }

  /** Each with the type, the source's value and another one that is easily taken for the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int                   | 1                        | NULL",
        "text                  | ''                       | NULL",
        "text                  | 'a'                      | 'a '",
        "text                  | 'a'                      | 'A'",
        "text                  | E'a\\nb'                 | E'a\\\\nb'",
        "text                  | 'ä'                      | 'a'",
        "varchar(10)           | 'a'                      | 'a '",
        "float8                | 0.1                      | 0.1000000000000001",
        "float8                | '0.1'::float8 + '0.2'::float8 | 0.3",
        "float8                | 0                        | '-0'",
        "float8                | 'NaN'                    | 'Infinity'",
        "float4                | 16777216                 | 16777214",
        "numeric               | 1.0                      | 1.00",
        "numeric               | 12345678901234567890.123 | 12345678901234567890.124",
        "timestamptz           | '2024-01-01 00:00:00.000001Z' | '2024-01-01 00:00:00Z'",
        "timestamp             | 'infinity'               | '-infinity'",
        "time                  | '24:00'                  | '00:00'",
        "interval              | '1 day'                  | '24 hours'",
        "bytea                 | '\\x00'                  | '\\x'",
        "json                  | '{\"a\": 1}'             | '{\"a\":1}'",
        "jsonb                 | '{\"a\": 1.0}'           | '{\"a\": 1}'",
        "text[]                | '{}'                     | NULL",
        "text[]                | '{NULL}'                 | '{\"NULL\"}'",
        "int[]                 | '{1}'                    | '[0:0]={1}'",
        "bit varying           | B'0'                     | B'00'",
        "money                 | 1.00                     | 1.01",
        "point                 | '(0,1)'                  | '(1,0)'",
        "boolean               | true                     | false",
      })
  void findsOneOtherValue(String type, String sourceValue, String targetValue) {
    both("CREATE TABLE t (id int PRIMARY KEY, v " + type + ")");
    both("INSERT INTO t SELECT i, " + sourceValue + " FROM generate_series(1, 10) i");
    assertThat(compare("id", "v").equal()).isTrue();

    target.execute("UPDATE t SET v = " + targetValue + " WHERE id = 7");

    TableResult result = compare("id", "v");
    assertThat(result)
        .isEqualTo(
            new TableResult(
                T,
                10,
                10,
                false,
                0,
                0,
                1,
                List.of(new RowDifference(RowDifference.Kind.DIFFERENT, "(7)"))));
  }

  @Test
  void blankPaddedValuesAreEqualWhateverTheBlanksThatWereWritten() {
    both("CREATE TABLE t (id int PRIMARY KEY, v char(5))");
    source.execute("INSERT INTO t VALUES (1, 'a')");
    target.execute("INSERT INTO t VALUES (1, 'a  ')");

    assertThat(compare("id", "v").equal()).isTrue();
  }

  @Test
  void findsMissingAndExtraRows() {
    both("CREATE TABLE t (id int PRIMARY KEY, v text)");
    source.execute("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 30000) i");
    target.execute("INSERT INTO t SELECT i, 'x' FROM generate_series(101, 30001) i");

    TableResult result = compare("id", "v");

    assertThat(result.sourceRows()).isEqualTo(30000);
    assertThat(result.targetRows()).isEqualTo(29901);
    assertThat(result.missing()).isEqualTo(100);
    assertThat(result.extra()).isEqualTo(1);
    assertThat(result.different()).isZero();
    assertThat(result.differences()).isEqualTo(101);
    assertThat(result.sample()).hasSize(20);
    assertThat(result.toString())
        .startsWith(
            "public.t: NOT EQUAL, 30000 rows in the source, 29901 in the destination, 100 missing,"
                + " 1 extra, 0 different: [RowDifference[kind=");
  }

  @Test
  void findsOneMoreDuplicateWithoutAKey() {
    both("CREATE TABLE t (v text)", "INSERT INTO t SELECT 'x' FROM generate_series(1, 1000)");
    assertThat(compareWithoutKey("v").equal()).isTrue();

    target.execute("INSERT INTO t VALUES ('x')");

    TableResult result = compareWithoutKey("v");
    assertThat(result.extra()).isEqualTo(1);
    assertThat(result.missing()).isZero();
    assertThat(result.sample()).containsExactly(new RowDifference(RowDifference.Kind.EXTRA, "(x)"));
  }

  @Test
  void findsSwappedDuplicatesOfEqualNumber() {
    both("CREATE TABLE t (a int, b int)");
    source.execute("INSERT INTO t VALUES (1, 1), (1, 1), (2, 2)");
    target.execute("INSERT INTO t VALUES (1, 1), (2, 2), (2, 2)");

    TableResult result = compareWithoutKey("a", "b");

    assertThat(result.equal()).isFalse();
    assertThat(result.missing()).isEqualTo(1);
    assertThat(result.extra()).isEqualTo(1);
  }

  @Test
  void emptyTablesAreEqualAndOneRowOfNullsIsNotNoRow() {
    both("CREATE TABLE t (v text)");
    assertThat(compareWithoutKey("v")).hasToString("public.t: equal, 0 rows");

    source.execute("INSERT INTO t VALUES (NULL)");

    assertThat(compareWithoutKey("v").missing()).isEqualTo(1);
  }

  @Test
  void orderAndStorageDoNotMatter() {
    source.execute(
        "CREATE TABLE t (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (d)",
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')",
        "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')",
        "INSERT INTO t SELECT i, DATE '2024-01-01' + i FROM generate_series(0, 300) i");
    target.execute(
        "CREATE TABLE t (d date, id int, PRIMARY KEY (id, d))",
        "INSERT INTO t SELECT DATE '2024-01-01' + i, i FROM generate_series(300, 0, -1) i");

    assertThat(compare("id", "d")).hasToString("public.t: equal, 301 rows");
  }

  @Test
  void childrenByInheritanceAreTablesOfTheirOwn() {
    source.execute(
        "CREATE TABLE t (v int)",
        "CREATE TABLE child () INHERITS (t)",
        "INSERT INTO child VALUES (1)");
    target.execute("CREATE TABLE t (v int)");

    assertThat(compareWithoutKey("v")).hasToString("public.t: equal, 0 rows");
  }

  @Test
  void quotesNamesAndComparesUserTypesAndGeneratedColumns() {
    TableName odd = new TableName("select", "A \"b\".c");
    String name = "\"select\".\"A \"\"b\"\".c\"";
    both("DROP SCHEMA IF EXISTS \"select\" CASCADE", "CREATE SCHEMA \"select\"");
    // Other oids at the destination.
    target.execute("CREATE TYPE \"select\".other AS ENUM ('x')");
    both(
        "CREATE TYPE \"select\".mood AS ENUM ('sad', 'Happy')",
        "CREATE TYPE \"select\".pair AS (a int, m \"select\".mood)",
        "CREATE DOMAIN \"select\".percent AS float8 CHECK (VALUE <= 100)",
        "CREATE TABLE "
            + name
            + " (\"From\" int PRIMARY KEY, m \"select\".mood, p \"select\".pair[],"
            + " d \"select\".percent, g int GENERATED ALWAYS AS (\"From\" * 2) STORED)",
        "INSERT INTO " + name + " VALUES (1, 'Happy', ARRAY[ROW(1, 'sad')::\"select\".pair], 0.1)");
    List<String> columns = List.of("From", "m", "p", "d", "g");

    assertThat(compare(source, target, odd, columns, List.of("From")).equal()).isTrue();

    target.execute("UPDATE " + name + " SET p = ARRAY[ROW(1, 'Happy')::\"select\".pair]");
    assertThat(compare(source, target, odd, columns, List.of("From")).different()).isEqualTo(1);
  }

  @Test
  void encodingOfTheDatabaseDoesNotMatter() {
    try (TestDatabase latin =
        Servers.source()
            .createDatabase("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")) {
      latin.execute("CREATE TABLE t (v text)", "INSERT INTO t VALUES ('Grüße')");
      target.execute("CREATE TABLE t (v text)", "INSERT INTO t VALUES ('Grüße')");

      assertThat(compare(latin, target, T, List.of("v"), List.of()).equal()).isTrue();
    }
  }

  /** Before PostgreSQL 12 a float8 is written with 17 digits. */
  @ParameterizedTest
  @ValueSource(strings = {"10.23.0", "11.22.1"})
  void floatsOfOlderServersAreComparedByValue(String version) {
    try (TestServer old = Servers.embedded(version);
        TestDatabase older = old.createDatabase()) {
      String[] statements = {
        "CREATE DOMAIN ratio AS float8",
        "CREATE TABLE t (id int PRIMARY KEY, a float8, b float4, c float8[], d point, e ratio)",
        "INSERT INTO t VALUES (1, 0.1, 0.1, '{0.1,NULL}', '(0.1,0.2)', 0.3),"
            + " (2, 'NaN', '-Infinity', '{}', NULL, NULL)"
      };
      older.execute(statements);
      target.execute("DROP DOMAIN IF EXISTS ratio");
      target.execute(statements);
      List<String> columns = List.of("id", "a", "b", "c", "d", "e");

      assertThat(compare(older, target, T, columns, List.of("id")).equal()).isTrue();

      target.execute("UPDATE t SET a = 0.10000000000000002 WHERE id = 1");
      assertThat(compare(older, target, T, columns, List.of("id")).different()).isEqualTo(1);
    }
  }

  @Test
  void saysWhichEndLacksTheTableOrAColumn() {
    source.execute("CREATE TABLE t (a int, b int)");
    assertThatThrownBy(() -> compare("a", "b"))
        .isInstanceOf(MigrationException.class)
        .hasMessage("Cannot compare table \"public.t\": the destination has no such table.");

    target.execute("CREATE TABLE t (a int)");
    assertThatThrownBy(() -> compare("a", "b"))
        .isInstanceOf(MigrationException.class)
        .hasMessage("Cannot compare table \"public.t\": the destination has no column [b].");
  }

  @Test
  void leavesTheSessionsReadyForMore() throws Exception {
    both("CREATE TABLE t (a int)");
    try (Connection left = source.connection();
        Connection right = target.connection()) {
      TableComparison.compare(left, right, T, List.of("a"), List.of());
      both("INSERT INTO t VALUES (1)");

      assertThat(TableComparison.compare(left, right, T, List.of("a"), List.of()).sourceRows())
          .isEqualTo(1);
      assertThat(left.getAutoCommit() && right.getAutoCommit()).isTrue();
    }
  }

  private static void both(String... statements) {
    source.execute(statements);
    target.execute(statements);
  }

  private static TableResult compare(String key, String... others) {
    List<String> columns = Stream.concat(Stream.of(key), Arrays.stream(others)).toList();
    return compare(source, target, T, columns, List.of(key));
  }

  private static TableResult compareWithoutKey(String... columns) {
    return compare(source, target, T, List.of(columns), List.of());
  }

  private static TableResult compare(
      TestDatabase source,
      TestDatabase target,
      TableName table,
      List<String> columns,
      List<String> key) {
    try (Connection left = source.connection();
        Connection right = target.connection()) {
      return TableComparison.compare(left, right, table, columns, key);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
