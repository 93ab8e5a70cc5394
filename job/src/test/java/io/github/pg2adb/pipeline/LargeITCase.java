package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sizes that must not need memory in proportion. {@code -Plong-tests} has a heap of 1 GB. */
@Tag("slow")
class LargeITCase {

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
  void appliesATransactionOfFiveMillionRows() {
    source.execute("CREATE TABLE large (id int PRIMARY KEY, v text)");
    migration.start().awaitConsistent();
    source.execute(
        "INSERT INTO large SELECT i, repeat('v', 100) || i FROM generate_series(1, 5000000) i");
    Awaitility.await("the transaction is applied")
        .atMost(Duration.ofMinutes(15))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              assertThat(migration.running().isDone()).isFalse();
              // nothing of it is visible before all of it is
              String rows = target.single("SELECT count(*) FROM large");
              assertThat(rows).isIn("0", "5000000");
              return rows.equals("5000000");
            });
    migration.awaitCaughtUp();
    assertThat(target.single("SELECT sum(id) || ' ' || sum(length(v)) FROM large"))
        .isEqualTo(source.single("SELECT sum(id) || ' ' || sum(length(v)) FROM large"));
  }

  @Test
  void migratesTwoThousandTables() {
    source.execute(
        "DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v text)', i);"
            + " EXECUTE format('INSERT INTO t%s SELECT x, ''v'' FROM generate_series(1, 5) x', i);"
            + " END LOOP; END $$");
    migration.start().awaitConsistent();
    source.execute(
        "DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('UPDATE t%s SET v = %L WHERE id = 3', i, i);"
            + " END LOOP; END $$");
    migration.awaitCaughtUp().assertEqual();
    assertThat(migration.tables()).hasSize(2000);
  }
}
