package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TransactionSnapshot;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicationSlotITCase {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final Chunk CHUNK = Chunk.whole(new TableName("public", "a"));

  private final TestDatabase database = Servers.source().createDatabase();
  private final String task = "s" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  private final MemoryLedger ledger = new MemoryLedger(task);
  private final ReplicationSlot slot = new ReplicationSlot(database.endpoint(), task);

  @BeforeEach
  void createTables() {
    database.execute(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (v text)",
        "CREATE TABLE c (id int PRIMARY KEY)");
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void createsPublicationsSlotAndPositionOnce() {
    prepare("public.a", "public.b");
    Lsn start = ledger.content().position().orElseThrow();
    assertThat(start.toString())
        .isEqualTo(
            single(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                    + slot.name()
                    + "'"));
    assertThat(published(slot.publication())).containsExactly("a");
    assertThat(published(slot.insertPublication())).containsExactly("b");
    assertThat(
            single(
                "SELECT pubinsert AND pubtruncate AND NOT pubupdate AND NOT pubdelete FROM pg_publication WHERE pubname = '"
                    + slot.insertPublication()
                    + "'"))
        .isEqualTo("t");
    database.execute("UPDATE b SET v = 'an application goes on'", "DELETE FROM b");
    prepare("public.a", "public.b");
    assertThat(ledger.content().position()).contains(start);
    assertThat(ledger.content().events()).containsExactly("insert-only-table public.b");
  }

  @Test
  void changesThePublicationsWithTheSelection() {
    prepare("public.a", "public.b");
    prepare("public.a", "public.c");
    assertThat(published(slot.publication())).containsExactly("a", "c");
    assertThat(published(slot.insertPublication())).isEmpty();
    database.execute("ALTER TABLE b REPLICA IDENTITY FULL");
    prepare("public.b");
    assertThat(published(slot.publication())).containsExactly("b");
  }

  @Test
  void waitsForTransactionsThatAreOpen() throws Exception {
    CompletableFuture<Void> prepared;
    try (Connection open = database.plainConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO a VALUES (1)");
      prepared = CompletableFuture.runAsync(() -> prepare("public.a"));
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  single(
                          "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()")
                      != null);
      assertThat(prepared).isNotDone();
      open.commit();
    }
    prepared.join();
    assertThat(ledger.content().position()).isPresent();
  }

  @Test
  void stopsWaitingWhenTheJobStops() throws Exception {
    TaskPreparation preparation = preparation("public.a");
    try (Connection open = database.plainConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO a VALUES (1)");
      CompletableFuture<Void> prepared = CompletableFuture.runAsync(preparation::run);
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  single(
                          "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()")
                      != null);
      preparation.cancel();
      assertThatThrownBy(prepared::join)
          .hasRootCauseMessage("ERROR: canceling statement due to user request")
          .hasMessageContaining("Cannot create replication slot \"" + slot.name() + "\"");
      open.rollback();
    }
    assertThat(
            single("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"))
        .isEqualTo("0");
  }

  @Test
  void adoptsASlotThatNothingWasReadFrom() {
    prepare("public.a");
    Lsn start = ledger.content().position().orElseThrow();
    ledger.content().advance(null);
    database.execute("INSERT INTO a VALUES (1)");
    prepare("public.a");
    assertThat(ledger.content().position()).contains(start);
  }

  @Test
  void refusesASlotThatIsGone() {
    prepare("public.a");
    database.execute("SELECT pg_drop_replication_slot('" + slot.name() + "')");
    assertRefused(
        "it does not exist although the destination is at "
            + ledger.content().position().orElseThrow()
            + ", so the changes since then are gone",
        "public.a");
  }

  @Test
  void refusesASlotThatHasMovedPastTheLedger() {
    prepare("public.a");
    Lsn position = ledger.content().position().orElseThrow();
    database.execute("SET synchronous_commit = on", "INSERT INTO a VALUES (1)");
    String to =
        single(
            "SELECT end_lsn FROM pg_replication_slot_advance('"
                + slot.name()
                + "', pg_current_wal_lsn())");
    assertRefused(
        "it was acknowledged up to " + to + ", past " + position + " where this task has to go on,",
        "public.a");
  }

  @Test
  void refusesASlotOfAnotherPlugin() {
    prepare("public.a");
    ledger.content().advance(null);
    database.execute(
        "SELECT pg_drop_replication_slot('" + slot.name() + "')",
        "SELECT pg_create_logical_replication_slot('" + slot.name() + "', 'test_decoding')");
    assertRefused(
        "it has plugin test_decoding and database "
            + database.name()
            + " instead of pgoutput and "
            + database.name(),
        "public.a");
  }

  @Test
  void refusesASlotWithoutItsPublications() {
    prepare("public.a");
    database.execute("DROP PUBLICATION \"" + slot.insertPublication() + "\"");
    assertRefused(
        "its publications \""
            + slot.publication()
            + "\" and \""
            + slot.insertPublication()
            + "\" are gone,",
        "public.a");
  }

  @Test
  void refusesToFollowATableSetThatWasLoadedWithoutASlot() {
    ledger
        .content()
        .load(new LoadedChunk(CHUNK, TransactionSnapshot.parse("5:5:"), new Lsn(1), 0, 0));
    assertRefused(
        "the destination has chunks of task \"" + task + "\" that were loaded without a slot,",
        "public.a");
  }

  @Test
  void refusesStateThatIsNewerThanTheLedger() {
    TaskPreparation preparation =
        new TaskPreparation(
            new SourceOptions(
                task,
                database.endpoint(),
                SourceTables.read(database, "public.a"),
                1,
                1,
                true,
                true),
            ledger,
            List.of(CHUNK),
            Optional.empty());
    assertThatThrownBy(preparation::run)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining(
            "Cannot restore task \""
                + task
                + "\": Flink's state has chunk 0 of table \"public.a\" as loaded and the destination's ledger has not");
  }

  @Test
  void releaseLeavesNothingBehind() {
    prepare("public.a", "public.b");
    slot.release();
    slot.release();
    assertThat(
            single("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"))
        .isEqualTo("0");
    assertThat(single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
  }

  private void assertRefused(String reason, String... tables) {
    assertThatThrownBy(() -> prepare(tables))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("Cannot use replication slot \"" + slot.name() + "\": " + reason)
        .hasMessageContaining(" Hint: ");
  }

  private void prepare(String... tables) {
    preparation(tables).run();
  }

  private TaskPreparation preparation(String... tables) {
    SourceOptions options =
        new SourceOptions(
            task, database.endpoint(), SourceTables.read(database, tables), 1, 1, true, true);
    return new TaskPreparation(options, ledger, List.of(), Optional.empty());
  }

  private List<String> published(String publication) {
    return database
        .query(
            "SELECT tablename FROM pg_publication_tables WHERE pubname = '"
                + publication
                + "' ORDER BY 1")
        .stream()
        .map(row -> row.get(0))
        .toList();
  }

  private String single(String sql) {
    return database.single(sql);
  }
}
