package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole plans for every kind of destination, compared with {@code src/test/resources/plan}. Those
 * of release 6, AnalyticDB and Cloudberry are text that no server of the tests has executed. {@code
 * -Dpg2adb.write-plans=true} writes them anew.
 */
class GoldenPlanITCase {

  private static final Path FOLDER = Path.of("src/test/resources/plan");

  private static final Set<String> METHODS = Set.of("btree", "gin", "gist", "brin");

  private static TestDatabase source;
  private static TestDatabase sink;

  /**
   * A destination.
   *
   * @param name the name of its file
   */
  private record Kind(String name, Target target) {

    static Kind of(Target.Kind product, int major, boolean insertOnConflict) {
      return new Kind(
          product.word() + "-" + major,
          new Target(
              product,
              // the first that stores as beam
              product == Target.Kind.ANALYTICDB && major == 12 ? "7.0.6.6" : "test",
              major,
              product != Target.Kind.POSTGRESQL,
              insertOnConflict,
              major >= 10,
              major >= 12));
    }

    Path file(String suffix) {
      return FOLDER.resolve(name + suffix + ".txt");
    }

    Set<String> methods() {
      Set<String> methods = new TreeSet<>(METHODS);
      if (target.kind() == Target.Kind.POSTGRESQL) {
        methods.add("hash");
      }
      return methods;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** By the PostgreSQL that they are based on: 9 is release 6 of the Greenplum family, 12 is 7. */
  static Stream<Kind> destinations() {
    return Stream.of(
        Kind.of(Target.Kind.ANALYTICDB, 9, true),
        Kind.of(Target.Kind.ANALYTICDB, 12, true),
        Kind.of(Target.Kind.GREENPLUM, 9, false),
        Kind.of(Target.Kind.GREENPLUM, 12, true),
        Kind.of(Target.Kind.CLOUDBERRY, 14, true),
        Kind.of(Target.Kind.POSTGRESQL, 10, true),
        Kind.of(Target.Kind.POSTGRESQL, 12, true),
        Kind.of(Target.Kind.POSTGRESQL, 16, true));
  }

  @BeforeAll
  static void createDatabases() {
    source = Servers.source().createDatabase();
    sink = Servers.target().createDatabase();
    ObjectZoo.create(source, 16);
    source.execute(
        "CREATE TABLE shop.line (id bigint GENERATED ALWAYS AS IDENTITY, part int, made date, PRIMARY KEY (id, part))"
            + " PARTITION BY RANGE (part)",
        "CREATE TABLE shop.line_1 PARTITION OF shop.line FOR VALUES FROM (0) TO (10)",
        "CREATE INDEX made_when ON shop.line (made)",
        "CREATE TABLE shop.visit (id int, region text, at date, PRIMARY KEY (id, region, at)) PARTITION BY LIST (region)",
        "CREATE TABLE shop.visit_eu PARTITION OF shop.visit FOR VALUES IN ('de', 'fr') PARTITION BY RANGE (at)",
        "CREATE TABLE shop.visit_eu_24 PARTITION OF shop.visit_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE TABLE shop.visit_rest PARTITION OF shop.visit DEFAULT",
        "CREATE TABLE shop.spread (id int PRIMARY KEY) PARTITION BY HASH (id)",
        "CREATE TABLE shop.spread_0 PARTITION OF shop.spread FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE shop.spread_1 PARTITION OF shop.spread FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "CREATE TABLE shop.half (id int PRIMARY KEY) PARTITION BY HASH (id)",
        "CREATE TABLE shop.half_0 PARTITION OF shop.half FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE shop.log (at timestamptz, what text)",
        "CREATE TYPE shop.span AS RANGE (subtype = float8, multirange_type_name = shop.spans)",
        "CREATE TABLE shop.spanned (id int PRIMARY KEY, of shop.span, all_of shop.spans[])",
        "CREATE TABLE shop.sums (id serial PRIMARY KEY, a int, b int, c int GENERATED ALWAYS AS (a - b) STORED)",
        "CREATE INDEX sums_of ON shop.sums ((a * 2)) WHERE b > 0",
        "CREATE TABLE shop.shard_1 (id serial PRIMARY KEY, v text UNIQUE, CHECK (id > 0))",
        "CREATE TABLE shop.shard_2 (id serial PRIMARY KEY, v text UNIQUE, CHECK (id > 0))");
  }

  @AfterAll
  static void dropDatabases() {
    source.close();
    sink.close();
  }

  @ParameterizedTest
  @MethodSource("destinations")
  void plansForEveryDestination(Kind kind) throws Exception {
    assertPlan(kind, Routes.AS_SOURCE, "");
  }

  /**
   * Tables that swap names, a swap of columns in a table with a generated one, a schema that
   * becomes another, and shards: whatever makes names step aside within a transaction.
   */
  @ParameterizedTest
  @MethodSource("destinations")
  void plansRenamesForEveryDestination(Kind kind) throws Exception {
    List<Route> routes =
        List.of(
            new Route(
                "shop.shard_(\\d)",
                "store.shards",
                null,
                List.of(),
                List.of(),
                List.of(),
                new Route.Constant("shard", Route.Constant.Type.SMALLINT, "$1"),
                ""),
            route("shop.customer", "shop.rating", List.of("code"), "id AS name", "name AS id"),
            route("shop.rating", "shop.customer", List.of()),
            route("shop.Order", "store.Order", List.of(), "amount AS total"),
            route("shop.totals", "shop.Order", List.of()),
            route("shop.sums", "shop.sums", List.of(), "a AS b", "b AS a"),
            route("shop.(.*)", "archive.$1", List.of()),
            route("reports.(.*)", "store.$1", List.of()));

    assertPlan(kind, Routes.of(routes, NameCase.DEFAULT), "-renamed");
  }

  private static Route route(String from, String to, List<String> excluded, String... renamed) {
    return new Route(from, to, null, List.of(), excluded, List.of(renamed), null, "");
  }

  private static void assertPlan(Kind kind, Routes routes, String suffix) throws Exception {
    assumeThat(Servers.source().product().postgresMajor()).isEqualTo(16);
    TableSelection selection = TableSelection.parse(List.of("shop.*"), List.of());
    String plan;
    try (Connection from = source.connection();
        Connection to = sink.connection()) {
      RoutedSchema schema = RoutedSchema.of(SourceCatalog.read(from, selection), routes);
      plan =
          text(
              SchemaPlan.of(
                  to,
                  schema,
                  Rules.keeping(),
                  SourceObjects.read(CatalogSession.of(from), selection, schema),
                  new ObjectPlan(List.of(), List.of()),
                  Set.of(),
                  new ObjectPlan.Facts(
                      kind.target,
                      kind.methods(),
                      Map.of(),
                      Set.of(),
                      true,
                      true,
                      Set.of(),
                      Set.of())));
    }
    if (Boolean.getBoolean("pg2adb.write-plans")) {
      Files.writeString(kind.file(suffix), plan);
    }

    assertThat(plan).isEqualTo(Files.readString(kind.file(suffix)));
  }

  private static String text(SchemaPlan plan) {
    String statements =
        plan.statements().stream()
            .map(
                statement -> statement.moment() + " " + statement.object() + "\n" + statement.sql())
            .collect(Collectors.joining(";\n\n", "", ";\n\n"));
    return plan.decisions().stream()
        .map(entry -> entry.outcome() + " " + entry.object() + ": " + entry.detail() + "\n")
        .collect(Collectors.joining("", statements, ""));
  }
}
