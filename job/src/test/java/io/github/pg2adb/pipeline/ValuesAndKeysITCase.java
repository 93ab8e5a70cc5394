package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.HeldSnapshot;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that the WAL leaves out, and keys of every sort, inside and outside the snapshot. */
class ValuesAndKeysITCase {

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration = HeldSnapshot.task(source, target);

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @Test
  void keepsValuesThatAnUpdateLeavesOutOfTheWal() throws Exception {
    for (String table : List.of("toast", "toast_full")) {
      source.execute(
          "CREATE TABLE "
              + table
              + " (id int PRIMARY KEY, n int, t text, b bytea, j jsonb, a text[], i int[])",
          "ALTER TABLE "
              + table
              + " ALTER t SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL, ALTER j SET STORAGE EXTERNAL,"
              + " ALTER a SET STORAGE EXTERNAL, ALTER i SET STORAGE EXTERNAL",
          "INSERT INTO "
              + table
              + " SELECT x, x, repeat(md5(x::text), 100), decode(repeat(md5(x::text), 100), 'hex'),"
              + " to_jsonb(repeat(md5(x::text), 100)), ARRAY[repeat(md5(x::text), 100), NULL],"
              + " (SELECT array_agg(x + y) FROM generate_series(1, 1000) y) FROM generate_series(1, 20) x");
    }
    source.execute("ALTER TABLE toast_full REPLICA IDENTITY FULL");
    HeldSnapshot.prepare(source);
    source.execute(
        "INSERT INTO aa_bulk SELECT i, repeat('x', 200) FROM generate_series(3001, 6000) i");
    migration.pipeline("parallelism", "2").start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("toast", "toast_full");
      leaveOut(1, "during");
    }
    migration.awaitConsistent();
    leaveOut(11, "after");
    migration.awaitCaughtUp().assertEqual();
    assertThat(target.single("SELECT count(*) FROM toast WHERE t LIKE '%debezium%' OR a IS NULL"))
        .isEqualTo("0");
    assertThat(target.single("SELECT count(*) FROM pg2adb.event WHERE kind = 'diverged'"))
        .isEqualTo("0");
  }

  private void leaveOut(int id, String word) {
    for (String table : List.of("toast", "toast_full")) {
      source.execute(
          "UPDATE " + table + " SET n = -n WHERE id = " + id,
          "UPDATE " + table + " SET id = id + 1000, n = 0 WHERE id = " + (id + 1),
          "UPDATE " + table + " SET id = id + 1000, t = '" + word + "' WHERE id = " + (id + 2),
          // two updates in one transaction, of which each leaves out another value
          "BEGIN; UPDATE "
              + table
              + " SET t = repeat('"
              + word
              + "', 1000) WHERE id = "
              + (id + 3)
              + "; UPDATE "
              + table
              + " SET id = id + 1000 WHERE id = "
              + (id + 3)
              + "; UPDATE "
              + table
              + " SET n = n + 1 WHERE id = "
              + (id + 1003)
              + "; COMMIT",
          // the same row deleted and made again
          "BEGIN; UPDATE "
              + table
              + " SET n = 5 WHERE id = "
              + (id + 4)
              + "; DELETE FROM "
              + table
              + " WHERE id = "
              + (id + 4)
              + "; INSERT INTO "
              + table
              + " (id, t) VALUES ("
              + (id + 4)
              + ", '__debezium_unavailable_value'); COMMIT");
      source.execute("DELETE FROM " + table + " WHERE id = " + (id + 4));
    }
  }

  @Test
  void readsAndFollowsKeysOfEverySort() throws Exception {
    source.execute(
        "CREATE EXTENSION citext",
        "CREATE TYPE mood AS ENUM ('b', 'a', 'Z', 'z')",
        "CREATE DOMAIN odd AS int CHECK (VALUE <> 0)",
        "CREATE TABLE k_text (k text PRIMARY KEY, v text)",
        "INSERT INTO k_text SELECT CASE WHEN i % 2 = 0 THEN upper(md5(i::text)) ELSE md5(i::text) END, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_icu (k text COLLATE \"en-x-icu\" PRIMARY KEY, v text)",
        "INSERT INTO k_icu SELECT k || CASE WHEN v = '' THEN '' ELSE 'é' END, v FROM k_text",
        "INSERT INTO k_icu VALUES ('a', ''), ('B', ''), ('ä', ''), ('Z', ''), ('_', ''), ('-a', '')",
        "CREATE TABLE k_citext (k citext PRIMARY KEY, v text)",
        "INSERT INTO k_citext SELECT k, v FROM k_text",
        "CREATE TABLE k_uuid (k uuid PRIMARY KEY, v text)",
        "INSERT INTO k_uuid SELECT md5(i::text)::uuid, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_composite (m mood, n int, k text, v text, PRIMARY KEY (m, n, k))",
        "INSERT INTO k_composite SELECT (ARRAY['a', 'b', 'z', 'Z'])[1 + i % 4]::mood, i / 100, i, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_enum (k mood PRIMARY KEY, v text)",
        "INSERT INTO k_enum VALUES ('a', repeat('v', 9000)), ('b', repeat('v', 9000)), ('Z', ''), ('z', '')",
        "CREATE TABLE k_skewed (k bigint PRIMARY KEY, v text)",
        "INSERT INTO k_skewed SELECT CASE WHEN i < 800 THEN i ELSE i::bigint * 10000000000000 END, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_negative (k int PRIMARY KEY, v text)",
        "INSERT INTO k_negative SELECT -i * 1000003 + 1000000000, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_numeric (k numeric PRIMARY KEY, v text)",
        "INSERT INTO k_numeric SELECT i / 7.0 - 50, repeat('v', 30) FROM generate_series(1, 900) i",
        "INSERT INTO k_numeric VALUES ('NaN', ''), (1e100, '')",
        "CREATE TABLE k_domain (k odd PRIMARY KEY, v text)",
        "INSERT INTO k_domain SELECT i - 1000, repeat('v', 30) FROM generate_series(1, 900) i",
        "CREATE TABLE k_time (k timestamptz PRIMARY KEY, v text)",
        "INSERT INTO k_time SELECT '2024-01-01 00:00Z'::timestamptz + i * interval '11.000001 min', repeat('v', 30) FROM generate_series(1, 900) i",
        "INSERT INTO k_time VALUES ('-infinity', ''), ('infinity', ''), ('0044-03-15 BC', '')",
        // found by another unique index, and by nothing
        "CREATE TABLE by_index (id int PRIMARY KEY, code text NOT NULL, n int)",
        "CREATE UNIQUE INDEX by_code ON by_index (code)",
        "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_code",
        "INSERT INTO by_index SELECT i, 'c' || i, i FROM generate_series(1, 900) i",
        "CREATE TABLE by_nothing (id int PRIMARY KEY, v text)",
        "ALTER TABLE by_nothing REPLICA IDENTITY NOTHING",
        "INSERT INTO by_nothing SELECT i, 'v' FROM generate_series(1, 900) i",
        "ANALYZE");
    HeldSnapshot.prepare(source);
    source.execute(
        "INSERT INTO aa_bulk SELECT i, repeat('x', 200) FROM generate_series(3001, 6000) i");
    migration.source("tables.without-identity", "inserts-only");
    migration.pipeline("parallelism", "2").start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded(keyed());
      change("during");
    }
    migration.awaitConsistent();
    change("after");
    migration.awaitCaughtUp().assertEqual();
    for (String table : keyed()) {
      if (!table.equals("k_enum")) {
        assertThat(
                Integer.parseInt(
                    String.valueOf(
                        target.single(
                            "SELECT count(*) FROM pg2adb.chunk WHERE \"table\" = '"
                                + table
                                + "'"))))
            .as("chunks of " + table)
            .isGreaterThan(3);
      }
    }
    assertThat(target.single("SELECT object FROM pg2adb.event WHERE kind = 'insert-only-table'"))
        .isEqualTo("public.by_nothing");
  }

  private static String[] keyed() {
    return Stream.of(
            "text",
            "icu",
            "citext",
            "uuid",
            "composite",
            "enum",
            "skewed",
            "negative",
            "numeric",
            "domain",
            "time")
        .map(name -> "k_" + name)
        .toArray(String[]::new);
  }

  private void change(String word) {
    for (String table : keyed()) {
      source.execute(
          "UPDATE " + table + " SET v = '" + word + "' || v WHERE hashtext(k::text) % 3 = 0",
          "DELETE FROM "
              + table
              + " WHERE k::text <> 'a' AND hashtext(k::text) % 7 = "
              + word.length() % 3);
    }
    source.execute(
        "UPDATE k_citext SET k = upper(k::text) WHERE k < 'm'",
        "UPDATE k_icu SET k = k || 'ß' WHERE k > 'm'",
        "UPDATE k_negative SET k = -k WHERE k % 11 = 0",
        "UPDATE k_composite SET m = 'Z', k = k || 'x' WHERE m = 'a' AND n < 5",
        "UPDATE by_index SET id = -id WHERE id % 10 = 0",
        "UPDATE by_index SET code = code || '" + word + "', n = 0 WHERE abs(id) % 10 < 3",
        "DELETE FROM by_index WHERE abs(id) % 10 = 7 AND id > " + word.length() * 20,
        "INSERT INTO by_nothing SELECT i + (SELECT max(id) FROM by_nothing), 'new' FROM generate_series(1, 10) i");
  }
}
