package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.source.wal.PgOutputDecoder;
import io.github.pg2adb.source.wal.PgOutputMessage;
import io.github.pg2adb.source.wal.ReplicatedTables;
import io.github.pg2adb.source.wal.TransactionAssembler;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** The decoder with a real walsender as judge. */
class WalITCase {

  private final TestDatabase database = Servers.source().createDatabase();
  private final String task = "w" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  private final MemoryLedger ledger = new MemoryLedger(task);

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void readsEveryKindOfMessage() throws Exception {
    database.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE a (id int PRIMARY KEY, m mood)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)");
    prepare();
    database.execute(
        "SELECT pg_replication_origin_create('" + task + "')",
        "SELECT pg_replication_origin_session_setup('" + task + "')",
        "INSERT INTO a VALUES (1, 'ok')",
        "SELECT pg_replication_origin_session_reset()",
        "SELECT pg_replication_origin_drop('" + task + "')",
        "SELECT pg_logical_emit_message(true, 'prefix', 'content')",
        "TRUNCATE a RESTART IDENTITY CASCADE");
    List<PgOutputMessage> messages = read();
    assertThat(messages)
        .anyMatch(m -> m instanceof PgOutputMessage.Origin origin && origin.name().equals(task))
        .anyMatch(
            m ->
                m instanceof PgOutputMessage.TypeDefinition type
                    && type.schema().equals("public")
                    && type.name().equals("mood"))
        .anyMatch(
            m ->
                m instanceof PgOutputMessage.LogicalMessage message
                    && message.prefix().equals("prefix")
                    && new String(message.content(), java.nio.charset.StandardCharsets.UTF_8)
                        .equals("content"))
        .anyMatch(
            m ->
                m instanceof PgOutputMessage.TruncateTables truncate
                    && truncate.cascade()
                    && truncate.restartIdentity()
                    && truncate.relationIds().size() == 2);
    assertThat(events(messages))
        .last()
        .isEqualTo(
            new Truncate(
                List.of(new TableName("public", "a"), new TableName("public", "b")), true));
  }

  @Test
  void readsOldRowsAsTheIdentityGivesThem() throws Exception {
    String toast = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i)";
    database.execute(
        "CREATE TABLE d (id int PRIMARY KEY, v text, big text)",
        "CREATE TABLE f (id int, v text, big text)",
        "ALTER TABLE f REPLICA IDENTITY FULL",
        "CREATE TABLE i (id int, \"Key\" text NOT NULL, big text)",
        "CREATE UNIQUE INDEX i_key ON i (\"Key\")",
        "ALTER TABLE i REPLICA IDENTITY USING INDEX i_key");
    for (String table : List.of("d", "f", "i")) {
      database.execute("INSERT INTO " + table + " VALUES (1, 'one', " + toast + ")");
    }
    prepare();
    database.execute(
        "UPDATE d SET v = 'two'",
        "UPDATE d SET id = 2",
        "DELETE FROM d",
        "UPDATE f SET v = NULL",
        "DELETE FROM f",
        "UPDATE i SET id = 7",
        "UPDATE i SET \"Key\" = ''",
        "DELETE FROM i");
    List<RowChange> changes = events(read()).stream().map(RowChange.class::cast).toList();
    RowChange update = changes.get(0);
    assertThat(update.oldRow()).isNull();
    assertThat(update.newRow().text(1)).isEqualTo("two");
    assertThat(update.newRow().isUnchanged(2)).isTrue();
    RowChange keyChange = changes.get(1);
    assertThat(keyChange.oldRow().text(0)).isEqualTo("1");
    assertThat(keyChange.oldRow().isNull(1)).isTrue();
    assertThat(keyChange.oldRowIsWhole()).isFalse();
    assertThat(keyChange.newRow().isUnchanged(2)).isTrue();
    assertThat(changes.get(2).operation()).isEqualTo(RowChange.Operation.DELETE);
    assertThat(changes.get(2).relation().columns())
        .extracting(Relation.Column::identity)
        .containsExactly(true, false, false);

    RowChange full = changes.get(3);
    assertThat(full.relation().identity()).isEqualTo(ReplicaIdentity.FULL);
    assertThat(full.oldRowIsWhole()).isTrue();
    assertThat(full.oldRow().length(2)).isEqualTo(9_600);
    assertThat(full.newRow().isNull(1)).isTrue();
    assertThat(changes.get(4).oldRowIsWhole()).isTrue();

    RowChange index = changes.get(5);
    assertThat(index.relation().identity()).isEqualTo(ReplicaIdentity.INDEX);
    assertThat(index.oldRow()).isNull();
    assertThat(changes.get(6).oldRow().text(1)).isEqualTo("one");
    assertThat(changes.get(6).newRow().text(1)).isEmpty();
    assertThat(changes.get(7).oldRow().text(1)).isEmpty();
  }

  @Test
  void readsPartitionsAsTheirRootAndOddNamesAsTheyAre() throws Exception {
    database.execute(
        "CREATE SCHEMA \"S. 1\"",
        "CREATE TABLE \"S. 1\".\"T\"\"ä\" (\"Col umn\" int PRIMARY KEY, b text) PARTITION BY LIST (\"Col umn\")",
        "CREATE TABLE p1 (b text, \"Col umn\" int NOT NULL)",
        "ALTER TABLE \"S. 1\".\"T\"\"ä\" ATTACH PARTITION p1 FOR VALUES IN (1)",
        "CREATE TABLE \"select\" ()");
    prepare();
    database.execute(
        "INSERT INTO \"S. 1\".\"T\"\"ä\" VALUES (1, 'x')",
        "CREATE TABLE p2 PARTITION OF \"S. 1\".\"T\"\"ä\" FOR VALUES IN (2)",
        "UPDATE \"S. 1\".\"T\"\"ä\" SET \"Col umn\" = 2",
        "TRUNCATE \"S. 1\".\"T\"\"ä\"",
        "INSERT INTO \"select\" DEFAULT VALUES");
    TableName root = new TableName("S. 1", "T\"ä");
    List<TransactionEvent> events = events(read());
    assertThat(((RowChange) events.get(0)).relation().table()).isEqualTo(root);
    assertThat(((RowChange) events.get(0)).newRow().text(0)).isEqualTo("1");
    assertThat(events).contains(new Truncate(List.of(root), false));
    assertThat(((RowChange) events.get(events.size() - 1)).newRow().size()).isZero();
  }

  private void prepare() {
    new TaskPreparation(options(), ledger, List.of(), Optional.empty()).run();
  }

  private SourceOptions options() {
    return new SourceOptions(task, database.endpoint(), tables(), 1, 1 << 20, true, true);
  }

  private List<TableSchema> tables() {
    return SourceTables.read(database, "*.*");
  }

  /** All messages up to now. */
  private List<PgOutputMessage> read() throws Exception {
    ReplicationSlot slot = new ReplicationSlot(database.endpoint(), task);
    List<PgOutputMessage> messages = new ArrayList<>();
    try (Connection session = Sessions.openReplication(database.endpoint(), "pg2adb test")) {
      PGReplicationStream stream =
          session
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot.name())
              .withStartPosition(
                  LogSequenceNumber.valueOf(ledger.content().position().orElseThrow().value()))
              .withSlotOption("proto_version", 1)
              .withSlotOption("messages", true)
              .withSlotOption(
                  "publication_names",
                  '"' + slot.publication() + "\",\"" + slot.insertPublication() + '"')
              .start();
      String end = database.single("SELECT pg_current_wal_insert_lsn()");
      database.execute("SET synchronous_commit = on", "SELECT txid_current()");
      await()
          .pollInSameThread()
          .until(
              () -> {
                ByteBuffer next = stream.readPending();
                while (next != null) {
                  int start = next.arrayOffset() + next.position();
                  messages.add(
                      PgOutputDecoder.decode(
                          next.array(), start, start + next.remaining(), Lsn.NONE));
                  next = stream.readPending();
                }
                stream.forceUpdateStatus();
                return stream.getLastReceiveLSN().compareTo(LogSequenceNumber.valueOf(end)) >= 0;
              });
    }
    return messages;
  }

  private List<TransactionEvent> events(List<PgOutputMessage> messages) {
    List<Change> changes = new ArrayList<>();
    AtomicLong clock = new AtomicLong();
    TransactionAssembler assembler =
        new TransactionAssembler(
            new ReplicatedTables(tables()),
            ledger.content().position().orElseThrow(),
            1 << 20,
            1 << 20,
            () -> clock.addAndGet(TimeUnit.SECONDS.toNanos(1)),
            changes::add);
    messages.forEach(message -> message.accept(assembler));
    assembler.idle(Lsn.NONE);
    return changes.stream()
        .map(TransactionBatch.class::cast)
        .flatMap(batch -> batch.transactions().stream())
        .flatMap(transaction -> transaction.events().stream())
        .toList();
  }
}
