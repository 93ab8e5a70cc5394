package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TypeFamily;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TypesITCase {

  @Test
  void everyTypeIsUnchangedThroughSnapshotAndWal() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(TypeFamily.PREPARATION.toArray(String[]::new));
      for (TypeFamily family : TypeFamily.all()) {
        source.execute(family.tables().toArray(String[]::new));
        source.execute(family.inserts(0).toArray(String[]::new));
      }
      try (TestMigration migration = TestMigration.between(source, target).start()) {
        migration.awaitConsistent().awaitCaughtUp().assertEqual();
        for (TypeFamily family : TypeFamily.all()) {
          source.execute(family.inserts(1000).toArray(String[]::new));
        }
        migration.awaitCaughtUp().assertEqual();
        for (TypeFamily family : TypeFamily.all()) {
          source.execute(family.changes(0).toArray(String[]::new));
          source.execute(family.changes(1000).toArray(String[]::new));
        }
        migration.awaitCaughtUp().assertEqual();
        assertThat(migration.tables()).hasSize(2 * TypeFamily.all().size());
      }
    }
  }

  @Test
  void rowsOf1600Columns() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      String columns =
          IntStream.range(1, 1600)
              .mapToObj(i -> "c" + i + " int")
              .collect(Collectors.joining(", "));
      source.execute(
          "CREATE TABLE wide (id int PRIMARY KEY, " + columns + ")",
          "INSERT INTO wide (id, c1, c1599) SELECT i, i, -i FROM generate_series(1, 100) i");
      try (TestMigration migration = TestMigration.between(source, target).start()) {
        migration.awaitConsistent();
        source.execute(
            "INSERT INTO wide (id, c800) SELECT i, i FROM generate_series(101, 200) i",
            "UPDATE wide SET c1599 = c1, c2 = 2 WHERE id % 3 = 0",
            "DELETE FROM wide WHERE id % 7 = 0");
        migration.awaitCaughtUp().assertEqual();
      }
    }
  }

  @Test
  void valuesOf64MiB() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE large (id int PRIMARY KEY, t text, b bytea, n int)",
          "INSERT INTO large VALUES (1, repeat('0123456789abcdef', 4194304), decode(repeat('00ff5c0a', 8388608), 'hex'), 0)");
      try (TestMigration migration =
          TestMigration.between(source, target).pipeline("parallelism", "1").start()) {
        migration.awaitConsistent();
        source.execute(
            "INSERT INTO large VALUES (2, repeat('fedcba987654321\t', 4194304), NULL, 0)",
            "UPDATE large SET n = 1",
            "UPDATE large SET b = decode(repeat('11', 33554432), 'hex') WHERE id = 2");
        migration.awaitCaughtUp().assertEqual();
      }
    }
  }

  @Test
  void identifiersOfEveryKind() {
    List<String> names =
        List.of(
            "plain",
            "Upper",
            "with space",
            "with.dot",
            "with\"quote",
            "it's",
            "colon:1",
            "percent%2E",
            "back\\slash",
            "select",
            "größe_日本_😀",
            "x".repeat(63));
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      for (String schema : List.of("public", "My \"S.chema\"")) {
        String quotedSchema = quote(schema);
        source.execute("CREATE SCHEMA IF NOT EXISTS " + quotedSchema);
        for (String name : names) {
          String table = quotedSchema + "." + quote(name);
          source.execute(
              "CREATE TABLE " + table + " (" + quote(name) + " int PRIMARY KEY, \"v\"\"1.x\" text)",
              "INSERT INTO " + table + " VALUES (1, 'a'), (2, 'b')");
        }
      }
      try (TestMigration migration = TestMigration.between(source, target).start()) {
        migration.awaitConsistent();
        for (String schema : List.of("public", "My \"S.chema\"")) {
          for (String name : names) {
            String table = quote(schema) + "." + quote(name);
            source.execute(
                "INSERT INTO " + table + " VALUES (3, '')",
                "UPDATE " + table + " SET \"v\"\"1.x\" = 'c' WHERE " + quote(name) + " = 1",
                "UPDATE " + table + " SET " + quote(name) + " = 9 WHERE " + quote(name) + " = 2",
                "DELETE FROM " + table + " WHERE " + quote(name) + " = 3");
          }
        }
        migration.awaitCaughtUp().assertEqual();
        assertThat(migration.tables()).hasSize(2 * names.size());
      }
    }
  }

  private static String quote(String identifier) {
    return io.github.pg2adb.postgres.Sql.quote(identifier);
  }
}
