package io.github.pg2adb.sink;

import static io.github.pg2adb.sink.Wal.UNCHANGED;
import static io.github.pg2adb.sink.Wal.delete;
import static io.github.pg2adb.sink.Wal.full;
import static io.github.pg2adb.sink.Wal.insert;
import static io.github.pg2adb.sink.Wal.keyed;
import static io.github.pg2adb.sink.Wal.row;
import static io.github.pg2adb.sink.Wal.truncate;
import static io.github.pg2adb.sink.Wal.update;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.testing.LogLines;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What source transactions do to tables of every shape. Batches are applied at the checkpoint that
 * follows.
 */
@ParameterizedClass(name = "own stages from {0} rows")
@ValueSource(ints = {0, 2_000})
class MergeITCase {

  @Parameter private int ownStageRows;

  private final Wal wal = new Wal();
  private final WriterHarness.SourceRows source = new WriterHarness.SourceRows();
  private TestDatabase database;
  private WriterHarness writer;

  @BeforeEach
  void start() throws Exception {
    database = Servers.target().createDatabase();
    writer = WriterHarness.startStaging(database, source, ownStageRows);
  }

  @AfterEach
  void stop() throws Exception {
    writer.close();
    database.close();
  }

  private static List<@Nullable String> r(@Nullable String... values) {
    return Arrays.asList(values);
  }

  /** Applies the events as one transaction of one batch. */
  private void apply(TransactionEvent... events) throws Exception {
    writer.write(wal.transaction(events)).checkpoint();
  }

  private List<List<@Nullable String>> table(String name) {
    return database.query("SELECT * FROM " + name + " ORDER BY 1, 2");
  }

  @Test
  void insertsUpdatesAndDeletesByPrimaryKey() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    Relation t = keyed("t", "id*", "v");
    apply(insert(t, "1", "a"), insert(t, "2", "b"), insert(t, "3", null), insert(t, "4", ""));

    apply(update(t, "1", "A\\\t\n\r'\"é😀"), delete(t, "2", null), insert(t, "5", "e"));

    assertThat(table("t"))
        .isEqualTo(List.of(r("1", "A\\\t\n\r'\"é😀"), r("3", null), r("4", ""), r("5", "e")));
    assertThat(writer.position()).isEqualTo(wal.end());
    assertThat(
            database.query("SELECT transactions, changes, source_commit_time FROM pg2adb.position"))
        .isEqualTo(List.of(r("2", "7", "2023-11-14 22:13:20.123456+00")));
  }

  @Test
  void severalTransactionsOfABatchCollapse() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    Relation t = keyed("t", "id*", "v");
    writer
        .write(
            wal.transaction(insert(t, "1", "a"), insert(t, "2", "b")),
            wal.transaction(update(t, "1", "c")),
            wal.transaction(delete(t, "2", null), insert(t, "3", "x")),
            wal.transaction(delete(t, "3", null)),
            wal.transaction(insert(t, "2", "again")))
        .checkpoint();

    assertThat(table("t")).isEqualTo(List.of(r("1", "c"), r("2", "again")));
  }

  @Test
  void newRowsBesideOthers() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    Relation t = keyed("t", "id*", "v");
    apply(inserts(t, 1, 3_000));

    List<TransactionEvent> events = new ArrayList<>(List.of(inserts(t, 3_001, 6_000)));
    events.add(delete(t, "1", null));
    events.add(update(t, "2", "two"));
    events.add(update(t, row("3", null), row("6001", "moved")));
    events.add(delete(t, "3001", null));
    events.add(delete(t, "4", null));
    events.add(insert(t, "4", "again"));
    events.add(update(t, "3002", "new and changed"));
    events.add(insert(t, "6002", "\\\t\n"));
    apply(events.toArray(TransactionEvent[]::new));

    assertThat(
            database.query(
                "SELECT id, v FROM t WHERE v <> 'v' || id AND id < 10 OR v NOT LIKE 'v%' ORDER BY id"))
        .isEqualTo(
            List.of(
                r("2", "two"),
                r("4", "again"),
                r("3002", "new and changed"),
                r("6001", "moved"),
                r("6002", "\\\t\n")));
    assertThat(database.query("SELECT count(*), sum(id) FROM t"))
        .isEqualTo(List.of(r("5999", String.valueOf(6_002L * 6_003 / 2 - 1 - 3 - 3_001))));
  }

  @Test
  void newRowsOverwriteWhatSomebodyElseHasWritten() throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (7, 'stranger')");
    Relation t = keyed("t", "id*", "v");

    try (LogLines merges = LogLines.of("io.github.pg2adb.sink.TableMerge")) {
      apply(inserts(t, 1, 3_000));
      assertThat(merges.soFar())
          .singleElement(as(STRING))
          .startsWith("Table public.t has rows that the source inserts now");
    }

    assertThat(database.query("SELECT count(*), count(v = 'v' || id OR NULL) FROM t"))
        .isEqualTo(List.of(r("3000", "3000")));
    assertThat(writer.position()).isEqualTo(wal.end());
  }

  @Test
  void newRowThatTheServerRefusesIsAnError() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v varchar(5))");
    Relation t = keyed("t", "id*", "v");
    List<TransactionEvent> events = new ArrayList<>(List.of(inserts(t, 1, 3_000)));
    events.add(insert(t, "3001", "too long"));

    assertThatThrownBy(() -> apply(events.toArray(TransactionEvent[]::new)))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("22001")
        .hasMessageNotContaining("too long");
    assertThat(database.single("SELECT count(*) FROM t")).isEqualTo("0");
  }

  private static TransactionEvent[] inserts(Relation t, int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> insert(t, String.valueOf(i), "v" + i))
        .toArray(TransactionEvent[]::new);
  }

  @Test
  void compositeKeyInAnyColumnOrder() throws Exception {
    database.execute("CREATE TABLE t (v text, b int, a text, PRIMARY KEY (a, b))");
    Relation t = keyed("t", "v", "b*", "a*");
    apply(insert(t, "v", "1", "x"), insert(t, "v", "2", "x"), insert(t, "v", "1", "y"));

    apply(update(t, "w", "2", "x"), delete(t, null, "1", "y"));

    assertThat(table("t")).isEqualTo(List.of(r("v", "1", "x"), r("w", "2", "x")));
  }

  @Test
  void identityOfAnotherIndexThanThePrimaryKey() throws Exception {
    database.execute(
        "CREATE TABLE t (tenant int, id int, code text NOT NULL, v text, PRIMARY KEY (tenant, id), UNIQUE (tenant, code))");
    Relation t =
        Wal.relation(
            new TableName("public", "t"), ReplicaIdentity.INDEX, "tenant*", "id", "code*", "v");
    apply(insert(t, "1", "1", "a", "x"), insert(t, "1", "2", "b", "y"));

    // the primary keys change places
    apply(
        update(t, "1", "3", "a", "x1"),
        update(t, "1", "1", "b", "y1"),
        update(t, "1", "2", "a", "x2"));
    apply(update(t, row("1", null, "a", null), row("1", "2", "c", UNCHANGED)));

    assertThat(table("t")).isEqualTo(List.of(r("1", "1", "b", "y1"), r("1", "2", "c", "x2")));
  }

  @Test
  void uniqueValuesChangePlacesInOneTransaction() throws Exception {
    database.execute(
        "CREATE TABLE t (tenant int, id int, u int, v text, PRIMARY KEY (tenant, id), UNIQUE (tenant, u))");
    Relation t = keyed("t", "tenant*", "id*", "u", "v");
    apply(
        insert(t, "1", "1", "10", "a"),
        insert(t, "1", "2", "20", "b"),
        insert(t, "1", "3", "30", "c"));

    apply(
        update(t, "1", "1", null, UNCHANGED),
        update(t, "1", "2", "10", UNCHANGED),
        update(t, "1", "1", "20", UNCHANGED),
        delete(t, "1", "3", null, null),
        insert(t, "1", "4", "30", "d"));

    assertThat(table("t"))
        .isEqualTo(List.of(r("1", "1", "20", "a"), r("1", "2", "10", "b"), r("1", "4", "30", "d")));
  }

  @Test
  void changedKeysMoveRows() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    Relation t = keyed("t", "id*", "v");
    apply(insert(t, "1", "a"), insert(t, "2", "b"), insert(t, "5", "e"));

    apply(
        // 1 and 2 change places by way of 9
        update(t, row("1", null), row("9", "a")),
        update(t, row("2", null), row("1", "b")),
        update(t, row("9", null), row("2", "a2")),
        // a chain
        update(t, row("5", null), row("6", "e")),
        update(t, row("6", null), row("7", "e2")),
        // to where one was deleted in the same transaction
        insert(t, "8", "h"),
        delete(t, "7", null),
        update(t, row("8", null), row("7", "h2")));

    assertThat(table("t")).isEqualTo(List.of(r("1", "b"), r("2", "a2"), r("7", "h2")));
  }

  @Test
  void unchangedValuesStayAsTheyAre() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, big text, other text)");
    Relation t = keyed("t", "id*", "n", "big", "other");
    apply(insert(t, "1", "1", "BIG1", "o1"), insert(t, "2", "2", "BIG2", "o2"));
    apply(
        insert(t, "3", "3", "BIG3", "o3"),
        update(t, "3", "33", UNCHANGED, "o33"),
        update(t, "1", "11", UNCHANGED, "o11"),
        update(t, "2", "22", UNCHANGED, UNCHANGED),
        update(t, "2", "222", "BIG22", UNCHANGED));

    assertThat(table("t"))
        .isEqualTo(
            List.of(
                r("1", "11", "BIG1", "o11"),
                r("2", "222", "BIG22", "o2"),
                r("3", "33", "BIG3", "o33")));
    assertThat(source.asked()).isEmpty();
  }

  @Test
  void unchangedValuesMoveWithTheirKey() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, big text)");
    Relation t = keyed("t", "id*", "n", "big");
    apply(insert(t, "1", "1", "BIG1"), insert(t, "2", "2", "BIG2"), insert(t, "5", "5", "BIG5"));

    apply(
        update(t, row("1", null, null), row("9", "1", UNCHANGED)),
        update(t, row("2", null, null), row("1", "21", UNCHANGED)),
        update(t, row("9", null, null), row("2", "12", UNCHANGED)),
        update(t, "5", "55", UNCHANGED),
        update(t, row("5", null, null), row("6", "56", UNCHANGED)));

    assertThat(table("t"))
        .isEqualTo(List.of(r("1", "21", "BIG2"), r("2", "12", "BIG1"), r("6", "56", "BIG5")));
    assertThat(source.asked()).isEmpty();
  }

  @Test
  void wholeOldRowFillsUnchangedValues() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, big text)");
    Relation t = full("t", "id", "n", "big");
    apply(insert(t, "1", "1", "BIG"));

    apply(update(t, row("1", "1", "BIG"), row("2", "2", UNCHANGED)));

    assertThat(table("t")).isEqualTo(List.of(r("2", "2", "BIG")));
  }

  @Test
  void deferrableKeysChangePlacesWithoutADetour() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    Relation t = full("t", "id", "v");
    apply(insert(t, "1", "a"), insert(t, "2", "b"));

    apply(update(t, row("1", "a"), row("2", "a")), update(t, row("2", "b"), row("1", "b")));

    assertThat(table("t")).isEqualTo(List.of(r("1", "b"), r("2", "a")));
  }

  @Test
  void rowThatTheDestinationLacksIsReadAgain() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, big text)");
    Relation t = keyed("t", "id*", "n", "big");
    source.row("1", "7", "BIG").row("4", "8", "BIG4");

    apply(
        update(t, "1", "6", UNCHANGED),
        update(t, "2", "6", UNCHANGED),
        update(t, row("3", null, null), row("4", "1", UNCHANGED)));

    assertThat(table("t")).isEqualTo(List.of(r("1", "7", "BIG"), r("4", "8", "BIG4")));
    assertThat(source.asked()).containsExactlyInAnyOrder("1", "2", "4");
    assertThat(database.query("SELECT kind, object FROM pg2adb.event"))
        .isEqualTo(List.of(r("rows-read-again", "public.t")));
  }

  @Test
  void onceRowsWereReadAgainAMovedRowIsReadAgainToo() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int, big text)");
    Relation t = keyed("t", "id*", "n", "big");
    source.row("1", "7", "LATER");
    apply(update(t, "1", "6", UNCHANGED));
    source.row("2", "6", "BIG");

    apply(update(t, row("1", null, null), row("2", "6", UNCHANGED)));
    writer.close();
    writer = WriterHarness.startStaging(database, source.row("3", "6", "BIG"), ownStageRows);
    apply(update(t, row("2", null, null), row("3", "6", UNCHANGED)));

    assertThat(table("t")).isEqualTo(List.of(r("3", "6", "BIG")));
    assertThat(source.asked()).containsExactly("1", "2", "3");
  }

  @Test
  void tableWithoutKeyKeepsItsDuplicates() throws Exception {
    database.execute("CREATE TABLE t (a int, j json, p point, x text)");
    Relation t = full("t", "a", "j", "p", "x");
    String json = "{\"a\" :  1}";
    apply(
        insert(t, "1", json, "(1,2)", null),
        insert(t, "1", json, "(1,2)", null),
        insert(t, "1", json, "(1,2)", null),
        insert(t, null, null, null, null),
        insert(t, null, null, null, null),
        insert(t, "2", "{\"a\":1}", null, "x"));

    apply(
        delete(t, "1", json, "(1,2)", null),
        update(t, row("1", json, "(1,2)", null), row("1", UNCHANGED, "(1,2)", "new")),
        delete(t, null, null, null, null),
        insert(t, "3", null, null, "gone"),
        delete(t, "3", null, null, "gone"));

    assertThat(database.query("SELECT a, j, p, x FROM t ORDER BY a, x"))
        .isEqualTo(
            List.of(
                r("1", json, "(1,2)", "new"),
                r("1", json, "(1,2)", null),
                r("2", "{\"a\":1}", null, "x"),
                r(null, null, null, null)));
  }

  @Test
  void manyDuplicatesLoseExactlyAsManyAsWereDeleted() throws Exception {
    database.execute(
        "CREATE TABLE t (a text)",
        "INSERT INTO t SELECT CASE WHEN g % 3 = 0 THEN NULL ELSE (g % 3)::text END FROM generate_series(1, 3000) g");
    Relation t = full("t", "a");
    TransactionEvent[] events = new TransactionEvent[700];
    for (int i = 0; i < events.length; i++) {
      events[i] = i % 7 == 0 ? delete(t, new String[] {null}) : delete(t, "1");
    }

    apply(events);

    assertThat(database.query("SELECT a, count(*) FROM t GROUP BY a ORDER BY a"))
        .isEqualTo(List.of(r("1", "400"), r("2", "1000"), r(null, "900")));
  }

  @Test
  void insertOnlyTableWithoutIdentity() throws Exception {
    database.execute("CREATE TABLE t (a int, b text)");
    Relation t = keyed("t", "a", "b");

    apply(insert(t, "1", "x"), insert(t, "1", "x"));

    assertThat(table("t")).isEqualTo(List.of(r("1", "x"), r("1", "x")));
  }

  @Test
  void rowsThatAreNotThereStopTheTask() throws Exception {
    database.execute("CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'secret')");
    Relation t = full("t", "a", "b");

    assertThatThrownBy(() -> apply(delete(t, "1", "secret"), delete(t, "2", "hidden")))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "Cannot apply the changes committed from 0/424 to 0/424 to table \"public.t\" (no key):"
                + " the destination's rows are not the source's: of 2 rows to be removed, found by all columns, it has 1")
        .hasMessageNotContaining("hidden");
    assertThat(table("t")).isEqualTo(List.of(r("1", "secret")));
    assertThat(database.query("SELECT kind, object FROM pg2adb.event"))
        .isEqualTo(List.of(r("diverged", "public.t")));
    assertThat(writer.position()).isEqualTo(Wal.START);
  }

  @Test
  void truncateKeepsItsPlaceAmongTheChanges() throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "CREATE TABLE n (a int)",
        "CREATE TABLE kept (a int PRIMARY KEY)");
    Relation t = keyed("t", "id*", "v");
    Relation n = full("n", "a");
    Relation kept = keyed("kept", "a*");
    apply(insert(t, "1", "a"), insert(n, "1"), insert(kept, "1"));

    apply(
        insert(t, "2", "b"),
        insert(n, "2"),
        insert(kept, "2"),
        truncate("t", "n"),
        insert(t, "1", "after"),
        update(t, row("1", null), row("3", UNCHANGED)),
        insert(n, "3"),
        insert(n, "4"),
        delete(n, "4"));

    assertThat(table("t")).isEqualTo(List.of(r("3", "after")));
    assertThat(database.query("TABLE n")).isEqualTo(List.of(r("3")));
    assertThat(database.query("SELECT a FROM kept ORDER BY a")).isEqualTo(List.of(r("1"), r("2")));
  }

  @Test
  void generatedAndIdentityColumnsAreLeftToTheirRules() throws Exception {
    database.execute(
        "CREATE TABLE g (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED)",
        "CREATE TABLE i (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, big text)",
        "CREATE TABLE k (n int GENERATED ALWAYS AS IDENTITY, a text)");
    Relation g = keyed("g", "id*", "a", "twice");
    Relation i = keyed("i", "id*", "n", "big");
    Relation k = full("k", "n", "a");
    apply(
        insert(g, "1", "1", "999"),
        insert(g, "2", "2", "999"),
        insert(i, "1", "7", "BIG"),
        insert(k, "5", "x"));

    apply(
        update(g, "1", "5", "999"),
        update(g, row("2", null, null), row("3", "3", "999")),
        update(i, "1", "8", UNCHANGED),
        update(k, row("5", "x"), row("6", "y")));

    assertThat(table("g")).isEqualTo(List.of(r("1", "5", "10"), r("3", "3", "6")));
    assertThat(table("i")).isEqualTo(List.of(r("1", "8", "BIG")));
    assertThat(table("k")).isEqualTo(List.of(r("6", "y")));
  }

  @Test
  void tableOfKeyColumnsAlone() throws Exception {
    database.execute("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))");
    Relation t = keyed("t", "a*", "b*");
    apply(insert(t, "1", "1"), insert(t, "1", "2"));

    apply(delete(t, "1", "1"), insert(t, "1", "3"), update(t, row("1", "2"), row("2", "2")));

    assertThat(table("t")).isEqualTo(List.of(r("1", "3"), r("2", "2")));
  }

  @Test
  void oddNames() throws Exception {
    String odd = "Sel\"ect. é'" + "x".repeat(40);
    String quoted = "\"" + odd.replace("\"", "\"\"") + "\"";
    database.execute(
        "CREATE SCHEMA " + quoted,
        "CREATE TABLE "
            + quoted
            + "."
            + quoted
            + " (\"ORDER\" int PRIMARY KEY, "
            + quoted
            + " text, t int, s int, excluded int)");
    Relation t =
        Wal.relation(
            new TableName(odd, odd), ReplicaIdentity.DEFAULT, "ORDER*", odd, "t", "s", "excluded");
    apply(insert(t, "1", "a", "1", "1", "1"), insert(t, "2", "b", "1", "1", "1"));

    apply(
        update(t, "1", UNCHANGED, "2", "3", "4"),
        update(t, row("2", null, null, null, null), row("3", UNCHANGED, "5", "6", "7")));

    assertThat(database.query("SELECT * FROM " + quoted + "." + quoted + " ORDER BY 1"))
        .isEqualTo(List.of(r("1", "a", "2", "3", "4"), r("3", "b", "5", "6", "7")));
  }

  @Test
  void domainsEnumsArraysAndLookalikeKeys() throws Exception {
    database.execute(
        "CREATE DOMAIN d AS text NOT NULL CHECK (value <> 'bad')",
        "CREATE TYPE e AS ENUM ('x', 'y')",
        "CREATE TABLE t (id numeric PRIMARY KEY, d d, e e, a e[], b bit(3), c char(4))");
    Relation t = keyed("t", "id*", "d", "e", "a", "b", "c");
    apply(insert(t, "1.0", "dom", "x", "{x,y}", "101", "ab  "));

    apply(update(t, "1.0", UNCHANGED, "y", "{}", UNCHANGED, "cd  "));
    apply(
        update(
            t,
            row("1.0", null, null, null, null, null),
            row("1.00", UNCHANGED, "y", "{y}", UNCHANGED, "ef  ")));

    assertThat(table("t")).isEqualTo(List.of(r("1.00", "dom", "y", "{y}", "101", "ef  ")));
  }

  @Test
  void partitionedTarget() throws Exception {
    database.execute(
        "CREATE TABLE p (id int, part int, v text, PRIMARY KEY (id, part)) PARTITION BY LIST (part)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)",
        "CREATE TABLE q (id int, part int, v text) PARTITION BY LIST (part)",
        "CREATE TABLE q1 PARTITION OF q FOR VALUES IN (1)",
        "CREATE TABLE q2 PARTITION OF q FOR VALUES IN (2)");
    Relation p = keyed("p", "id*", "part*", "v");
    Relation q = full("q", "id", "part", "v");
    apply(
        insert(p, "1", "1", "a"),
        insert(p, "2", "1", "b"),
        insert(q, "1", "1", "a"),
        insert(q, "1", "2", "a"),
        insert(q, "1", "2", "a"));

    apply(
        update(p, row("1", "1", null), row("1", "2", UNCHANGED)),
        update(p, "2", "1", "bb"),
        update(q, row("1", "1", "a"), row("1", "2", "moved")),
        delete(q, "1", "2", "a"));

    assertThat(table("p")).isEqualTo(List.of(r("1", "2", "a"), r("2", "1", "bb")));
    assertThat(database.query("SELECT * FROM q ORDER BY v"))
        .isEqualTo(List.of(r("1", "2", "a"), r("1", "2", "moved")));
  }

  @Test
  void inheritanceChildrenAreNotTouchedThroughTheirParent() throws Exception {
    database.execute(
        "CREATE TABLE parent (id int, v text)",
        "CREATE TABLE child () INHERITS (parent)",
        "INSERT INTO parent VALUES (1, 'a')",
        "INSERT INTO child VALUES (1, 'a')");
    Relation parent = keyed("parent", "id*", "v");

    apply(update(parent, "1", "b"));
    assertThat(database.query("SELECT v FROM child")).isEqualTo(List.of(r("a")));
    apply(truncate("parent"));

    assertThat(database.query("SELECT v FROM parent")).isEqualTo(List.of(r("a")));
  }

  @Test
  void shapeChangesWithinABatch() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a text, b text)");
    Relation before = keyed("t", "id*", "a");
    Relation after = keyed("t", "id*", "a", "b");

    apply(
        insert(before, "1", "x"),
        insert(before, "2", "y"),
        insert(after, "3", "z", "new"),
        update(after, "1", UNCHANGED, "b1"),
        delete(after, "2", null, null),
        insert(before, "4", "w"));

    assertThat(table("t"))
        .isEqualTo(List.of(r("1", "x", "b1"), r("3", "z", "new"), r("4", "w", null)));
  }

  @Test
  void targetWithoutAnyUniqueIndexIsStillMergedByKey() throws Exception {
    database.execute("CREATE TABLE t (v text, id int)");
    Relation t = keyed("t", "v", "id*");
    apply(insert(t, "a", "1"), insert(t, "b", "2"));

    apply(update(t, UNCHANGED, "1"), update(t, "B", "2"), insert(t, "c", "3"));

    assertThat(table("t")).isEqualTo(List.of(r("B", "2"), r("a", "1"), r("c", "3")));
  }

  @Test
  void manyTablesInOneTransaction() throws Exception {
    int tables = 3 * DestinationSession.KEPT_STAGES;
    TransactionEvent[] inserts = new TransactionEvent[tables];
    TransactionEvent[] changes = new TransactionEvent[2 * tables];
    StringBuilder all = new StringBuilder("SELECT NULL, NULL WHERE false");
    for (int i = 0; i < tables; i++) {
      database.execute("CREATE TABLE m" + i + " (id int PRIMARY KEY, v text)");
      Relation table = keyed("m" + i, "id*", "v");
      inserts[i] = insert(table, "1", "a" + i);
      changes[2 * i] = update(table, row("1", null), row("2", UNCHANGED));
      changes[2 * i + 1] = insert(table, "3", "c" + i);
      all.append(" UNION ALL SELECT id::text, v FROM m").append(i);
    }
    apply(inserts);
    apply(changes);

    List<List<String>> expected = new ArrayList<>();
    for (int i = 0; i < tables; i++) {
      expected.add(List.of("2", "a" + i));
      expected.add(List.of("3", "c" + i));
    }
    assertThat(database.query(all.toString())).hasSameElementsAs(expected);
    assertThat(
            database.single(
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'pg2adb_%' AND relkind = 'r' AND relpersistence = 't'"))
        .satisfies(
            count ->
                assertThat(Integer.parseInt(count))
                    .isBetween(1, 3 * DestinationSession.KEPT_STAGES));
  }

  @Test
  void tableOfManyColumns() throws Exception {
    int columns = 1500;
    String definitions =
        IntStream.range(0, columns).mapToObj(i -> ", c" + i + " int").collect(Collectors.joining());
    database.execute("CREATE TABLE t (id int PRIMARY KEY" + definitions + ")");
    String[] names = new String[columns + 1];
    String[] first = new String[columns + 1];
    String[] second = new String[columns + 1];
    names[0] = "id*";
    first[0] = "1";
    second[0] = "1";
    for (int i = 0; i < columns; i++) {
      names[i + 1] = "c" + i;
      first[i + 1] = "1000000000";
      second[i + 1] = i % 2 == 0 ? UNCHANGED : "2000000000";
    }
    Relation t = keyed("t", names);
    apply(insert(t, first));

    apply(update(t, second));

    assertThat(database.query("SELECT id, c0, c1, c1498, c1499 FROM t"))
        .isEqualTo(List.of(r("1", "1000000000", "2000000000", "1000000000", "2000000000")));
  }

  @Test
  void valuesCarriedFromTheTargetStayAsTheyAre() throws Exception {
    database.execute(
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE t (id int PRIMARY KEY, n int, b boolean, i inet, c char(4), p pair, q pair, f float8, y bytea, d timestamptz, a text[])");
    Relation t = keyed("t", "id*", "n", "b", "i", "c", "p", "q", "f", "y", "d", "a");
    String[] values = {
      "t",
      "10.0.0.1",
      "a   ",
      "(,)",
      null,
      "0.1",
      "\\x005c0a",
      "2024-01-01 00:00:00.123456+00",
      "{a,NULL,\"b,\\\\c\"}"
    };
    String[] inserted = new String[11];
    String[] moved = new String[11];
    inserted[0] = "1";
    moved[0] = "2";
    inserted[1] = "1";
    moved[1] = "2";
    for (int i = 0; i < values.length; i++) {
      inserted[i + 2] = values[i];
      moved[i + 2] = UNCHANGED;
    }
    apply(insert(t, inserted));
    List<List<String>> before =
        database.query(
            "SELECT b, i, c, p::text, p IS DISTINCT FROM NULL, q::text, q IS DISTINCT FROM NULL, f, y, d, a FROM t");

    String[] old = new String[11];
    old[0] = "1";
    apply(update(t, row(old), row(moved)));

    assertThat(database.single("SELECT id FROM t")).isEqualTo("2");
    assertThat(
            database.query(
                "SELECT b, i, c, p::text, p IS DISTINCT FROM NULL, q::text, q IS DISTINCT FROM NULL, f, y, d, a FROM t"))
        .isEqualTo(before);
  }

  @Test
  void unknownColumnsAndTablesAreNamed() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");

    assertThatThrownBy(() -> apply(insert(keyed("t", "id*", "extra"), "1", "x")))
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot write table \"public.t\": the destination has no column \"extra\" Hint: Add the column to the destination table.");
    writer.close();
    writer = WriterHarness.start(database);
    assertThatThrownBy(() -> apply(insert(keyed("nowhere", "id*"), "1")))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith(
            "Cannot write table \"public.nowhere\": the destination has no such table");
  }

  @Test
  void refusedValuesAreNotQuoted() throws Exception {
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int)");

    assertThatThrownBy(() -> apply(insert(keyed("t", "id*", "n"), "1", "secret")))
        .isInstanceOf(MigrationException.class)
        .hasMessage(
            "Cannot apply the changes committed from 0/424 to 0/424 to table \"public.t\" (key id):"
                + " the destination refuses a value that it does not take for its type (SQLSTATE 22P02)")
        .hasStackTraceContaining("SQLException")
        .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("secret"));
  }

  private static String stackTrace(Throwable error) {
    java.io.StringWriter text = new java.io.StringWriter();
    error.printStackTrace(new java.io.PrintWriter(text));
    return text.toString();
  }
}
