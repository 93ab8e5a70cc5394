package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.AfterLoad.Stage;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import io.github.pg2adb.testing.Pagila;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AfterLoadITCase {

  private static final TableSelection SHOP = TableSelection.parse(List.of("shop.*"), List.of());

  private static final Target TARGET = Servers.target().product();

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

  private SourceSchema createTables(TableSelection selection) {
    try (Connection from = source.connection();
        Connection to = target.connection()) {
      SourceSchema schema = SourceCatalog.read(from, selection);
      SchemaStep.apply(
          to, RoutedSchema.of(schema, Routes.AS_SOURCE), TargetProbe.ask(to), Rules.keeping());
      return schema;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private AfterLoad step(SourceSchema schema, TableSelection selection, boolean changing) {
    return new AfterLoad(options(schema, selection, changing, target));
  }

  private AfterLoad.Options options(
      SourceSchema schema, TableSelection selection, boolean changing, TestDatabase sink) {
    return new AfterLoad.Options(
        source.endpoint(),
        sink.endpoint(),
        schema,
        selection,
        Routes.AS_SOURCE,
        2,
        changing,
        Rules.keeping());
  }

  private static Set<String> objects(SchemaReport report, Outcome outcome) {
    return report.of(outcome).stream()
        .map(Entry::object)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String reason(SchemaReport report, String object) {
    return report.entries().stream()
        .filter(entry -> entry.object().equals(object) && !entry.detail().isEmpty())
        .map(Entry::detail)
        .collect(Collectors.joining(" "));
  }

  private Set<String> definitions(TestDatabase database, String sql) {
    return database.query(sql).stream()
        .map(row -> String.valueOf(row.get(0)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static final String INDEXES =
      "SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
          + " WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('shop', 'reports'))";

  private static final String CONSTRAINTS =
      "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated FROM pg_constraint"
          + " WHERE contype <> 'n' AND conrelid IN (SELECT oid FROM pg_class WHERE relnamespace ="
          + " (SELECT oid FROM pg_namespace WHERE nspname = 'shop'))";

  private static final String VIEWS =
      "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname IN ('shop', 'reports', 'elsewhere')"
          + " UNION ALL SELECT schemaname || '.' || matviewname FROM pg_matviews";

  private static final String ROUTINES =
      "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
          + " WHERE nspname IN ('shop', 'elsewhere')";

  private static final String COMMENTS =
      "SELECT i.type || ' ' || i.identity || ': ' || description FROM pg_description d,"
          + " pg_identify_object(classoid, objoid, objsubid) i WHERE objoid >= 16384";

  @Test
  void createsWhatTheDestinationCanHoldAndSaysWhatItCannot() {
    ObjectZoo.create(source, 16);
    SourceSchema schema = createTables(SHOP);
    target.execute(
        "INSERT INTO shop.customer (id, email, name) VALUES (1, 'a', 'A'), (2, 'b', 'B')",
        "INSERT INTO shop.\"Order\" VALUES (1, 1, 10, now(), 1)");

    SchemaReport report = step(schema, SHOP, false).createAll();

    if (TARGET.distributed()) {
      assertThat(objects(report, Outcome.LEFT_OUT))
          .contains(
              "unique constraint email_is_free of shop.customer",
              "exclusion constraint one {at} a 'time of shop.customer",
              "foreign key of_customer of shop.Order",
              "index shop.one_per_moment");
    } else {
      Set<String> indexes = definitions(source, INDEXES);
      assertThat(definitions(target, INDEXES)).isEqualTo(indexes);
      Set<String> constraints = definitions(source, CONSTRAINTS);
      constraints.removeIf(constraint -> constraint.contains("of_secret"));
      assertThat(definitions(target, CONSTRAINTS)).isEqualTo(constraints);
      assertThat(objects(report, Outcome.ADAPTED)).isEmpty();
    }
    assertThat(objects(report, Outcome.CREATED))
        .contains(
            "index shop.by_name",
            "index shop.By Slug",
            "index shop.covering",
            "index reports.kept_by_name",
            "check constraint named of shop.customer",
            "unique constraint by_both of shop.customer",
            "view shop.totals",
            "materialized view reports.kept",
            "aggregate shop.joined(text)",
            "procedure shop.nothing()");
    assertThat(definitions(target, VIEWS))
        .containsExactlyInAnyOrder("shop.totals", "shop.names", "reports.a_first", "reports.kept");
    assertThat(target.single("SELECT names FROM shop.names")).isIn(",A,B", ",B,A");
    assertThat(target.query("SELECT * FROM reports.kept")).hasSize(1);
    assertThat(
            target.single(
                "SELECT reloptions::text FROM pg_class WHERE oid = 'reports.a_first'::regclass"))
        .isEqualTo("{security_barrier=true}");
    assertThat(
            target.single("SELECT reltuples FROM pg_class WHERE oid = 'shop.customer'::regclass"))
        .isEqualTo("2");
    assertThat(definitions(target, ROUTINES))
        .containsExactlyInAnyOrder(
            "shop.slug(text)",
            "shop.positive(numeric)",
            "shop.join_two(text,text)",
            "shop.joined(text)",
            "shop.nothing()",
            "elsewhere.number()");
    Set<String> comments = definitions(source, COMMENTS);
    comments.removeIf(comment -> comment.contains("not migrated"));
    assertThat(definitions(target, COMMENTS)).isEqualTo(comments);
    assertThat(reason(report, "view reports.hidden"))
        .isEqualTo("It needs tables that are not migrated: elsewhere.secret.");
    assertThat(reason(report, "foreign key of_secret of shop.rating"))
        .isEqualTo(
            TARGET.distributed()
                ? "The destination does not enforce foreign keys."
                : "It refers to table elsewhere.secret, which is not migrated.");
    assertThat(objects(report, Outcome.LEFT_OUT))
        .contains(
            "trigger touched of shop.customer",
            "rule ignored of shop.rating",
            "policy own of shop.rating",
            "statistics together of shop.customer",
            "function shop.touch()");
    assertThat(
            target.single(
                "SELECT column_default FROM information_schema.columns WHERE table_name = 'customer' AND column_name = 'number'"))
        .isEqualTo("elsewhere.number()");
  }

  @Test
  void secondTimeCreatesOnlyWhatIsMissing() {
    ObjectZoo.create(source, 16);
    SourceSchema schema = createTables(SHOP);
    Set<String> created = objects(step(schema, SHOP, false).createAll(), Outcome.CREATED);

    SchemaReport second = step(schema, SHOP, false).createAll();

    assertThat(objects(second, Outcome.CREATED)).isEmpty();
    created.remove("schema reports");
    assertThat(objects(second, Outcome.KEPT)).containsAll(created);
    target.execute(
        "DROP VIEW shop.names",
        "DROP INDEX shop.by_tags",
        "ALTER TABLE shop.customer DROP CONSTRAINT named");
    assertThat(objects(step(schema, SHOP, false).createAll(), Outcome.CREATED))
        .containsExactlyInAnyOrder(
            "view shop.names", "index shop.by_tags", "check constraint named of shop.customer");
  }

  @Test
  void leavesOutWhatTheRowsBreakAndGoesOn() {
    ObjectZoo.create(source, 16);
    SourceSchema schema = createTables(SHOP);
    target.execute(
        "INSERT INTO shop.customer (id, email, name) VALUES (1, 'same', 'A'), (2, 'same', '')",
        "INSERT INTO shop.\"Order\" VALUES (1, 77, 10, now(), 1)");

    SchemaReport report = step(schema, SHOP, false).createAll();

    assertThat(reason(report, "check constraint named of shop.customer"))
        .startsWith("The destination refuses it: check constraint \"named\"")
        .endsWith("(SQLSTATE 23514).");
    if (!TARGET.distributed()) {
      assertThat(reason(report, "unique constraint email_is_free of shop.customer"))
          .isEqualTo("The destination refuses it: rows of the table break it (SQLSTATE 23505).");
      assertThat(reason(report, "foreign key of_customer of shop.Order"))
          .startsWith("It is there, but rows that were loaded may break it: ")
          .endsWith("(SQLSTATE 23503).");
    }
    assertThat(objects(report, Outcome.CREATED)).contains("index shop.by_name", "view shop.totals");
  }

  @Test
  void tablesInSeveralChunksGetNoConstraintThatAChangeMayBreak() {
    ObjectZoo.create(source, 16);
    SourceSchema schema = createTables(SHOP);
    Set<TableName> chunked =
        Set.of(new TableName("shop", "customer"), new TableName("shop", "Order"));

    AfterLoad step = step(schema, SHOP, true);
    SchemaReport before = step.create(Set.of(Stage.BEFORE_CHANGES), chunked);
    assertThat(definitions(target, VIEWS)).isEmpty();
    SchemaReport after = step.create(Set.of(Stage.BESIDE_CHANGES, Stage.WHEN_CONSISTENT), chunked);

    assertThat(objects(before, Outcome.CREATED))
        .contains("unique constraint by_both of shop.customer", "index shop.by_name");
    if (!TARGET.distributed()) {
      assertThat(reason(before, "unique constraint email_is_free of shop.customer"))
          .isEqualTo(
              "The table was read in several chunks, and while changes are applied rows may break it for a moment."
                  + " Create it when the changes have ended:"
                  + " ALTER TABLE \"shop\".\"customer\" ADD CONSTRAINT \"email_is_free\" UNIQUE (\"email\")");
      assertThat(objects(after, Outcome.CREATED)).contains("foreign key of_customer of shop.Order");
    }
    assertThat(objects(after, Outcome.CREATED))
        .contains("view shop.totals", "materialized view reports.kept");
    assertThat(reason(before, "materialized view reports.kept"))
        .contains("until REFRESH MATERIALIZED VIEW");
  }

  @Test
  void twoAtOnceCreateEverythingOnce() {
    ObjectZoo.create(source, 16);
    SourceSchema schema = createTables(SHOP);

    List<CompletableFuture<SchemaReport>> both =
        List.of(
            CompletableFuture.supplyAsync(() -> step(schema, SHOP, false).createAll()),
            CompletableFuture.supplyAsync(() -> step(schema, SHOP, false).createAll()));
    both.forEach(CompletableFuture::join);

    assertThat(objects(step(schema, SHOP, false).createAll(), Outcome.CREATED)).isEmpty();
  }

  @Test
  void createsExtensionsThatIndexesAndDefaultsNeed() {
    source.execute(
        "CREATE SCHEMA ext",
        "CREATE EXTENSION pg_trgm SCHEMA ext",
        "CREATE EXTENSION \"uuid-ossp\" SCHEMA ext",
        "CREATE TABLE t (id uuid PRIMARY KEY DEFAULT ext.uuid_generate_v4(), v text)",
        "CREATE INDEX by_trigram ON t USING gin (v ext.gin_trgm_ops)");
    TableSelection all = TableSelection.parse(List.of("public.*"), List.of());
    SourceSchema schema = createTables(all);

    SchemaReport report = step(schema, all, false).createAll();

    assertThat(
            target.single(
                "SELECT column_default FROM information_schema.columns WHERE column_name = 'id'"))
        .isEqualTo("ext.uuid_generate_v4()");
    assertThat(objects(report, Outcome.CREATED))
        .contains("extension pg_trgm", "index public.by_trigram");
  }

  @Test
  void sequencesGoOnWhereTheSourcesStandIfNothingMovesThemAnyMore() {
    source.execute(
        "CREATE SEQUENCE \"Own Seq\" INCREMENT BY -3 MINVALUE -1000 MAXVALUE 50 START WITH 40 CYCLE",
        "CREATE TABLE t (id serial PRIMARY KEY, i bigint GENERATED BY DEFAULT AS IDENTITY, n int DEFAULT nextval('\"Own Seq\"'))",
        "INSERT INTO t (n) SELECT nextval('\"Own Seq\"') FROM generate_series(1, 5)");
    TableSelection all = TableSelection.parse(List.of("public.*"), List.of());
    SourceSchema schema = createTables(all);

    step(schema, all, true).create(java.util.EnumSet.allOf(Stage.class), Set.of());
    assertThat(target.single("SELECT nextval('t_id_seq')")).isEqualTo("1");
    assertThat(target.single("SELECT pg_get_serial_sequence('t', 'id')"))
        .isEqualTo("public.t_id_seq");
    step(schema, all, false).createAll();

    assertThat(
            target.query(
                "SELECT nextval('t_id_seq'), nextval(pg_get_serial_sequence('t', 'i')), nextval('\"Own Seq\"')"))
        .containsExactly(List.of("6", "6", "25"));
    target.execute("SELECT setval('t_id_seq', 100)", "SELECT setval('\"Own Seq\"', -500)");
    step(schema, all, false).createAll();
    assertThat(target.query("SELECT nextval('t_id_seq'), nextval('\"Own Seq\"')"))
        .containsExactly(List.of("101", "-503"));
  }

  @Test
  void partitionsStayAndHaveTheRootsIndexes() {
    source.execute(
        "CREATE TABLE m (at date, v int, PRIMARY KEY (at, v)) PARTITION BY RANGE (at)",
        "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE INDEX by_value ON m (v)",
        "ALTER TABLE m ADD CONSTRAINT small CHECK (v < 10)",
        "CREATE INDEX of_one ON m1 (v, at)",
        "CREATE TABLE p (v int PRIMARY KEY)",
        "ALTER TABLE m ADD CONSTRAINT refers FOREIGN KEY (v) REFERENCES p");
    TableSelection all = TableSelection.parse(List.of("public.*"), List.of());
    SourceSchema schema = createTables(all);

    SchemaReport report = step(schema, all, false).createAll();

    assertThat(objects(report, Outcome.CREATED))
        .contains("index public.by_value", "check constraint small of public.m");
    assertThat(objects(report, Outcome.LEFT_OUT)).contains("index of_one of partition public.m1");
    assertThat(
            target.query(
                "SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = 'm'::regclass ORDER BY 1"))
        .containsExactly(List.of("m1"), List.of("m_default"));
    assertThat(
            target.single(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'by_value'::regclass"))
        .isEqualTo("2");
    if (Servers.target().product().foreignKeys()) {
      assertThat(
              target.single(
                  "SELECT convalidated FROM pg_constraint WHERE conname = 'refers' AND conrelid = 'm'::regclass"))
          .isEqualTo("t");
    }
  }

  @Test
  void givesRolesTheirPrivilegesAndNamesTheRolesThatAreNotThere() {
    String reader = target.name() + "_reader";
    String absent = target.name() + "_absent";
    for (String role : List.of(reader, absent)) {
      source.execute("CREATE ROLE " + role);
    }
    target.execute("CREATE ROLE " + reader);
    try {
      source.execute(
          "CREATE TYPE mood AS ENUM ('a')",
          "CREATE TABLE t (id serial PRIMARY KEY, v text, m mood)",
          "CREATE TABLE other (id int)",
          "CREATE VIEW seen AS SELECT id FROM t",
          "CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1'",
          "REVOKE ALL ON FUNCTION secret() FROM PUBLIC",
          "GRANT SELECT, INSERT ON t TO " + reader + ", " + absent,
          "GRANT UPDATE (v) ON t TO " + reader,
          "GRANT DELETE ON t TO " + reader + " WITH GRANT OPTION",
          "GRANT SELECT ON other TO " + reader,
          "GRANT SELECT ON seen TO PUBLIC",
          "GRANT USAGE ON SEQUENCE t_id_seq TO " + reader,
          "GRANT EXECUTE ON FUNCTION secret() TO " + reader,
          "GRANT USAGE ON TYPE mood TO " + reader);
      TableSelection only = TableSelection.parse(List.of("public.t"), List.of());
      SourceSchema schema = createTables(only);
      AfterLoad step =
          new AfterLoad(
              new AfterLoad.Options(
                  source.endpoint(),
                  target.endpoint(),
                  schema,
                  only,
                  Routes.AS_SOURCE,
                  2,
                  false,
                  Rules.of(
                      new SinkTables(
                          OnExistingTable.KEEP,
                          ByTable.none(),
                          ByTable.none(),
                          ByTable.none(),
                          true))));

      SchemaReport report = step.createAll();

      assertThat(reason(report, "privileges of " + absent))
          .isEqualTo("The destination has no such role, which has 2 privileges at the source.");
      String has = "SELECT has_%s_privilege('" + reader + "', %s)::text";
      for (String right :
          List.of(
              has.formatted("table", "'t', 'SELECT'"),
              has.formatted("table", "'t', 'INSERT'"),
              has.formatted("table", "'t', 'DELETE WITH GRANT OPTION'"),
              has.formatted("column", "'t', 'v', 'UPDATE'"),
              has.formatted("table", "'seen', 'SELECT'"),
              has.formatted("sequence", "'t_id_seq', 'USAGE'"),
              has.formatted("function", "'secret()', 'EXECUTE'"))) {
        assertThat(target.single(right)).as(right).isEqualTo("true");
      }
      assertThat(target.single(has.formatted("table", "'t', 'UPDATE'"))).isEqualTo("false");
      assertThat(
              target.single(
                  "SELECT count(*) FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) e WHERE p.proname = 'secret' AND e.grantee = 0"))
          .isEqualTo("0");
      assertThat(step.createAll().of(Outcome.LEFT_OUT)).hasSameSizeAs(report.of(Outcome.LEFT_OUT));
    } finally {
      for (String role : List.of(reader, absent)) {
        source.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
      }
      target.execute("DROP OWNED BY " + reader, "DROP ROLE " + reader);
    }
  }

  @Test
  void createsTheObjectsOfTheSampleDatabasePagila() throws Exception {
    Pagila.create(source);
    TableSelection all = TableSelection.parse(List.of("public.*"), List.of());
    SourceSchema schema = createTables(all);

    SchemaReport report = step(schema, all, false).createAll();

    assertThat(definitions(target, VIEWS_OF_PUBLIC))
        .isEqualTo(definitions(source, VIEWS_OF_PUBLIC));
    assertThat(report.of(Outcome.LEFT_OUT))
        .noneMatch(entry -> entry.detail().startsWith("The destination refuses"));
    Set<String> missing = definitions(source, OBJECTS_OF_PUBLIC);
    missing.removeAll(definitions(target, OBJECTS_OF_PUBLIC));
    if (TARGET.distributed()) {
      assertThat(missing)
          .containsExactlyInAnyOrder(
              "idx_unq_manager_staff_id", "idx_unq_rental_rental_date_inventory_id_customer_id");
    } else {
      assertThat(missing).isEmpty();
    }
    target.query("SELECT * FROM actor_info");
  }

  private static final String VIEWS_OF_PUBLIC =
      "SELECT viewname FROM pg_views WHERE schemaname = 'public'";

  /** Indexes, foreign keys where they are migrated, and functions that no trigger is made of. */
  private static final String OBJECTS_OF_PUBLIC =
      "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
          + (TARGET.distributed()
              ? ""
              : " UNION ALL SELECT conname FROM pg_constraint WHERE contype IN ('f', 'c') AND conrelid <> 0")
          + " UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
          + " AND prorettype <> 'trigger'::regtype";

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "13", "14", "15", "17", "18"})
  void readsEveryRelease(String version) throws Exception {
    try (TestServer server = Servers.embedded(version);
        TestDatabase older = server.createDatabase()) {
      TestDatabase usual = source;
      source = older;
      try {
        ObjectZoo.create(source, Integer.parseInt(version));
        createPartitioned(Integer.parseInt(version));
        SourceSchema schema = createTables(SHOP);

        SchemaReport report = step(schema, SHOP, false).createAll();

        assertThat(objects(report, Outcome.CREATED))
            .contains(
                "index shop.by_name",
                "index shop.By Slug",
                "view reports.a_first",
                "materialized view reports.kept",
                "check constraint few of shop.rating",
                "aggregate shop.joined(text)");
        assertThat(report.of(Outcome.LEFT_OUT))
            .noneMatch(entry -> entry.detail().startsWith("The destination refuses"));
        assertThatPartitionsAreTheSame();
        assertThatThePlanDoesTheSame(schema);
      } finally {
        source = usual;
      }
    }
  }

  /** Keys, hash and default partitions came with release 11. */
  private void createPartitioned(int major) {
    source.execute(
        "CREATE TABLE shop.visit (id int NOT NULL, region text NOT NULL, at date NOT NULL) PARTITION BY LIST (region)",
        "CREATE TABLE shop.visit_eu PARTITION OF shop.visit FOR VALUES IN ('de', 'fr') PARTITION BY RANGE (at)",
        "CREATE TABLE shop.visit_24 PARTITION OF shop.visit_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE TABLE elsewhere.visit_us PARTITION OF shop.visit FOR VALUES IN ('us')",
        "CREATE TABLE shop.sum (a int, b int) PARTITION BY RANGE ((a + b), b)",
        "CREATE TABLE shop.sum_1 PARTITION OF shop.sum FOR VALUES FROM (0, MINVALUE) TO (10, 5)");
    if (major >= 11) {
      source.execute(
          "ALTER TABLE shop.visit ADD PRIMARY KEY (id, region, at)",
          "CREATE INDEX visit_at ON shop.visit (at)",
          "CREATE TABLE shop.visit_rest PARTITION OF shop.visit DEFAULT",
          "CREATE TABLE shop.spread (id int PRIMARY KEY, v text) PARTITION BY HASH (id)",
          "CREATE TABLE shop.spread_0 PARTITION OF shop.spread FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
          "CREATE TABLE shop.spread_1 PARTITION OF shop.spread FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
    }
  }

  private static final String PARTITIONS =
      "SELECT c.oid::regclass || ' ' || COALESCE(pg_get_partkeydef(c.oid), '') || ' ' || COALESCE(pg_get_expr(c.relpartbound, c.oid), '')"
          + " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND (c.relkind = 'p' OR c.relispartition)";

  /** But for the default ones that only the destination has. */
  private void assertThatPartitionsAreTheSame() {
    Set<String> partitions = definitions(target, PARTITIONS);
    Set<String> ofSource = definitions(source, PARTITIONS);
    assertThat(partitions).containsAll(ofSource).hasSizeGreaterThan(5);
    partitions.removeAll(ofSource);
    assertThat(partitions).isNotEmpty().allMatch(partition -> partition.endsWith(" DEFAULT"));
  }

  /** The plan's statements, executed in a database of their own. */
  private void assertThatThePlanDoesTheSame(SourceSchema schema) throws SQLException {
    try (TestDatabase planned = Servers.target().createDatabase();
        Connection connection = planned.connection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      connection.setAutoCommit(false);
      for (SchemaPlan.Statement step :
          SchemaPlan.of(options(schema, SHOP, false, planned)).statements()) {
        statement.execute(step.sql());
        connection.commit();
      }
      for (String objects : List.of(PARTITIONS, INDEXES, CONSTRAINTS, VIEWS)) {
        assertThat(definitions(planned, objects)).isEqualTo(definitions(target, objects));
      }
    }
  }
}
