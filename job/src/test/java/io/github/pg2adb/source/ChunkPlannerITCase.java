package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.source.copy.ChunkPlanner;
import io.github.pg2adb.source.copy.ChunkSql;
import io.github.pg2adb.source.copy.KeyColumn;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

class ChunkPlannerITCase {

  private static final int ROWS = 5_000;
  private static TestDatabase database;

  @BeforeAll
  static void createTypes() {
    database = Servers.source().createDatabase();
    database.execute(
        "CREATE SCHEMA ext",
        "CREATE EXTENSION citext SCHEMA ext",
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN code AS varchar(20) COLLATE \"C\"",
        "CREATE DOMAIN mail AS ext.citext",
        "CREATE COLLATION IF NOT EXISTS de (provider = icu, locale = 'de')");
  }

  @AfterAll
  static void dropDatabase() {
    database.close();
  }

  static List<Arguments> singleColumnKeys() {
    return List.of(
        Arguments.of("int", "i"),
        Arguments.of("int", "-i"),
        Arguments.of("text", "md5(i::text)"),
        Arguments.of("text", "chr(96 + i % 26) || E'\\\\\\n''\" %' || i"),
        Arguments.of("text COLLATE de", "(ARRAY['a','B','ä','Z','z','é','_'])[i % 7 + 1] || i"),
        Arguments.of("\"char\"", "null"),
        Arguments.of("char(12)", "(i % 100) || ' ' || i"),
        Arguments.of("ext.citext", "CASE i % 2 WHEN 0 THEN 'a' ELSE 'B' END || i"),
        Arguments.of("mail", "CASE i % 2 WHEN 0 THEN 'a' ELSE 'B' END || i"),
        Arguments.of("code", "CASE i % 2 WHEN 0 THEN 'a' ELSE 'B' END || i"),
        Arguments.of("code COLLATE de", "CASE i % 2 WHEN 0 THEN 'a' ELSE 'B' END || i"),
        Arguments.of("uuid", "md5(i::text)::uuid"),
        Arguments.of("numeric", "CASE i WHEN 1 THEN 'NaN' ELSE i / 7.0 END"),
        Arguments.of(
            "float8", "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN 'infinity' ELSE i / 7.0::float8 END"),
        Arguments.of(
            "timestamptz",
            "CASE i WHEN 1 THEN '-infinity' ELSE '2020-01-01'::timestamptz + i * interval '1.000001 s' END"),
        Arguments.of("bytea", "decode(md5(i::text), 'hex')"),
        Arguments.of("int[]", "ARRAY[i % 10, i]"),
        Arguments.of("pair", "ROW(i % 10, 'x' || i)::pair"),
        Arguments.of("int4range", "int4range(i, i + 5)"),
        Arguments.of("inet", "'10.0.0.0'::inet + i"),
        Arguments.of("bit(16)", "i::bit(16)"));
  }

  @ParameterizedTest
  @MethodSource("singleColumnKeys")
  void chunksOfASingleColumnKeyHaveEveryRowOnce(String type, String expression) throws Exception {
    if (expression.equals("null")) {
      assertComplete("key " + type + " PRIMARY KEY, v int", "chr(32 + i)::\"char\", i", 90);
    } else {
      assertComplete("key " + type + " PRIMARY KEY, v int", expression + ", i", ROWS);
    }
  }

  static List<Arguments> severalColumnKeys() {
    return List.of(
        Arguments.of("a int, b text, PRIMARY KEY (a, b)", "i % 3, md5(i::text)"),
        Arguments.of("a text COLLATE de, b int, PRIMARY KEY (b, a)", "'ä' || i, i % 5"),
        Arguments.of(
            "a mood, b ext.citext, PRIMARY KEY (a, b)",
            "(ARRAY['sad','ok','happy']::mood[])[i % 3 + 1], 'X' || i"),
        Arguments.of(
            "a int, b ext.citext, c uuid, PRIMARY KEY (b, a, c)",
            "i, 'x' || i % 2, md5(i::text)::uuid"),
        Arguments.of(
            "a timestamptz, b numeric, PRIMARY KEY (a, b)",
            "'2020-01-01'::timestamptz + i % 9 * interval '1 day', i"),
        Arguments.of("a int NOT NULL, b int NOT NULL, UNIQUE (b, a)", "i, i % 2"));
  }

  @ParameterizedTest
  @MethodSource("severalColumnKeys")
  void chunksOfASeveralColumnKeyHaveEveryRowOnce(String columns, String expressions)
      throws Exception {
    assertComplete(columns, expressions, ROWS);
  }

  @ParameterizedTest
  @CsvSource({"32, 32", "1000000000, 1"})
  void cutsAsManyChunksAsTheSizeAsksFor(int chunks, int expected) throws Exception {
    List<Chunk> found = assertChunks("id int PRIMARY KEY, v int", "i, i", ROWS, chunks);
    assertThat(found).hasSize(expected == 1 ? 1 : 32);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void cutsPartitionedTablesByTheirRoot(boolean hash) throws Exception {
    database.execute(
        "DROP TABLE IF EXISTS k",
        "CREATE TABLE k (id int PRIMARY KEY, v text) PARTITION BY "
            + (hash ? "HASH (id)" : "RANGE (id)"),
        "CREATE TABLE k_1 PARTITION OF k FOR VALUES "
            + (hash ? "WITH (MODULUS 2, REMAINDER 0)" : "FROM (MINVALUE) TO (1000)"),
        "CREATE TABLE k_2 PARTITION OF k FOR VALUES "
            + (hash ? "WITH (MODULUS 2, REMAINDER 1)" : "FROM (1000) TO (MAXVALUE)"),
        "INSERT INTO k SELECT i, 'v' FROM generate_series(1, " + ROWS + ") i");
    assertThat(plan(8)).hasSizeGreaterThanOrEqualTo(7);
    assertEveryRowOnce(plan(8));
  }

  private static void assertComplete(String columns, String expressions, int rows)
      throws Exception {
    List<Chunk> chunks = assertChunks(columns, expressions, rows, 8);
    assertThat(chunks).hasSizeBetween(4, 8);
  }

  private static List<Chunk> assertChunks(String columns, String expressions, int rows, int chunks)
      throws Exception {
    database.execute(
        "DROP TABLE IF EXISTS k",
        "CREATE TABLE k (" + columns + ")",
        "INSERT INTO k SELECT " + expressions + " FROM generate_series(1, " + rows + ") i",
        "ANALYZE k");
    List<Chunk> plan = plan(chunks);
    assertEveryRowOnce(plan);
    return plan;
  }

  private static List<Chunk> plan(int chunks) throws Exception {
    TableSchema table = SourceTables.read(database, "public.k").get(0);
    assertThat(table.chunkKey()).isNotEmpty();
    try (Connection connection = database.connection()) {
      return new ChunkPlanner(
              connection,
              chunks == 1_000_000_000
                  ? Long.MAX_VALUE / 2
                  : Math.max(1, (table.bytes() + chunks - 1) / chunks))
          .plan(table);
    }
  }

  private static void assertEveryRowOnce(List<Chunk> chunks) throws Exception {
    TableSchema table = SourceTables.read(database, "public.k").get(0);
    List<String> found = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    int largest = 0;
    try (Connection connection = database.connection()) {
      List<KeyColumn> key = KeyColumn.read(connection, table.name(), table.chunkKey());
      for (Chunk chunk : chunks) {
        List<String> rows =
            copy(connection, ChunkSql.copy(table, Routes.AS_SOURCE.of(table.name()), chunk, key));
        largest = Math.max(largest, rows.size());
        found.addAll(rows);
      }
      expected.addAll(
          copy(
              connection,
              ChunkSql.copy(
                  table, Routes.AS_SOURCE.of(table.name()), Chunk.whole(table.name()), List.of())));
    }
    found.sort(null);
    expected.sort(null);
    assertThat(found).isEqualTo(expected);
    assertThat(largest).isLessThanOrEqualTo(2 * expected.size() / chunks.size() + 2);
  }

  private static List<String> copy(Connection connection, String sql) throws Exception {
    CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] row = copy.readFromCopy();
    while (row != null) {
      bytes.writeBytes(row);
      row = copy.readFromCopy();
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
