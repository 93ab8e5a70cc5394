package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.SourceSchema.Skipped;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.model.TypeSchema.EnumType;
import io.github.pg2adb.model.TypeSchema.RangeType;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCatalogITCase {

  private static final Duration CATALOG_LIMIT = Duration.ofSeconds(20);

  private static SourceSchema read(TestDatabase database, String... patterns) {
    try (Connection connection = database.connection()) {
      SourceSchema schema =
          SourceCatalog.read(connection, TableSelection.parse(List.of(patterns), List.of()));
      assertThat(connection.getAutoCommit()).isTrue();
      return schema;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, TableSchema> byName(SourceSchema schema) {
    return schema.tables().stream()
        .collect(Collectors.toMap(table -> table.name().toString(), Function.identity()));
  }

  @Test
  void readsEverythingThatACatalogCanHold() {
    try (TestDatabase database = Servers.source().createDatabase()) {
      Zoo.createBasics(database);
      Zoo.createModern(database, 16);
      Zoo.createExtensions(database);

      SourceSchema schema = read(database, "*.*");

      assertTables(byName(schema), 16);
      assertPlain(byName(schema).get("zoo.plain"));
      assertTypes(schema.types());
      TableName extended = new TableName("zoo", "extended");
      assertThat(schema.extensions())
          .containsExactly(
              new Extension(
                  "citext",
                  "ext",
                  List.of(new ColumnName(extended, "id"), new ColumnName(extended, "mails"))),
              new Extension("hstore", "ext", List.of(new ColumnName(extended, "tags"))));
      assertThat(schema.skipped())
          .containsExactly(new Skipped(new TableName("zoo", "unlogged"), "an unlogged table"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12", "13", "14", "15", "17", "18"})
  void readsEveryRelease(String release) {
    try (TestServer server = Servers.embedded(release);
        TestDatabase database = server.createDatabase()) {
      int major = Integer.parseInt(release);
      Zoo.createBasics(database);
      Zoo.createModern(database, major);

      SourceSchema schema = read(database, "*.*");

      assertTables(byName(schema), major);
      assertThat(schema.types()).hasSize(8);
      if (major >= 18) {
        assertRelease18(database);
      }
    }
  }

  private static void assertTables(Map<String, TableSchema> tables, int major) {
    TableSchema composite = tables.get("zoo.composite_key");
    assertThat(composite.primaryKey()).containsExactly("c", "a");
    assertThat(composite.chunkKey()).containsExactly("c", "a");
    TableSchema identityIndex = tables.get("zoo.identity_index");
    assertThat(identityIndex.replicaIdentity()).isEqualTo(ReplicaIdentity.INDEX);
    assertThat(identityIndex.identityKey()).containsExactly("b", "a");
    assertThat(identityIndex.chunkKey()).containsExactly("b", "a");
    assertThat(identityIndex.primaryKey()).isEmpty();
    assertThat(tables.get("zoo.whole_row").replicaIdentity()).isEqualTo(ReplicaIdentity.FULL);
    assertThat(tables.get("zoo.no_identity").identityKey()).isEmpty();
    assertThat(tables.get("zoo.no_identity").publishesUpdates()).isFalse();
    assertThat(tables.get("zoo.deferred").identityKey()).isEmpty();
    assertThat(tables.get("zoo.deferred").primaryKey()).containsExactly("id");
    assertThat(tables.get("zoo.no_key").chunkKey()).isEmpty();
    assertThat(tables.get("zoo.no_column").columns()).isEmpty();
    assertThat(tables.get("zoo.child").columns()).hasSize(3);
    assertThat(tables.get("zoo.wide").columns()).hasSize(1600);
    assertThat(tables).containsKey("My \"Schema.we.ird \"table");
    assertThat(tables.get("zoo." + Zoo.LONG_NAME).primaryKey()).containsExactly(Zoo.LONG_NAME);
    if (major < 10) {
      return;
    }
    assertThat(tables.get("zoo.identities").columns())
        .extracting(ColumnSchema::generation)
        .containsExactly(Generation.IDENTITY_ALWAYS, Generation.IDENTITY_BY_DEFAULT);
    assertPartitioned(tables, major);
    if (major >= 12) {
      assertThat(tables.get("zoo.generated").copiedColumns()).containsExactly("id", "a");
    }
  }

  private static void assertPartitioned(Map<String, TableSchema> tables, int major) {
    TableSchema partitioned = tables.get("zoo.measurement");
    assertThat(partitioned.kind()).isEqualTo(TableSchema.Kind.PARTITIONED);
    assertThat(partitioned.leaves())
        .extracting(TableName::name)
        .containsExactly("measurement_eu_1", "measurement_eu_2", "measurement_us");
    assertThat(partitioned.primaryKey())
        .isEqualTo(major >= 11 ? List.of("region", "at") : List.of());
    assertThat(partitioned.chunkKey()).isEqualTo(partitioned.primaryKey());
    assertThat(partitioned.estimatedRows()).isEqualTo(366);
    assertThat(partitioned.bytes()).isGreaterThanOrEqualTo(2 * 8192);
    assertThat(tables.get("zoo.unpartitioned").leaves()).isEmpty();
    assertThat(tables).doesNotContainKeys("zoo.measurement_eu", "zoo.measurement_eu_1");
  }

  private static void assertPlain(TableSchema plain) {
    assertThat(plain.estimatedRows()).isEqualTo(-1);
    assertThat(plain.uniqueKeys()).containsExactly(List.of("last"), List.of("name", "at"));
    assertThat(plain.columns())
        .extracting(ColumnSchema::name, ColumnSchema::type)
        .map(tuple -> tuple.toList().get(0) + " " + tuple.toList().get(1))
        .containsExactly(
            "id bigint",
            "gap integer",
            "name character varying(40)",
            "note text",
            "price numeric(12,3)",
            "at timestamp(3) with time zone",
            "flags bit(5)",
            "many bit varying",
            "one \"char\"",
            "fixed character(3)",
            "dur interval day to second(3)",
            "mood zoo.mood",
            "small zoo.\"Small Positive\"",
            "moods zoo.moods",
            "pair zoo.outer_pair",
            "pairs zoo.outer_pair[]",
            "words zoo.words",
            "doc jsonb",
            "last text");
    ColumnSchema last = plain.columns().get(18);
    assertThat(last.attnum()).isEqualTo(20);
    assertThat(plain.columns().get(2).collation()).isEqualTo("pg_catalog.\"C\"");
    assertThat(plain.columns().get(2).notNull()).isTrue();
    assertThat(plain.columns().get(0).defaultExpression())
        .isEqualTo("nextval('zoo.plain_id_seq'::regclass)");
    assertThat(plain.columns().get(3).defaultExpression()).isEqualTo("'it''s {x} ?'::text");
  }

  private static void assertTypes(List<TypeSchema> types) {
    assertThat(types)
        .containsExactly(
            new DomainType(
                zoo("positive"),
                "integer",
                null,
                false,
                null,
                List.of(new DomainType.Check("positive_check", "CHECK ((VALUE > 0))"))),
            new DomainType(
                zoo("Small Positive"),
                "zoo.positive",
                null,
                true,
                "7",
                List.of(
                    new DomainType.Check("Small Positive_check", "CHECK (((VALUE)::integer <> 5))"),
                    new DomainType.Check("below ten", "CHECK (((VALUE)::integer < 10))"))),
            new DomainType(
                zoo("email"),
                "ext.citext",
                null,
                false,
                null,
                List.of(
                    new DomainType.Check("email_check", "CHECK (((VALUE)::text ~ '@'::text))"))),
            new EnumType(zoo("mood"), List.of("sad", "it's \"ok\"", "back\\slash", "großartig")),
            new CompositeType(
                zoo("inner_pair"),
                List.of(
                    new CompositeType.Attribute("a b", "numeric(10,2)", null),
                    new CompositeType.Attribute("moods", "zoo.mood[]", null),
                    new CompositeType.Attribute("c", "text", "pg_catalog.\"C\""))),
            new DomainType(
                zoo("moods"),
                "zoo.mood[]",
                null,
                false,
                null,
                List.of(
                    new DomainType.Check("moods_check", "CHECK ((array_length(VALUE, 1) < 4))"))),
            new RangeType(zoo("span"), "numeric", null, zoo("span_multirange")),
            new CompositeType(
                zoo("outer_pair"),
                List.of(
                    new CompositeType.Attribute("pairs", "zoo.inner_pair[]", null),
                    new CompositeType.Attribute("span", "zoo.span", null))),
            new RangeType(zoo("words"), "text", "pg_catalog.\"C\"", zoo("words_multirange")));
  }

  private static TableName zoo(String name) {
    return new TableName("zoo", name);
  }

  /** Virtual columns, NOT NULL that rows may break, and a primary key that is no btree. */
  private static void assertRelease18(TestDatabase database) {
    database.execute(
        "CREATE TABLE zoo.virtual (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
        "CREATE TABLE zoo.maybe_null (a int)",
        "INSERT INTO zoo.maybe_null VALUES (NULL)",
        "ALTER TABLE zoo.maybe_null ADD CONSTRAINT later NOT NULL a NOT VALID",
        "CREATE TABLE zoo.temporal (r int4range, during daterange, PRIMARY KEY (r, during WITHOUT OVERLAPS))",
        "CREATE TABLE zoo.many (m int4multirange)");
    Map<String, TableSchema> tables =
        byName(read(database, "zoo.virtual", "zoo.maybe_null", "zoo.temporal", "zoo.many"));

    assertThat(tables.get("zoo.virtual").copiedColumns()).containsExactly("id");
    assertThat(tables.get("zoo.virtual").columns().get(1).generation())
        .isEqualTo(Generation.VIRTUAL);
    assertThat(tables.get("zoo.maybe_null").columns().get(0).notNull()).isFalse();
    assertThat(tables.get("zoo.temporal").primaryKey()).containsExactly("r", "during");
    assertThat(tables.get("zoo.temporal").chunkKey()).isEmpty();
    assertThat(tables.get("zoo.many").columns().get(0).type()).isEqualTo("int4multirange");
  }

  @Test
  void refusesPartitionsWhoseChangesAreNotInTheWal() {
    try (TestDatabase database = Servers.source().createDatabase()) {
      database.execute(
          "CREATE TABLE p (a int) PARTITION BY LIST (a)",
          "CREATE UNLOGGED TABLE p_1 PARTITION OF p FOR VALUES IN (1)");

      assertThatThrownBy(() -> read(database, "public.*"))
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot migrate partitioned table \"public.p\": its partition \"public.p_1\" is an unlogged table,"
                  + " whose changes are not in the WAL."
                  + " Hint: Detach the partition, or exclude the partitioned table.");
    }
  }

  @Test
  void needsNoRightOnTheTables() throws Exception {
    try (TestDatabase database = Servers.source().createDatabase();
        Connection connection = database.connection()) {
      database.execute(
          "CREATE TABLE secret (id int PRIMARY KEY)",
          "REVOKE ALL ON secret FROM public",
          "CREATE ROLE " + database.name() + "_reader");
      try (var statement = connection.createStatement()) {
        statement.execute("SET ROLE " + database.name() + "_reader");

        assertThat(
                SourceCatalog.read(
                        connection, TableSelection.parse(List.of("public.secret"), List.of()))
                    .tables())
            .hasSize(1);

        statement.execute("RESET ROLE; DROP ROLE " + database.name() + "_reader");
      }
    }
  }

  @Test
  @Tag("slow")
  void readsFiveThousandTablesInSeconds() {
    try (TestDatabase database = Servers.source().createDatabase()) {
      String columns =
          java.util.stream.IntStream.rangeClosed(1, 19)
              .mapToObj(i -> "c" + i + (i % 3 == 0 ? " text DEFAULT 'x'" : " numeric(10,2)"))
              .collect(Collectors.joining(", "));
      for (int hundred = 0; hundred < 50; hundred++) {
        database.execute(
            "DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t_%s_%s (id int PRIMARY KEY, "
                + columns.replace("'", "''")
                + ")', "
                + hundred
                + ", i); END LOOP; END $$");
      }
      long start = System.nanoTime();

      SourceSchema schema = read(database, "public.*");

      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      System.out.println(
          "[pg2adb tests] catalog of 5,000 tables read in " + taken.toMillis() + " ms");
      assertThat(schema.tables()).hasSize(5_000).allMatch(table -> table.columns().size() == 20);
      assertThat(taken).isLessThan(CATALOG_LIMIT);
    }
  }
}
