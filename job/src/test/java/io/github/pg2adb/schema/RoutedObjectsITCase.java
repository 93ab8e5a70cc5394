package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import io.github.pg2adb.testing.Pagila;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What becomes of views, indexes, constraints, sequences and comments of tables with other names.
 */
class RoutedObjectsITCase {

  private static final boolean DISTRIBUTED = Servers.target().product().distributed();

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

  private static Route route(String from, String to, List<String> excluded, String... renamed) {
    return new Route(from, to, null, List.of(), excluded, List.of(renamed), null, "");
  }

  /** Creates everything and says what became of it. */
  private List<Entry> migrate(Routes routes, String... tables) {
    TableSelection selection = TableSelection.parse(List.of(tables), List.of());
    try (Connection from = source.connection();
        Connection to = target.connection()) {
      SourceSchema schema = SourceCatalog.read(from, selection);
      RoutedSchema routed = RoutedSchema.of(schema, routes);
      AfterLoad.Options options =
          new AfterLoad.Options(
              source.endpoint(),
              target.endpoint(),
              schema,
              selection,
              routes,
              2,
              false,
              Rules.keeping());
      SchemaPlan plan = SchemaPlan.of(options);
      List<Entry> entries =
          new ArrayList<>(
              SchemaStep.apply(to, routed, TargetProbe.ask(to), Rules.keeping()).entries());
      entries.addAll(new AfterLoad(options).createAll().entries());
      assertThat(objects(entries, Outcome.LEFT_OUT))
          .as("the plan says what is left out")
          .containsAll(objects(plan.decisions(), Outcome.LEFT_OUT));
      assertThat(objects(new AfterLoad(options).createAll().entries(), Outcome.CREATED))
          .as("nothing is created twice")
          .isEmpty();
      return entries;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<String> objects(List<Entry> entries, Outcome outcome) {
    return entries.stream()
        .filter(entry -> entry.outcome() == outcome)
        .map(Entry::object)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String reason(List<Entry> entries, String object) {
    return entries.stream()
        .filter(entry -> entry.object().equals(object) && entry.outcome() == Outcome.LEFT_OUT)
        .map(Entry::detail)
        .collect(Collectors.joining(" "));
  }

  private static Set<String> all(TestDatabase database, String sql) {
    return database.query(sql).stream()
        .map(row -> String.valueOf(row.get(0)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static final String VIEWS =
      "SELECT n.nspname || '.' || c.relname || ': ' || btrim(regexp_replace(pg_get_viewdef(c.oid), '\\s+', ' ', 'g'))"
          + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.relkind IN ('v', 'm') AND n.nspname IN ('shop', 'store', 'other')";

  private static final String INDEXES =
      "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
          + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisprimary AND n.nspname IN ('shop', 'store')";

  private static final String CHECKS =
      "SELECT k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k"
          + " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE k.contype IN ('c', 'f') AND n.nspname IN ('shop', 'store')";

  private static final String COMMENTS =
      "SELECT i.type || ' ' || i.identity || ': ' || description FROM pg_description d,"
          + " pg_identify_object(classoid, objoid, objsubid) i WHERE objoid >= 16384";

  /** Two tables that swap names, one of them with columns that swap names, too. */
  private void createSwapped() {
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE TYPE shop.mood AS ENUM ('good', 'bad')",
        "CREATE TABLE shop.a (id serial PRIMARY KEY, x int CHECK (x > 0), y int, m shop.mood, secret text)",
        "CREATE TABLE shop.b (id int PRIMARY KEY, a_id int REFERENCES shop.a, z text DEFAULT 'z')",
        "ALTER TABLE shop.a ADD CONSTRAINT y_less CHECK (y < x)",
        "CREATE INDEX by_expression ON shop.a ((x - y)) WHERE x <> 7",
        "CREATE INDEX by_x ON shop.a (x, y DESC)",
        "CREATE INDEX by_secret ON shop.a (secret)",
        "CREATE INDEX by_lower_secret ON shop.a (lower(secret))",
        "CREATE VIEW shop.v AS SELECT a.id, a.x, b.z FROM shop.a a JOIN shop.b ON b.a_id = a.id WHERE a.x > a.y",
        "CREATE VIEW shop.w AS SELECT v.x AS y, b.id FROM shop.v JOIN shop.b USING (id)",
        "CREATE MATERIALIZED VIEW shop.m AS SELECT x, count(*) AS n FROM shop.v GROUP BY x",
        "CREATE INDEX m_x ON shop.m (x)",
        "CREATE VIEW shop.s AS SELECT id, secret FROM shop.a",
        "CREATE VIEW shop.t AS SELECT id FROM shop.s",
        "CREATE VIEW shop.whole AS SELECT to_json(a.*) AS j FROM shop.a",
        "CREATE FUNCTION shop.plus(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i + 1'",
        "CREATE FUNCTION shop.count_a() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM shop.a'",
        "CREATE VIEW shop.uses_plus AS SELECT shop.plus(y) AS p FROM shop.a",
        "ALTER TABLE shop.b ADD CONSTRAINT b_named CHECK (a_id <> 'shop.a'::regclass::oid::int)",
        "ALTER TABLE shop.b ADD COLUMN r oid DEFAULT 'shop.a'::regclass",
        "CREATE VIEW shop.uses_count AS SELECT shop.count_a() AS c, id FROM shop.b",
        "COMMENT ON TABLE shop.a IS 'is a'",
        "COMMENT ON COLUMN shop.a.x IS 'is x'",
        "COMMENT ON COLUMN shop.a.secret IS 'is secret'",
        "COMMENT ON COLUMN shop.b.z IS 'is z'",
        "COMMENT ON VIEW shop.v IS 'is v'",
        "COMMENT ON INDEX shop.by_x IS 'is by_x'",
        "COMMENT ON CONSTRAINT y_less ON shop.a IS 'is less'",
        "INSERT INTO shop.a (x, y) SELECT i, i - 1 FROM generate_series(1, 3) i");
  }

  @Test
  void whatNamesSwappedTablesMeansTheRightOnes() {
    createSwapped();

    List<Entry> entries =
        migrate(
            Routes.of(
                List.of(
                    route("shop.a", "shop.b", List.of("secret"), "x AS y", "y AS x"),
                    route("shop.b", "shop.a", List.of(), "z AS w")),
                NameCase.DEFAULT),
            "shop.*");

    assertThat(all(target, VIEWS))
        .containsExactlyInAnyOrder(
            "shop.v: SELECT a.id, a.y AS x, a_1.w AS z FROM (shop.b a JOIN shop.a a_1 ON ((a_1.a_id = a.id)))"
                + " WHERE (a.y > a.x);",
            "shop.w: SELECT v.x AS y, a.id FROM (shop.v JOIN shop.a USING (id));",
            "shop.m: SELECT v.x, count(*) AS n FROM shop.v GROUP BY v.x;",
            "shop.uses_plus: SELECT shop.plus(b.x) AS p FROM shop.b;");
    assertThat(all(target, INDEXES))
        .containsExactlyInAnyOrder(
            "CREATE INDEX by_expression ON shop.b USING btree (((y - x))) WHERE (y <> 7)",
            "CREATE INDEX by_x ON shop.b USING btree (y, x DESC)",
            "CREATE INDEX m_x ON shop.m USING btree (x)");
    Set<String> checks =
        new TreeSet<>(Set.of("shop.b a_x_check CHECK ((y > 0))", "shop.b y_less CHECK ((x < y))"));
    if (!DISTRIBUTED) {
      checks.add("shop.a b_a_id_fkey FOREIGN KEY (a_id) REFERENCES shop.b(id)");
    }
    assertThat(all(target, CHECKS)).containsExactlyInAnyOrderElementsOf(checks);
    assertThat(all(target, COMMENTS))
        .containsExactlyInAnyOrder(
            "table shop.b: is a",
            "table column shop.b.y: is x",
            "table column shop.a.w: is z",
            "view shop.v: is v",
            "index shop.by_x: is by_x",
            "table constraint y_less on shop.b: is less");
    assertThat(reason(entries, "view shop.s"))
        .isEqualTo("It needs column shop.a.secret, which is not migrated.");
    assertThat(reason(entries, "view shop.t"))
        .isEqualTo("It needs view shop.s, which is left out.");
    assertThat(reason(entries, "view shop.whole"))
        .isEqualTo("It shows whole rows, and not all columns of shop.a are migrated.");
    assertThat(reason(entries, "index shop.by_secret"))
        .isEqualTo("It needs column shop.a.secret, which is not migrated.");
    assertThat(reason(entries, "index shop.by_lower_secret"))
        .isEqualTo("It needs column shop.a.secret, which is not migrated.");
    assertThat(reason(entries, "function shop.count_a()"))
        .isEqualTo(
            "Its text has \"a\", which is called otherwise in the destination; create it there by hand.");
    assertThat(reason(entries, "check constraint b_named of shop.b"))
        .isEqualTo("It names a relation, which may be another there.");
    assertThat(reason(entries, "column shop.b.r"))
        .isEqualTo("Default 'shop.a'::regclass: it names a relation, which may be another there.");
    assertThat(reason(entries, "view shop.uses_count"))
        .isEqualTo("It needs function shop.count_a(), which is left out.");
    assertThat(target.single("SELECT to_regprocedure('shop.count_a()')")).isNull();
    assertThat(target.single("SELECT pg_get_serial_sequence('shop.b', 'id')"))
        .isEqualTo("shop.a_id_seq");
    target.execute("INSERT INTO shop.b (y, x) VALUES (2, 1)");
    assertThat(target.single("SELECT id FROM shop.b")).isEqualTo("4");
    assertThat(target.query("SELECT * FROM shop.m")).isEmpty();
  }

  @Test
  void tablesOfTwoSchemasSwapThemAndWhatIsInTheWayStepsAside() {
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE SCHEMA other",
        "CREATE TABLE shop.t (id int PRIMARY KEY, v text)",
        "CREATE TABLE other.t (id int PRIMARY KEY, w text)",
        "CREATE TABLE shop.u (id int PRIMARY KEY, v text)",
        "CREATE INDEX t_i ON shop.t (v)",
        "CREATE INDEX t_i ON other.t (w)",
        "CREATE VIEW shop.both AS SELECT a.v, b.w FROM shop.t a JOIN other.t b USING (id)",
        "CREATE VIEW other.one AS SELECT v FROM shop.u",
        "CREATE VIEW shop.\"Upper\" AS SELECT w FROM other.t");

    migrate(
        Routes.of(
            List.of(
                route("shop.t", "other.t", List.of()),
                route("other.t", "shop.u", List.of()),
                route("shop.u", "store.t", List.of()),
                route("other.one", "shop.t", List.of())),
            NameCase.DEFAULT),
        "*.*");

    assertThat(all(target, VIEWS))
        .containsExactlyInAnyOrder(
            "shop.both: SELECT a.v, b.w FROM (other.t a JOIN shop.u b USING (id));",
            "shop.t: SELECT t.v FROM store.t;",
            "shop.upper: SELECT u.w FROM shop.u;");
    assertThat(all(target, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg2adb%'"))
        .isEmpty();
    assertThat(all(target, "SELECT relname FROM pg_class WHERE relname LIKE 'pg2adb%'")).isEmpty();
  }

  @Test
  void ofShardsOnlyWhatIsTrueOfAllIsThere() {
    source.execute("CREATE SCHEMA shop");
    for (int shard = 1; shard <= 2; shard++) {
      source.execute(
          "CREATE TABLE shop.o_"
              + shard
              + " (id serial PRIMARY KEY, v text UNIQUE, CHECK (id > 0), CHECK (id % 2 = "
              + shard % 2
              + "))",
          "CREATE INDEX o_" + shard + "_low ON shop.o_" + shard + " (lower(v))",
          "CREATE VIEW shop.v_" + shard + " AS SELECT * FROM shop.o_" + shard,
          "COMMENT ON TABLE shop.o_" + shard + " IS 'shard'");
    }
    source.execute("CREATE TABLE shop.p (id int PRIMARY KEY REFERENCES shop.o_1)");
    Route shards =
        new Route(
            "shop.o_(\\d)",
            "store.o",
            null,
            List.of(),
            List.of(),
            List.of(),
            new Route.Constant("shard", Route.Constant.Type.SMALLINT, "$1"),
            "");

    List<Entry> entries = migrate(Routes.of(List.of(shards), NameCase.DEFAULT), "shop.*");

    assertThat(all(target, INDEXES))
        .containsExactlyInAnyOrder("CREATE INDEX o_1_low ON store.o USING btree (lower(v))");
    assertThat(all(target, CHECKS))
        .containsExactlyInAnyOrder("store.o o_1_id_check CHECK ((id > 0))");
    assertThat(all(target, VIEWS)).isEmpty();
    assertThat(all(target, COMMENTS)).isEmpty();
    assertThat(
            target.single(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p'"
                    + " AND conrelid = 'store.o'::regclass"))
        .isEqualTo("PRIMARY KEY (id, shard)");
    assertThat(reason(entries, "unique constraint o_1_v_key of shop.o_1"))
        .isEqualTo("It is unique among the rows of shop.o_1 alone.");
    assertThat(reason(entries, "view shop.v_2"))
        .isEqualTo("It shows table shop.o_2, whose rows are among others in store.o.");
    assertThat(reason(entries, "index shop.o_2_low"))
        .isEqualTo("The rows are in store.o, which has the indexes of shop.o_1.");
    assertThat(reason(entries, "foreign key p_id_fkey of shop.p"))
        .isEqualTo("It refers to table shop.o_1, whose rows are among others in store.o.");
    assertThat(reason(entries, "sequence shop.o_1_id_seq"))
        .isEqualTo("It belongs to column shop.o_1.id, whose values no default makes there.");
    assertThat(all(target, "SELECT relname FROM pg_class WHERE relkind = 'S' AND oid >= 16384"))
        .isEmpty();
  }

  @Test
  void namesThatOnlyCaseTellsApartCollideBeforeAnythingIsCreated() {
    source.execute(
        "CREATE SCHEMA \"Shop\"",
        "CREATE SCHEMA shop",
        "CREATE TABLE \"Shop\".t (id int)",
        "CREATE TABLE shop.\"T\" (id int)",
        "CREATE TABLE shop.t (\"A\" int, a int)",
        "CREATE TABLE shop.fine (id int)");

    assertThatThrownBy(() -> migrate(Routes.of(List.of(), NameCase.UPPER), "*.*"))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("columns \"A\" and \"a\" of shop.t would both be \"A\"")
        .hasMessageContaining(
            "Shop.t, shop.T, shop.t would all be SHOP.T; tables that meet in one need a constant column each");
    assertThat(target.single("SELECT count(*) FROM pg_namespace WHERE nspname = 'SHOP'"))
        .isEqualTo("0");
    migrate(Routes.of(List.of(), NameCase.AS_SOURCE), "*.*");
    assertThat(target.single("SELECT to_regclass('\"Shop\".t')")).isNotNull();
  }

  @Test
  void theSampleDatabasePagilaMovesIntoAnotherSchema() throws Exception {
    Pagila.create(source);

    List<Entry> entries =
        migrate(
            Routes.of(
                List.of(route("public.(.*)", "store.$1", List.of(), "last_(.*) AS newest_$1")),
                NameCase.DEFAULT),
            "public.*");

    String views =
        "SELECT c.relname || ': ' || replace(replace(replace(pg_get_viewdef(c.oid), 'store.', ''), 'public.', ''),"
            + " 'newest_', 'last_') FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace = '%s'::regnamespace";
    assertThat(all(target, views.formatted("store")))
        .hasSameSizeAs(all(source, views.formatted("public")));
    assertThat(objects(entries, Outcome.LEFT_OUT)).noneMatch(object -> object.startsWith("view "));
    assertThat(
            all(
                target,
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'i') AND relnamespace = 'public'::regnamespace"))
        .isEmpty();
    for (String name :
        all(
            target,
            "SELECT c.relname FROM pg_class c WHERE relkind = 'v' AND relnamespace = 'store'::regnamespace")) {
      target.query("SELECT * FROM store." + name);
    }
  }
}
