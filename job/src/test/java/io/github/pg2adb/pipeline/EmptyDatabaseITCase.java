package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sources in which there is nothing, or nothing yet. */
class EmptyDatabaseITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration = TestMigration.between(source, target);

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @Test
  void followsTablesThatHadNoRows() {
    source.execute(
        "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
        "CREATE TABLE keyless (a int)",
        "ALTER TABLE keyless REPLICA IDENTITY FULL",
        "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE without_columns ()");
    migration.source("tables.exclude", "[public.without_columns]").start().awaitConsistent();
    assertThat(target.single("SELECT count(*) FROM pg2adb.chunk")).isEqualTo("3");
    assertThat(target.single("SELECT sum(rows) FROM pg2adb.chunk")).isEqualTo("0");
    source.execute(
        "INSERT INTO keyed VALUES (1, 'first')",
        "INSERT INTO keyless VALUES (1), (1)",
        "UPDATE keyed SET v = 'second'");
    migration.awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM keyless")).isEqualTo("2");
  }

  @Test
  void copiesTablesThatHaveNoRowsAndEnds() throws Exception {
    source.execute("CREATE TABLE keyed (id int PRIMARY KEY)", "CREATE TABLE keyless (a int)");
    migration.pipeline("phases", "[schema, full]").start().awaitFinished().assertEqual();
    assertThat(target.single("SELECT count(*) FROM pg2adb.chunk")).isEqualTo("2");
  }

  @Test
  void saysThatThereIsNoTable() {
    source.execute("CREATE SCHEMA sales");
    migration.source("tables", "[sales.*]");
    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("\"sales.*\" matches no table, there is none");
    migration.source("tables", "['*.*']");
    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("\"*.*\" matches no table, there is none");
  }
}
