package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TestServer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedRunITCase {

  @ParameterizedTest(name = "parallelism {0}")
  @ValueSource(strings = {"1", "3"})
  void schemaAndFullEndsFinishedAndLeavesNothingInTheSource(String parallelism) throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE big (id int PRIMARY KEY, t text)",
          "INSERT INTO big SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i",
          "CREATE TABLE empty (id int PRIMARY KEY)",
          "CREATE TABLE no_key (a int)",
          "INSERT INTO no_key VALUES (1), (1), (NULL)");
      try (TestMigration migration =
          TestMigration.between(source, target)
              .pipeline("phases", "[schema, full]")
              .pipeline("parallelism", parallelism)
              .source("chunk-size", "256kb")
              .start()) {
        migration.awaitFinished().assertEqual();
      }
      assertThat(
              source.query(
                  "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"))
          .isEmpty();
      assertThat(source.query("SELECT pubname FROM pg_publication")).isEmpty();
    }
  }

  @Test
  void needsNoLogicalWal() throws Exception {
    try (TestServer server = Servers.embedded("16", Map.of("wal_level", "replica"));
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      try (TestMigration migration =
          TestMigration.between(source, target).pipeline("phases", "[schema, full]").start()) {
        migration.awaitFinished().assertEqual();
      }
    }
  }

  @Test
  void goesOnWithChangesWhenTheTaskLaterAsksForThem() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
      try (TestMigration migration =
          TestMigration.between(source, target).pipeline("phases", "[schema]").start()) {
        assertThat(migration.targetRows(new TableName("public", "t"))).isZero();
      }
      try (TestMigration migration =
          TestMigration.between(source, target).pipeline("phases", "[full, incremental]").start()) {
        migration.awaitConsistent();
        source.execute("UPDATE t SET v = 2", "INSERT INTO t VALUES (2, 2)");
        migration.awaitCaughtUp().assertEqual();
      }
    }
  }

  @Test
  void aDatabaseWhereNothingHappensIsConsistentAndReleasesWal() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE other (id int)");
      try (TestMigration migration =
          TestMigration.between(source, target).source("tables", "[public.t]").start()) {
        migration.awaitConsistent();
        // nothing of this is published, and still the slot must move past it
        source.execute("INSERT INTO other SELECT generate_series(1, 50000)");
        String written = String.valueOf(source.single("SELECT pg_current_wal_insert_lsn()"));
        org.awaitility.Awaitility.await("the slot moves")
            .atMost(java.time.Duration.ofSeconds(60))
            .until(
                () ->
                    "t"
                        .equals(
                            source.single(
                                "SELECT confirmed_flush_lsn >= '"
                                    + written
                                    + "' FROM pg_replication_slots WHERE database = current_database()")));
      }
    }
  }
}
