package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.RangeType;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import io.github.pg2adb.testing.Pagila;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaStepITCase {

  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    target = Servers.target().createDatabase();
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    target.close();
  }

  private static SourceSchema read(TestDatabase database, String... patterns) {
    try (Connection connection = database.connection()) {
      return SourceCatalog.read(connection, TableSelection.parse(List.of(patterns), List.of()));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private SchemaReport apply(SourceSchema schema) {
    try (Connection connection = target.connection()) {
      SchemaReport report =
          SchemaStep.apply(
              connection,
              RoutedSchema.of(schema, Routes.AS_SOURCE),
              TargetProbe.ask(connection),
              Rules.keeping());
      assertThat(connection.getAutoCommit()).isTrue();
      return report;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<String> objects(SchemaReport report, Outcome outcome) {
    return report.of(outcome).stream().map(Entry::object).collect(Collectors.toSet());
  }

  /**
   * What must be the same on both ends, by table: columns without their numbers and the primary
   * key.
   */
  private static Map<TableName, List<Object>> shapes(SourceSchema schema) {
    return schema.tables().stream()
        .collect(
            Collectors.toMap(
                TableSchema::name,
                table ->
                    List.of(
                        table.primaryKey(),
                        IntStream.range(0, table.columns().size())
                            .mapToObj(i -> renumbered(table.columns().get(i), i + 1))
                            .toList())));
  }

  /** The types as the destination has them: before release 14 there are no multiranges. */
  private static List<TypeSchema> typesOf(SourceSchema schema) {
    boolean multiranges = Servers.target().product().multiranges();
    return schema.types().stream()
        .map(
            type ->
                type instanceof RangeType range && !multiranges
                    ? new RangeType(range.name(), range.subtype(), range.collation(), null)
                    : type)
        .toList();
  }

  private static ColumnSchema renumbered(ColumnSchema column, int attnum) {
    return new ColumnSchema(
        attnum,
        column.name(),
        column.type(),
        column.notNull(),
        column.collation(),
        column.defaultExpression(),
        column.generation());
  }

  @Test
  void createsWhatTheSourceHas() {
    Zoo.createBasics(source);
    Zoo.createModern(source, 16);
    Zoo.createExtensions(source);
    SourceSchema schema = read(source, "*.*");

    SchemaReport report = apply(schema);

    SourceSchema copy = read(target, "zoo.*", "\"My \"\"Schema\".*");
    Map<TableName, List<Object>> expected = shapes(schema);
    Map<TableName, List<Object>> actual = shapes(copy);
    assertThat(actual).isEqualTo(expected);
    assertThat(copy.types()).isEqualTo(typesOf(schema));
    assertThat(copy.extensions()).isEqualTo(schema.extensions());
    assertThat(objects(report, Outcome.KEPT)).isEmpty();
    assertThat(objects(report, Outcome.ADAPTED))
        .containsExactlyInAnyOrder("table zoo.measurement", "table zoo.unpartitioned");
    assertThat(report.of(Outcome.LEFT_OUT))
        .containsExactly(
            new Entry(Outcome.LEFT_OUT, "table zoo.unlogged", "It is an unlogged table."));
  }

  @Test
  void aDefaultThatTheDestinationRefusesDoesNotStopATable() {
    source.execute(
        "CREATE FUNCTION make() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT make(), b int DEFAULT 3)");
    target.execute("CREATE FUNCTION make() RETURNS box LANGUAGE sql AS 'SELECT NULL::box'");

    SchemaReport report = apply(read(source, "public.*"));

    assertThat(report.of(Outcome.LEFT_OUT))
        .containsExactly(
            new Entry(
                Outcome.LEFT_OUT,
                "column public.t.a",
                "The destination refuses its default public.make():"
                    + " column \"a\" is of type integer but default expression is of type box (SQLSTATE 42804)"));
    assertThat(
            target.single(
                "SELECT column_default FROM information_schema.columns"
                    + " WHERE table_name = 't' AND column_name = 'b'"))
        .isEqualTo("3");
  }

  @Test
  void secondRunCreatesWhatIsStillMissing() {
    Zoo.createBasics(source);
    SourceSchema schema = read(source, "*.*");
    apply(schema);
    assertThat(objects(apply(schema), Outcome.CREATED)).isEmpty();
    target.execute("DROP TABLE zoo.plain, zoo.typed_key", "DROP TYPE zoo.words");

    SchemaReport report = apply(schema);

    assertThat(objects(report, Outcome.CREATED))
        .containsExactlyInAnyOrder("type zoo.words", "table zoo.plain", "table zoo.typed_key");
    assertThat(shapes(read(target, "zoo.plain"))).isEqualTo(shapes(read(source, "zoo.plain")));
  }

  @Test
  void twoAtOnceCreateEverythingOnce() {
    Zoo.createBasics(source);
    SourceSchema schema = read(source, "*.*");

    List<CompletableFuture<SchemaReport>> both =
        List.of(
            CompletableFuture.supplyAsync(() -> apply(schema)),
            CompletableFuture.supplyAsync(() -> apply(schema)));

    Set<String> first = objects(both.get(0).join(), Outcome.CREATED);
    Set<String> second = objects(both.get(1).join(), Outcome.CREATED);
    // The slower of the two may find everything there already.
    assertThat(first.size() + second.size()).isPositive();
    // a function is replaced by whoever comes second
    assertThat(first)
        .filteredOn(object -> !object.startsWith("function "))
        .noneMatch(second::contains);
    assertThat(shapes(read(target, "zoo.plain"))).isEqualTo(shapes(read(source, "zoo.plain")));
    assertThat(read(target, "zoo.*").types()).isEqualTo(typesOf(schema));
  }

  @Test
  void keepsATableWithEveryColumnAndRefusesOthersBeforeCreatingAny() {
    source.execute(
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        "CREATE TABLE fits (id int PRIMARY KEY, v text)",
        "CREATE TABLE lacks (id int PRIMARY KEY, v text, m mood)",
        "CREATE TABLE viewed (id int)",
        "CREATE TABLE absent (id int)");
    target.execute(
        "CREATE TYPE mood AS ENUM ('b')",
        "CREATE TABLE fits (v varchar, extra int, id bigint)",
        "CREATE TABLE lacks (v text, must int NOT NULL)",
        "CREATE VIEW viewed AS SELECT 1 AS id");

    assertThatThrownBy(() -> apply(read(source, "public.*")))
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot create the schema in the destination:"
                + " table \"public.lacks\" is there, but differs: column \"id\" is missing, column \"m\" is missing,"
                + " column \"must\" is NOT NULL without default and not in the source;"
                + " table \"public.viewed\" is there, but is no table;"
                + " type \"public.mood\" is there, but has no label \"a\"."
                + " Hint: Nothing there is altered or dropped: change or remove it by hand, create the table yourself"
                + " in a form that holds the rows, or exclude it.");
    assertThat(target.single("SELECT to_regclass('public.absent')")).isNull();

    assertThat(objects(apply(read(source, "public.fits")), Outcome.KEPT))
        .containsExactly("table public.fits");
  }

  @Test
  void putsOtherTypesInThePlaceOfThoseThatTheDestinationHasNot() {
    assumeThat(Servers.target().product().postgresMajor()).isLessThan(13);
    assumeThat(Servers.source().product().postgresMajor()).isGreaterThan(13);
    source.execute(
        "CREATE DOMAIN spans AS datemultirange",
        "CREATE TYPE pair AS (a int, x xid8)",
        "CREATE TYPE own AS RANGE (subtype = float8, multirange_type_name = \"Own ranges\")",
        "CREATE TABLE t (id xid8 PRIMARY KEY, m int4multirange[] DEFAULT '{}', s spans, p pair, w pg_snapshot,"
            + " o \"Own ranges\", r own)");

    SchemaReport report = apply(read(source, "public.*"));

    assertThat(
            target.query(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                    + " WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum"))
        .containsExactly(
            List.of("id", "numeric(20,0)"),
            List.of("m", "text[]"),
            List.of("s", "spans"),
            List.of("p", "pair"),
            List.of("w", "txid_snapshot"),
            List.of("o", "text"),
            List.of("r", "own"));
    assertThat(
            target.single(
                "SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE typname = 'spans'"))
        .isEqualTo("text");
    assertThat(report.of(Outcome.ADAPTED))
        .containsExactlyInAnyOrder(
            new Entry(
                Outcome.ADAPTED,
                "column public.t.id",
                "The destination has no type xid8, so it is numeric(20,0)."),
            new Entry(
                Outcome.ADAPTED,
                "column public.t.m",
                "The destination has no type int4multirange[], so it is text[]."),
            new Entry(
                Outcome.ADAPTED,
                "column public.t.w",
                "The destination has no type pg_snapshot, so it is txid_snapshot."),
            new Entry(
                Outcome.ADAPTED,
                "column public.t.o",
                "The destination has no type public.\"Own ranges\", so it is text."),
            new Entry(
                Outcome.ADAPTED,
                "type public.pair.x",
                "The destination has no type xid8, so it is numeric(20,0)."),
            new Entry(
                Outcome.ADAPTED,
                "type public.spans",
                "The destination has no type datemultirange, so it is text."));
  }

  @Test
  void multirangesComeWithTheirRangesWhereThereAreAny() {
    assumeThat(Servers.source().product().multiranges()).isTrue();
    source.execute(
        "CREATE TYPE own AS RANGE (subtype = float8, multirange_type_name = \"Own ranges\")",
        "CREATE TABLE t (id \"Own ranges\" PRIMARY KEY, m \"Own ranges\"[])");
    TestDatabase usual = target;
    try (TestDatabase newer = Servers.source().createDatabase()) {
      target = newer;
      SourceSchema schema = read(source, "public.*");

      SchemaReport report = apply(schema);

      assertThat(shapes(read(newer, "public.*"))).isEqualTo(shapes(schema));
      assertThat(report.of(Outcome.ADAPTED)).isEmpty();
    } finally {
      target = usual;
    }
  }

  @Test
  void namesColumnsWhoseTypesTheDestinationHasNot() {
    assumeThat(Servers.target().product().postgresMajor()).isLessThan(13);
    assumeThat(Servers.source().product().postgresMajor()).isGreaterThan(13);
    source.execute("CREATE TABLE t (id int, m pg_brin_bloom_summary)");

    assertThatThrownBy(() -> apply(read(source, "public.*")))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "Cannot create tables in the destination: it does not have the types of these columns:")
        .hasMessageContaining("\"public.t.m\" (pg_brin_bloom_summary)")
        .hasMessageContaining(
            "Hint: Create the type or the table there by hand (a column of type text takes every value), or exclude the table.");
  }

  @Test
  void namesColumnsThatNeedAnExtensionThatMayNotBeCreated() throws Exception {
    source.execute("CREATE EXTENSION hstore", "CREATE TABLE t (tags hstore)");
    SourceSchema schema = read(source, "public.*");
    String role = target.name() + "_loader";
    target.execute("CREATE ROLE " + role);
    try (Connection connection = target.connection();
        Statement statement = connection.createStatement()) {
      Target product = TargetProbe.ask(connection);
      statement.execute("SET ROLE " + role);

      assertThatThrownBy(
              () ->
                  SchemaStep.apply(
                      connection,
                      RoutedSchema.of(schema, Routes.AS_SOURCE),
                      product,
                      Rules.keeping()))
          .isInstanceOf(MigrationException.class)
          .hasMessage(
              "Cannot create extension \"hstore\": permission denied to create extension \"hstore\" (SQLSTATE 42501)"
                  + " Hint: Have it created there by hand: these columns need it: \"public.t.tags\".");
    }
    target.execute("DROP ROLE " + role);
  }

  @Test
  void rowTypeOfATableComesAfterThatTable() {
    source.execute("CREATE TABLE z (a int)", "CREATE TABLE a (id int PRIMARY KEY, z z[])");

    assertThat(objects(apply(read(source, "public.*")), Outcome.CREATED))
        .containsExactlyInAnyOrder("table public.a", "table public.z");
  }

  @Test
  void keysThatSegmentsCannotHashDoNotStopATable() {
    source.execute(
        "CREATE TYPE pair AS (a int, b int)",
        "CREATE TABLE single (p pair PRIMARY KEY)",
        "CREATE TABLE partly (p pair, id int, PRIMARY KEY (p, id))");

    SchemaReport report = apply(read(source, "public.*"));

    assertThat(objects(report, Outcome.CREATED))
        .contains("table public.single", "table public.partly");
    if (Servers.target().product().distributed()) {
      assertThat(objects(report, Outcome.LEFT_OUT)).containsExactly("primary key of public.single");
      assertThat(objects(report, Outcome.ADAPTED)).containsExactly("table public.partly");
    } else {
      assertThat(report.of(Outcome.LEFT_OUT)).isEmpty();
    }
  }

  @Test
  void createsTheSampleDatabasePagila() throws Exception {
    Pagila.create(source);
    SourceSchema schema = read(source, "public.*");

    SchemaReport report = apply(schema);

    assertThat(shapes(read(target, "public.*"))).isEqualTo(shapes(schema));
    assertThat(objects(report, Outcome.LEFT_OUT)).isEmpty();
    assertThat(schema.tables()).hasSizeGreaterThan(15);
  }
}
