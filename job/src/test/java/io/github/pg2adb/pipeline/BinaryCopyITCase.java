package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.config.TaskFile;
import io.github.pg2adb.model.BinaryTypes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TypeFamily;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BinaryCopyITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();

  @AfterEach
  void dropDatabases() {
    target.close();
    source.close();
  }

  private static Set<TableName> binary(TestMigration migration) {
    TaskConfig config = TaskFile.parse(migration.taskFile(), "test.yaml", Map.of());
    return BinaryTables.of(config, Migration.readSource(config));
  }

  /** Each safe type's extremes, in columns and arrays beside each other. */
  @Test
  void safeTypesAreCopiedInBinaryAndAreWhatTheyAreAsText() throws Exception {
    source.execute(TypeFamily.PREPARATION.toArray(String[]::new));
    List<TypeFamily> safe =
        TypeFamily.all().stream()
            .filter(family -> BinaryTypes.isSafe(spelled(family.type())))
            .toList();
    assertThat(safe).hasSizeGreaterThan(25);
    for (TypeFamily family : safe) {
      source.execute(family.tables().toArray(String[]::new));
      source.execute(family.inserts(0).toArray(String[]::new));
    }
    try (TestMigration migration =
        TestMigration.between(source, target).pipeline("phases", "[schema, full]").start()) {
      migration.awaitFinished();
      assertThat(binary(migration))
          .containsExactlyInAnyOrderElementsOf(
              migration.tables().stream().map(table -> table.name()).collect(Collectors.toSet()));
      migration.assertEqual();
    }
  }

  private String spelled(String type) {
    return source.single(
        "SELECT format_type(oid, -1) FROM pg_type WHERE oid = '" + type + "'::regtype");
  }

  @Test
  void otherTypesAndTypesThatDifferAreCopiedAsText() throws Exception {
    source.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE same (id int PRIMARY KEY, n numeric(12, 2)[], b bit(3), c char(4), t timestamp(3))",
        "CREATE TABLE with_interval (id int PRIMARY KEY, i interval)",
        "CREATE TABLE with_enum (id int PRIMARY KEY, m mood, l mood[])",
        "CREATE TABLE wider (id int PRIMARY KEY, v varchar(10))",
        "CREATE TABLE empty (id int PRIMARY KEY)",
        "INSERT INTO same VALUES (1, '{1.50,NULL}', '101', 'ab', '2024-01-02 03:04:05.678')",
        "INSERT INTO with_interval VALUES (1, '1 mon -3 days 04:05:06.7')",
        "INSERT INTO with_enum VALUES (1, 'ok', '{sad,NULL}')",
        "INSERT INTO wider VALUES (1, '42')");
    target.execute("CREATE TABLE wider (id bigint PRIMARY KEY, v text)");
    try (TestMigration migration =
        TestMigration.between(source, target)
            .pipeline("phases", "[schema, full]")
            .sink("on-existing-table", "keep")
            .start()) {
      migration.awaitFinished();
      assertThat(binary(migration))
          .containsExactlyInAnyOrder(
              new TableName("public", "same"), new TableName("public", "empty"));
      assertThat(target.query("SELECT id, v FROM wider")).isEqualTo(List.of(List.of("1", "42")));
      assertThat(target.query("SELECT n, b, c, t FROM same"))
          .isEqualTo(source.query("SELECT n, b, c, t FROM same"));
      assertThat(target.query("SELECT m, l FROM with_enum"))
          .isEqualTo(List.of(List.of("ok", "{sad,NULL}")));
      assertThat(target.query("SELECT i FROM with_interval"))
          .isEqualTo(source.query("SELECT i FROM with_interval"));
    }
  }

  /**
   * What was planned is not what is read: the table is locked, and then its types are asked for.
   */
  @Test
  void typesThatChangedSinceTheStartAreCopiedAsText() throws Exception {
    source.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v bigint)", "INSERT INTO t VALUES (1, 123456789)");
    target.execute("CREATE TABLE t (id int PRIMARY KEY, v bigint)");
    TaskConfig config =
        TaskFile.parse(
            TestMigration.between(source, target).pipeline("phases", "[full]").taskFile(),
            "test.yaml",
            Map.of());
    Migration migration = Migration.prepare(config);
    source.execute("ALTER TABLE t ALTER v TYPE numeric(20, 0)");
    try (RunningMigration running = migration.startEmbedded(0)) {
      assertThat(running.await(Duration.ofMinutes(2))).isTrue();
    }
    assertThat(target.query("SELECT id, v FROM t")).isEqualTo(List.of(List.of("1", "123456789")));
  }
}
