package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The schema step dies at each of its statements in turn and is started again. */
class SchemaCrashITCase {

  private static final int LEAST_DEATHS = 15;
  private static final int MOST_DEATHS = 60;

  /**
   * Ends the session at the end of the statement that is the last allowed one. A sequence counts,
   * since a rollback does not take its values back.
   */
  private static final String[] DEATH = {
    "CREATE SCHEMA death",
    "CREATE SEQUENCE death.allowed INCREMENT -1 MINVALUE -1000000 MAXVALUE 1000000 START 1000000",
    "CREATE FUNCTION death.come() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
        + " IF pg_catalog.nextval('death.allowed') = 0 THEN"
        + " PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); PERFORM pg_catalog.pg_sleep(5);"
        + " END IF; END $$",
    "CREATE EVENT TRIGGER death ON ddl_command_end EXECUTE FUNCTION death.come()",
  };

  private static final String OWN_TABLES =
      "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE n.nspname IN ('shop', 'parts') AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
          + " AND c.relname <> 'kept' ORDER BY 1";

  private static final String RECORDED =
      "SELECT object FROM pg2adb.event WHERE kind = 'table-created' ORDER BY 1";

  private static final String PARTITIONS =
      "SELECT count(*) FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')";

  private static final String OBJECTS =
      "SELECT (SELECT count(*) FROM pg_class) + (SELECT count(*) FROM pg_type) + (SELECT count(*) FROM pg_proc)"
          + " + (SELECT count(*) FROM pg_namespace)";

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration =
      TestMigration.between(source, target)
          .source("chunk-size", "64kb")
          .sink("on-existing-table", "keep")
          .sink("partitions", "native");
  private String objects = "";

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  private void createSource() {
    source.execute(
        "CREATE SCHEMA shop",
        "CREATE SCHEMA parts",
        "CREATE TYPE shop.mood AS ENUM ('good', 'bad')",
        "CREATE DOMAIN shop.positive AS int CHECK (VALUE > 0)",
        "CREATE FUNCTION shop.first() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE shop.item (id serial PRIMARY KEY, m shop.mood, p shop.positive, n int DEFAULT shop.first())",
        "CREATE TABLE shop.kept (id int PRIMARY KEY, v text)",
        "CREATE TABLE shop.no_key (v text)",
        "ALTER TABLE shop.no_key REPLICA IDENTITY FULL",
        "CREATE TABLE shop.r (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE shop.r_24 PARTITION OF shop.r FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id)",
        "CREATE TABLE shop.r_24_1 PARTITION OF shop.r_24 FOR VALUES IN (1)",
        "CREATE TABLE parts.r_25 PARTITION OF shop.r FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "INSERT INTO shop.item (m, p) SELECT 'good', i FROM generate_series(1, 500) i",
        "INSERT INTO shop.kept SELECT i, 'source' FROM generate_series(1, 500) i",
        "INSERT INTO shop.no_key VALUES ('a'), ('a')",
        "INSERT INTO shop.r SELECT 1, date '2024-01-01' + i FROM generate_series(0, 700) i");
  }

  private static List<String> strings(TestDatabase database, String sql) {
    return database.query(sql).stream().map(row -> String.valueOf(row.get(0))).toList();
  }

  /** Dies at the statement with this number; the report if there are fewer. */
  private Optional<SchemaReport> applyUntil(int statement, TaskConfig config, SourceSchema schema) {
    allow(statement);
    try {
      return Optional.of(
          Migration.apply(config, schema, TargetProbe.ask(config.sink().endpoint())));
    } catch (MigrationException e) {
      assertThat(e).hasMessageContaining("57P01");
      return Optional.empty();
    } finally {
      allow(1_000_000);
    }
  }

  private void allow(int statements) {
    target.single("SELECT setval('death.allowed', " + statements + ")");
  }

  @Test
  void nothingIsCreatedTwiceOrLostWheneverItDies() {
    createSource();
    target.execute(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.kept (id int PRIMARY KEY, v text)",
        "INSERT INTO shop.kept SELECT i, 'there' FROM generate_series(1, 100) i");
    target.execute(DEATH);
    TaskConfig config = TaskFile.parse(migration.taskFile(), "test.yaml", Map.of());
    SourceSchema schema = Migration.readSource(config);
    int deaths = 0;
    int statements = 1;
    while (applyUntil(statements, config, schema).isEmpty()) {
      String before = objects;
      objects = String.valueOf(target.single(OBJECTS));
      // what was committed is not done again: it died at the first statement of what comes next
      statements = objects.equals(before) ? statements + 1 : 2;
      assertThat(++deaths).isLessThan(MOST_DEATHS);
      assertThatTablesAreWholeAndRecorded();
    }
    assertThat(deaths).isGreaterThan(LEAST_DEATHS);
    assertThatTablesAreWholeAndRecorded();

    migration.start().awaitConsistent();
    assertThat(target.query("SELECT v, count(*) FROM shop.kept GROUP BY v ORDER BY v"))
        .containsExactly(List.of("source", "400"), List.of("there", "100"));
    source.execute(
        "UPDATE shop.kept SET v = 'changed'",
        "DELETE FROM shop.r WHERE at > '2025-06-01'",
        "UPDATE shop.r SET at = '2025-12-31' WHERE at = '2024-01-01'");
    migration.awaitCaughtUp().assertEqual();
    assertThat(strings(target, RECORDED)).containsExactly("shop.item", "shop.no_key", "shop.r");
    assertThat(target.single(PARTITIONS)).isEqualTo("5");
    assertThat(target.single("SELECT nextval('shop.item_id_seq')")).isNotNull();
  }

  private void assertThatTablesAreWholeAndRecorded() {
    List<String> tables = strings(target, OWN_TABLES);
    boolean hasLedger = target.single("SELECT to_regclass('pg2adb.event')") != null;
    assertThat(hasLedger ? strings(target, RECORDED) : List.of()).isEqualTo(tables);
    assertThat(target.single(PARTITIONS)).isEqualTo(tables.contains("shop.r") ? "5" : "0");
  }
}
