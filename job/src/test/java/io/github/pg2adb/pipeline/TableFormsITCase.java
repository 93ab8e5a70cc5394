package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables in every form that the task file or the source asks for: rows arrive and changes, too. */
class TableFormsITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration =
      TestMigration.between(source, target).source("chunk-size", "64kb");

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @Test
  void partitionsArriveAndTakeChangesThroughTheirRoot() {
    source.execute(
        "CREATE TABLE r (id int, at date, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE r_24 PARTITION OF r FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id)",
        "CREATE TABLE r_24_1 PARTITION OF r_24 FOR VALUES IN (1)",
        "CREATE TABLE r_24_rest PARTITION OF r_24 DEFAULT",
        "CREATE SCHEMA parts",
        "CREATE TABLE parts.r_25 PARTITION OF r FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "INSERT INTO r SELECT i, date '2024-01-01' + i % 700, repeat('v', 50) FROM generate_series(1, 3000) i",
        "CREATE TABLE h (id int PRIMARY KEY, v text) PARTITION BY HASH (id)",
        "CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
        "INSERT INTO h SELECT i, 'v' FROM generate_series(1, 500) i",
        "CREATE TABLE l (k text, v int) PARTITION BY LIST (lower(k))",
        "CREATE TABLE l_a PARTITION OF l FOR VALUES IN ('a', NULL)",
        "INSERT INTO l VALUES ('A', 1), ('a', 2), (NULL, 3)",
        "ALTER TABLE l REPLICA IDENTITY FULL",
        "ALTER TABLE l_a REPLICA IDENTITY FULL",
        "CREATE TABLE plain (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE plain_1 PARTITION OF plain FOR VALUES FROM (0) TO (10)",
        "INSERT INTO plain VALUES (1)");
    migration.sink("partitions", "{public.plain: plain}").start().awaitConsistent();
    source.execute(
        "UPDATE r SET v = 'w' WHERE id < 10",
        "UPDATE r SET at = '2025-05-05' WHERE id = 1",
        "DELETE FROM r WHERE id BETWEEN 100 AND 200",
        "UPDATE h SET id = id + 1000 WHERE id < 50",
        "UPDATE l SET v = v + 1",
        "DELETE FROM l WHERE k = 'A'",
        // none of these is in the destination
        "CREATE TABLE r_26 PARTITION OF r FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "INSERT INTO r VALUES (1, '2026-02-02', 'later')",
        "CREATE TABLE l_b PARTITION OF l FOR VALUES IN ('b')",
        "ALTER TABLE l_b REPLICA IDENTITY FULL",
        "INSERT INTO l VALUES ('B', 7)",
        "UPDATE l SET v = 8 WHERE k = 'B'");
    migration.awaitCaughtUp().assertEqual();

    assertThat(target.single("SELECT tableoid::regclass FROM r WHERE v = 'later'"))
        .isEqualTo("r_default");
    assertThat(target.single("SELECT count(*) > 0 FROM parts.r_25")).isEqualTo("t");
    assertThat(target.single("SELECT tableoid::regclass FROM r WHERE id = 2"))
        .isEqualTo("r_24_rest");
    assertThat(
            target.query(
                "SELECT relname, relkind FROM pg_class WHERE relname IN ('r', 'h', 'l', 'plain') ORDER BY 1"))
        .containsExactly(
            List.of("h", "p"), List.of("l", "p"), List.of("plain", "r"), List.of("r", "p"));
    source.execute("TRUNCATE r");
    migration.awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM r")).isEqualTo("0");
  }

  @Test
  void aRowWithoutAPartitionStopsATaskThatWantsThemExactly() {
    source.execute(
        "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE r_1 PARTITION OF r FOR VALUES FROM (0) TO (10)",
        "INSERT INTO r VALUES (1)");
    migration.sink("partitions", "exact").start().awaitConsistent();
    source.execute(
        "CREATE TABLE r_2 PARTITION OF r FOR VALUES FROM (10) TO (20)",
        "INSERT INTO r VALUES (11)");

    assertThat(migration.awaitFailure())
        .hasMessageContaining("to table \"public.r\" (key id)")
        // what PostgreSQL says, and Greenplum
        .hasMessageMatching("(?s).*SQLSTATE (23514|22M01).*");
  }

  @Test
  void refusesPartitionsWhoseNamesAreTaken() {
    source.execute(
        "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE r_1 PARTITION OF r FOR VALUES FROM (0) TO (10)");
    target.execute("CREATE TABLE r_1 (a int)");

    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "partition \"public.r_1\" of table \"public.r\" cannot be created: there is something of that name");
  }

  @Test
  void everyDistributionTakesInsertsUpdatesDeletesAndChangedKeys() {
    assumeThat(Servers.target().product().distributed()).isTrue();
    for (String table : List.of("by_random", "by_all", "by_other", "by_full")) {
      source.execute(
          "CREATE TABLE "
              + table
              + " (id int, part text, v text, big text, PRIMARY KEY (id, part))",
          "ALTER TABLE " + table + " ALTER big SET STORAGE EXTERNAL",
          "INSERT INTO "
              + table
              + " SELECT i, 'p', 'v' || i, repeat(md5(i::text), 70) FROM generate_series(1, 300) i");
    }
    source.execute(
        "ALTER TABLE by_full REPLICA IDENTITY FULL",
        "CREATE TABLE by_none (v text)",
        "ALTER TABLE by_none REPLICA IDENTITY FULL",
        "INSERT INTO by_none VALUES ('a'), ('a'), ('b')");
    migration
        .sink(
            "distribution",
            "{public.by_random: randomly, public.by_all: replicated, public.by_o*: [v], public.by_full: [v]}")
        .start()
        .awaitConsistent();
    for (String table : List.of("by_random", "by_all", "by_other", "by_full")) {
      source.execute(
          "INSERT INTO " + table + " VALUES (1000, 'q', 'new', 'x')",
          "UPDATE " + table + " SET v = v || '!' WHERE id < 20",
          "UPDATE " + table + " SET id = id + 2000 WHERE id BETWEEN 30 AND 40",
          "UPDATE " + table + " SET id = id + 2000, big = 'y' WHERE id BETWEEN 41 AND 50",
          "DELETE FROM " + table + " WHERE id BETWEEN 60 AND 70",
          "BEGIN; DELETE FROM "
              + table
              + " WHERE id = 80; INSERT INTO "
              + table
              + " VALUES (80, 'p', 'again', 'z'); COMMIT");
    }
    source.execute("DELETE FROM by_none WHERE v = 'a'", "INSERT INTO by_none VALUES ('c')");
    migration.awaitCaughtUp().assertEqual();

    assertThat(
            target.query(
                "SELECT c.relname, p.policytype, p.distkey::text, EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
                    + " FROM gp_distribution_policy p JOIN pg_class c ON c.oid = p.localoid WHERE c.relname LIKE 'by\\_%' ORDER BY 1"))
        .containsExactly(
            List.of("by_all", "r", "", "t"),
            List.of("by_full", "p", "3", "f"),
            List.of("by_none", "p", "", "f"),
            List.of("by_other", "p", "3", "f"),
            List.of("by_random", "p", "", "f"));
    assertThat(
            target.single(
                "SELECT count(*) FROM (SELECT id, part FROM by_random GROUP BY 1, 2 HAVING count(*) > 1) t"))
        .isEqualTo("0");
  }
}
