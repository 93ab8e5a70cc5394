package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import org.junit.jupiter.api.Test;

class WithoutIdentityITCase {

  @Test
  void aTaskThatWouldMissUpdatesDoesNotStartAndLeavesNothing() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE TABLE fine (id int PRIMARY KEY)",
          "CREATE TABLE log (line text)",
          "CREATE TABLE \"Other\" (id int PRIMARY KEY)",
          "ALTER TABLE \"Other\" REPLICA IDENTITY NOTHING");

      assertThatThrownBy(() -> TestMigration.between(source, target).start())
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining(
              "REPLICA_IDENTITY: Updates and deletes of these tables do not arrive")
          .hasMessageContaining("public.Other")
          .hasMessageContaining("ALTER TABLE \"public\".\"log\" REPLICA IDENTITY FULL")
          .hasMessageContaining("source.tables.without-identity: inserts-only");
      assertThat(target.single("SELECT to_regclass('public.fine')")).isNull();
      assertThat(source.query("SELECT 1 FROM pg_publication")).isEmpty();
    }
  }

  @Test
  void insertsOnlyReplicatesInsertsAndLeavesTheApplicationsUpdatesAlone() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE TABLE log (line text)", "INSERT INTO log VALUES ('a'), ('a')");
      try (TestMigration migration =
          TestMigration.between(source, target)
              .source("tables.without-identity", "inserts-only")
              .start()) {
        migration.awaitConsistent();
        source.execute("INSERT INTO log VALUES ('a'), (NULL)");
        migration.awaitCaughtUp().assertEqual();

        source.execute("UPDATE log SET line = 'b'");

        assertThat(migration.targetRows(new TableName("public", "log"))).isEqualTo(4);
        assertThat(
                target.query(
                    "SELECT kind, object FROM pg2adb.event WHERE object LIKE 'public.%' AND kind <> 'table-created'"))
            .containsExactly(java.util.List.of("insert-only-table", "public.log"));
      }
    }
  }
}
