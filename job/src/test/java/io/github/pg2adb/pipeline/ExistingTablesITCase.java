package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.testing.HeldSnapshot;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tables and rows that the destination has before the task. */
class ExistingTablesITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration =
      HeldSnapshot.task(source, target).source("chunk-size", "64kb");

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @Test
  void refusesTablesThatItDidNotCreate() {
    source.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE TABLE u (id int PRIMARY KEY)");
    target.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE TABLE \"U\" (id int PRIMARY KEY)");

    assertThatThrownBy(migration::start)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("SINK_TABLE_EXISTS")
        .hasMessageContaining("public.t, public.u (public.U)");
    assertThat(target.single("SELECT to_regclass('public.u')")).isNull();
  }

  @Test
  void goesOnWithTheTablesThatItCreatedWheneverItIsStopped() throws Exception {
    source.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t SELECT i, repeat('v', 50) FROM generate_series(1, 2000) i",
        "CREATE TABLE no_key (v text)",
        "INSERT INTO no_key VALUES ('a'), ('a')",
        "ALTER TABLE no_key REPLICA IDENTITY FULL");
    HeldSnapshot.prepare(source);
    migration.pipeline("phases", "[schema]").start();
    assertThat(target.single("SELECT count(*) FROM pg2adb.event WHERE kind = 'table-created'"))
        .isEqualTo("4");

    migration.pipeline("phases", "[schema, full, incremental]").start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("t");
      migration.stop();
    }
    Map<String, String> loaded = migration.loadedChunks();
    migration.start().awaitConsistent();
    source.execute("UPDATE t SET v = 'w' WHERE id < 10", "DELETE FROM t WHERE id > 1990");
    migration.awaitCaughtUp().assertEqual();

    assertThat(migration.loadedChunks()).containsAllEntriesOf(loaded);
    assertThat(target.single("SELECT count(*) FROM pg2adb.event WHERE kind = 'table-created'"))
        .isEqualTo("4");
  }

  @Test
  void keepsRowsInTheFullPhaseAndOverwritesThemByChanges() throws Exception {
    source.execute(
        "CREATE TABLE t (id int, part text, v text, big text, PRIMARY KEY (part, id))",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        "INSERT INTO t SELECT i, 'p', 'source', repeat(md5(i::text), 100) FROM generate_series(1, 200) i",
        "CREATE TABLE fresh (id int PRIMARY KEY)",
        "INSERT INTO fresh VALUES (1)",
        "CREATE TABLE no_key (v text)",
        "INSERT INTO no_key VALUES ('a'), ('a'), ('b')",
        "ALTER TABLE no_key REPLICA IDENTITY FULL",
        "CREATE TABLE no_index (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v varchar(10))",
        "INSERT INTO no_index (v) SELECT 'source' FROM generate_series(1, 10)");
    HeldSnapshot.prepare(source);
    target.execute(
        "CREATE TABLE t (id int, part text, v text, big text, extra int DEFAULT 7, PRIMARY KEY (part, id))",
        "INSERT INTO t SELECT i, 'p', 'there', 'there' FROM generate_series(1, 400, 2) i",
        "CREATE TABLE no_key (v text)",
        "INSERT INTO no_key VALUES ('a'), ('c')",
        "CREATE TABLE no_index (id bigint NOT NULL, v text)",
        "INSERT INTO no_index VALUES (3, 'there'), (99, 'there')");
    migration.sink("on-existing-table", "keep").source("chunk-size", "128kb").start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("t", "no_key", "no_index");
      migration.stop();
    }
    migration.start().awaitConsistent();

    assertThat(target.query("SELECT v, count(*), sum(id) FROM t GROUP BY v ORDER BY v"))
        .containsExactly(
            java.util.List.of("source", "100", "10100"),
            java.util.List.of("there", "200", "40000"));
    assertThat(target.single("SELECT string_agg(v, '' ORDER BY v) FROM no_key")).isEqualTo("aaabc");
    assertThat(target.single("SELECT count(*) FROM no_index WHERE v = 'there'")).isEqualTo("2");
    assertThat(target.single("SELECT count(*) FROM no_index")).isEqualTo("11");
    assertThat(target.single("SELECT count(*) FROM fresh")).isEqualTo("1");
    assertThat(
            target.single(
                "SELECT sum(split_part(detail, ' ', 1)::int) FROM pg2adb.event WHERE kind = 'rows-kept' AND object = 'public.t'"))
        .isEqualTo("100");
    assertThat(
            target.single(
                "SELECT object FROM pg2adb.event WHERE kind = 'table-created' AND object LIKE '%fresh'"))
        .isEqualTo("public.fresh");

    source.execute(
        "UPDATE t SET v = 'changed' WHERE id IN (1, 2)",
        "UPDATE t SET id = 5000 WHERE id = 3",
        "DELETE FROM t WHERE id IN (5, 6)",
        "INSERT INTO t VALUES (201, 'p', 'inserted', 'x')",
        "UPDATE no_index SET v = 'changed' WHERE id IN (3, 4)",
        "DELETE FROM no_key WHERE v = 'a'");
    migration.awaitCaughtUp();

    String whole = "repeat(md5('%s'), 100) = big";
    assertThat(
            target.single(
                "SELECT bool_and(v = 'changed' AND "
                    + "CASE id WHEN 1 THEN "
                    + whole.formatted("1")
                    + " ELSE "
                    + whole.formatted("2")
                    + " END"
                    + ") FROM t WHERE id IN (1, 2)"))
        .isEqualTo("t");
    assertThat(target.single("SELECT v FROM t WHERE id = 5000 AND " + whole.formatted("3")))
        .isEqualTo("source");
    assertThat(target.single("SELECT count(*) FROM t WHERE id IN (3, 5, 6)")).isEqualTo("0");
    assertThat(target.single("SELECT v || extra FROM t WHERE id = 201")).isEqualTo("inserted7");
    assertThat(target.single("SELECT v FROM t WHERE id = 203")).isEqualTo("there");
    assertThat(
            target.single("SELECT string_agg(v, ',' ORDER BY id) FROM no_index WHERE id IN (3, 4)"))
        .isEqualTo("changed,changed");
    assertThat(target.single("SELECT string_agg(v, '' ORDER BY v) FROM no_key")).isEqualTo("abc");
  }

  @Test
  void stopsAtARowThatAnotherUniqueKeyRefusesRatherThanLeaveItOut() {
    source.execute(
        "CREATE TABLE t (id int PRIMARY KEY, mail text)",
        "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    target.execute(
        "CREATE TABLE t (id int PRIMARY KEY, mail text)", "INSERT INTO t VALUES (7, 'b')");
    if (!Servers.target().product().distributed()) {
      target.execute("ALTER TABLE t ADD UNIQUE (mail)");
    } else {
      target.execute("ALTER TABLE t ADD CHECK (mail <> 'b' OR id = 7)");
    }
    migration.sink("on-existing-table", "keep").start();

    assertThat(migration.awaitFailure())
        .hasMessageContaining("Cannot load chunk \"public.t")
        .hasMessageContaining("SQLSTATE 23");
    assertThat(target.single("SELECT count(*) FROM t WHERE mail = 'b' AND id <> 7")).isEqualTo("0");
    assertThat(target.single("SELECT mail FROM t WHERE id = 7")).isEqualTo("b");
  }
}
