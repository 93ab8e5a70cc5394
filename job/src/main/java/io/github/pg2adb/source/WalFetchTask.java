package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.SourceIdentity;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.ReplicationSession;
import io.github.pg2adb.postgres.Retries;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.source.wal.PgOutputDecoder;
import io.github.pg2adb.source.wal.ReplicatedTables;
import io.github.pg2adb.source.wal.TransactionAssembler;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.base.source.meta.split.StreamSplit;
import org.apache.flink.cdc.connectors.base.source.meta.wartermark.WatermarkEvent;
import org.apache.flink.cdc.connectors.base.source.meta.wartermark.WatermarkKind;
import org.apache.flink.cdc.connectors.base.source.reader.external.FetchTask;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the WAL from the task's slot. One thread reads, decodes and acknowledges; nothing but
 * {@link #acknowledge} moves the slot.
 *
 * <p>Wire facts: the server sends exactly the transactions whose commit record starts at or after
 * the start position, in the order of their commits. A keepalive outside a transaction carries a
 * position before which everything was sent. A server that hears nothing for {@code
 * wal_sender_timeout} ends the connection, so the status goes out also while the writers are
 * behind. A status may ask for an answer, and a server that gives none for as long is taken for
 * lost: a connection can die without a sign.
 */
final class WalFetchTask implements FetchTask<SourceSplitBase> {

  private static final Logger LOG = LoggerFactory.getLogger(WalFetchTask.class);

  private static final long BATCH_BYTES = 256 << 10;
  private static final Duration MAX_STATUS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration SLOT_WAIT = Duration.ofMinutes(2);

  /** What {@code wal_sender_timeout} is by default, for a server that has none. */
  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);

  /** A machine that is out of breath is not a lost connection. */
  private static final Duration SHORTEST_PATIENCE = Duration.ofSeconds(10);

  private static final int MAX_PATIENCE_DOUBLINGS = 6;

  /** A stream that answers after so long works, even if there is nothing to read. */
  private static final Duration STEADY = Duration.ofSeconds(30);

  private static final Duration READINESS_INTERVAL = Duration.ofMillis(200);
  private static final Duration SLOT_RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
  private static final long MAX_PAUSE_NANOS = 10_000_000;
  private static final String OBJECT_IN_USE = "55006";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final StreamSplit split;
  private final SourceOptions options;
  private final MigrationLedger ledger;
  private final ReplicationSlot slot;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean running;
  private volatile boolean closed;
  private volatile @Nullable Connection connection;
  private @Nullable SourceIdentity recorded;
  private volatile Lsn acknowledged = Lsn.NONE;
  private @Nullable Reading reading;

  /**
   * How often in a row the server was silent for too long. It is silent, too, while it works its
   * way through a large transaction of tables that are not ours, so each time it gets twice as
   * long.
   */
  private int silences;

  /** The server's process that was silent, 0 if there is none. */
  private int silentPid;

  WalFetchTask(StreamSplit split, SourceOptions options, MigrationLedger ledger) {
    this.split = split;
    this.options = options;
    this.ledger = ledger;
    this.slot = new ReplicationSlot(options.endpoint(), options.task());
  }

  /**
   * Lets the server forget the WAL before this position; for another thread.
   *
   * @param lsn what is durable in the destination and in a completed checkpoint
   */
  void acknowledge(Lsn lsn) {
    if (lsn.isAfter(acknowledged)) {
      acknowledged = lsn;
    }
  }

  @Override
  public void execute(Context context) throws Exception {
    running = true;
    try {
      if (options.incremental()) {
        read((FetchContext) context);
      } else {
        end((FetchContext) context);
      }
    } catch (Throwable e) {
      if (!closed) {
        throw Failures.toFlink(e);
      }
      LOG.info("Stopped reading slot {}", slot.name());
    } finally {
      running = false;
      ended.countDown();
    }
  }

  /** A bounded source ends with its last chunk. */
  private void end(FetchContext context) throws InterruptedException {
    context.put(
        WatermarkEvent.create(Map.of(), "", split.splitId(), WatermarkKind.END, WalOffsets.UNUSED),
        () -> !closed);
  }

  /**
   * Reads until it is closed. After a failure that may pass it goes on where whole transactions
   * were handed on; if a part of one was, only Flink's restart brings its beginning again.
   */
  private void read(FetchContext context) throws InterruptedException {
    Retries retries = options.retries("reader " + context.reader());
    Lsn start = Lsn.NONE;
    while (!closed) {
      try {
        start = start.isSet() ? start : startPosition();
        read(start, context, retries);
      } catch (MigrationException e) {
        if (closed) {
          throw e;
        }
        Reading failed = reading;
        if (failed != null) {
          start = failed.assembler.handedOn();
          if (failed.assembler.isWithinPieces()) {
            retries.restart(e);
            throw e;
          }
        }
        closing.await(retries.again(e).toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void read(Lsn start, FetchContext context, Retries retries) {
    try (ReplicationSession streaming = Sessions.openStream(options.endpoint(), "pg2adb wal")) {
      Connection session = streaming.connection();
      connection = session;
      SourceServer server = SourceServer.identify(session);
      SourceIdentity begunWith = recorded;
      server.check(options.task(), begunWith == null ? server.identity() : begunWith, start);
      checkSlot(start);
      takeDecodingMemory(session);
      Duration senderTimeout = senderTimeout(session);
      Duration statusInterval = statusInterval(senderTimeout);
      PGReplicationStream stream = start(session, start, statusInterval);
      Reading started =
          new Reading(
              streaming, stream, start, statusInterval, patience(senderTimeout), context, retries);
      reading = started;
      started.run();
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot read the WAL from replication slot \"" + slot.name() + "\"",
          "See the source server's log.",
          e);
    } finally {
      connection = null;
    }
  }

  /** A transaction that does not fit is written to the source's disk and read again. */
  private void takeDecodingMemory(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(
          "SELECT pg_catalog.set_config(name, GREATEST(setting::pg_catalog.int8, "
              + options.decodingMemoryBytes() / 1024
              + ")::pg_catalog.text, false)"
              + " FROM pg_catalog.pg_settings WHERE name = 'logical_decoding_work_mem'");
    }
  }

  /**
   * Waits while indexes and constraints are created, which lock their tables: the slot keeps what
   * happens meanwhile.
   */
  private void awaitReadiness(MigrationLedger.Session session) throws InterruptedException {
    boolean waits = options.waitsForSchema();
    String selection =
        MigrationLedger.selectionKey(options.tables().stream().map(TableSchema::name).toList());
    while (waits && !closed && !session.hasEvent(MigrationLedger.READY_FOR_CHANGES, selection)) {
      closing.await(READINESS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Where the ledger is, checked against Flink's state. That state may be older, such as that of an
   * early savepoint: what it has as unread and the ledger has as applied is durable in the
   * destination, and the slot may have moved past it.
   */
  private Lsn startPosition() throws InterruptedException {
    Lsn stored = WalOffsets.lsn(split.getStartingOffset());
    Lsn applied;
    try (MigrationLedger.Session session = ledger.open()) {
      awaitReadiness(session);
      applied =
          session
              .position()
              .orElseThrow(
                  () ->
                      slot.refusal(
                          "the destination's ledger has no position for task \""
                              + options.task()
                              + "\"",
                          "Restore the ledger's tables, or start without Flink state under a new name."));
      recorded = session.source().orElse(null);
    }
    if (applied.isBefore(stored)) {
      throw slot.refusal(
          "Flink's state goes on at "
              + stored
              + " and the destination's ledger only reaches "
              + applied
              + ", so the destination was set back",
          "Start without Flink state: the task then goes on where the ledger is.");
    }
    return applied;
  }

  private void checkSlot(Lsn start) {
    try (Connection session = Sessions.openBrief(options.endpoint(), "pg2adb slot check")) {
      endSilentSender(session);
      SlotState state =
          slot.state(session)
              .orElseThrow(
                  () ->
                      slot.refusal(
                          "it does not exist, so the changes since " + start + " are gone",
                          "Empty the destination tables and start anew under a new name."));
      slot.check(state, start);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot look at replication slot \"" + slot.name() + "\"", "", e);
    }
  }

  /**
   * A connection that died without a sign is still open at the server, which keeps the slot for it.
   */
  private void endSilentSender(Connection session) throws SQLException {
    if (silentPid == 0) {
      return;
    }
    try (PreparedStatement statement =
        session.prepareStatement(
            "SELECT pg_catalog.pg_terminate_backend(active_pid)"
                + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ? AND active_pid = ?")) {
      statement.setString(1, slot.name());
      statement.setInt(2, silentPid);
      try (ResultSet result = statement.executeQuery()) {
        if (result.next()) {
          LOG.info("Ended process {} of the source, which was not heard any more", silentPid);
        }
      }
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      LOG.warn("May not end process {} of the source, which keeps the slot", silentPid, e);
    }
    silentPid = 0;
  }

  /** The server's patience, which may be set per role and database; zero if it has no end. */
  private static Duration senderTimeout(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'")) {
      return Duration.ofMillis(result.next() ? result.getLong(1) : 0);
    }
  }

  /** Often enough for the server's patience. */
  private static Duration statusInterval(Duration senderTimeout) {
    return senderTimeout.isZero()
        ? MAX_STATUS_INTERVAL
        : Duration.ofMillis(
            Math.max(1, Math.min(MAX_STATUS_INTERVAL.toMillis(), senderTimeout.toMillis() / 3)));
  }

  /** As long as the server waits for us. */
  private Duration patience(Duration senderTimeout) {
    Duration patience = senderTimeout.isZero() ? DEFAULT_PATIENCE : senderTimeout;
    return (patience.compareTo(SHORTEST_PATIENCE) < 0 ? SHORTEST_PATIENCE : patience)
        .multipliedBy(1L << Math.min(silences, MAX_PATIENCE_DOUBLINGS));
  }

  /**
   * Starts streaming; waits for another process that still uses the slot, such as one of a reader
   * that just died.
   */
  private PGReplicationStream start(Connection session, Lsn start, Duration statusInterval)
      throws SQLException {
    long deadline = System.nanoTime() + SLOT_WAIT.toNanos();
    while (true) {
      try {
        PGReplicationStream stream =
            session
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot.name())
                .withStartPosition(LogSequenceNumber.valueOf(start.value()))
                .withAutomaticFlush(false)
                .withStatusInterval((int) statusInterval.toMillis(), TimeUnit.MILLISECONDS)
                .withSlotOption("proto_version", 1)
                .withSlotOption(
                    "publication_names",
                    '"' + slot.publication() + "\",\"" + slot.insertPublication() + '"')
                .start();
        LOG.info("Reading slot {} from {}", slot.name(), start);
        return stream;
      } catch (SQLException e) {
        if (!OBJECT_IN_USE.equals(e.getSQLState()) || System.nanoTime() > deadline || closed) {
          throw e;
        }
        LOG.info("Slot {} is in use, waiting: {}", slot.name(), e.getMessage());
        LockSupport.parkNanos(SLOT_RETRY.toNanos());
      }
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public SourceSplitBase getSplit() {
    return split;
  }

  /** Stops the reading thread, by cutting its connection if it does not notice in time. */
  @Override
  public void close() {
    closed = true;
    closing.countDown();
    Connection session = connection;
    if (session == null) {
      return;
    }
    try {
      if (!ended.await(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        session.abort(Runnable::run);
      }
    } catch (SQLException e) {
      LOG.warn("Cannot abort the session that reads slot {}", slot.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The loop of the reading thread. */
  private final class Reading {

    private final ReplicationSession session;
    private final PGReplicationStream stream;
    private final Duration statusInterval;
    private final Duration patience;
    private final FetchContext context;
    private final Retries retries;
    private final TransactionAssembler assembler;
    private final long startNanos = System.nanoTime();
    private Lsn flushed = Lsn.NONE;
    private long statusNanos = System.nanoTime();

    /** What the server sent since something was handed on. */
    private long unsentBytes;

    Reading(
        ReplicationSession session,
        PGReplicationStream stream,
        Lsn start,
        Duration statusInterval,
        Duration patience,
        FetchContext context,
        Retries retries) {
      this.session = session;
      this.stream = stream;
      this.statusInterval = statusInterval;
      this.patience = patience;
      this.context = context;
      this.retries = retries;
      this.assembler =
          new TransactionAssembler(
              new ReplicatedTables(options.tables()),
              start,
              options.transactionBufferBytes(),
              BATCH_BYTES,
              System::nanoTime,
              this::send);
    }

    void run() throws SQLException {
      int idleRounds = 0;
      long idleNanos = System.nanoTime();
      while (!closed) {
        long beforeNanos = System.nanoTime();
        ByteBuffer message = stream.readPending();
        if (message == null) {
          if (System.nanoTime() - beforeNanos > ReplicationSession.READ_LIMIT.toNanos() * 9 / 10) {
            throw silent(ReplicationSession.READ_LIMIT);
          }
          if (idleRounds == 0) {
            idleNanos = beforeNanos;
          }
          acknowledge();
          assembler.idle(received());
          expectAnswer(idleNanos);
          pause(idleRounds++);
        } else {
          idleRounds = 0;
          decode(message);
          acknowledge();
        }
      }
    }

    /**
     * Asks a silent server for an answer, and ends the stream if there is none.
     *
     * @param idleNanos since when nothing was there to read: before, nobody may have looked
     */
    private void expectAnswer(long idleNanos) throws SQLException {
      Duration silence = session.silence();
      long now = System.nanoTime();
      if (silence.compareTo(STEADY) < 0 && now - startNanos > STEADY.toNanos()) {
        succeeded();
      }
      long waited = Math.min(silence.toNanos(), now - idleNanos);
      if (waited > patience.toNanos()) {
        throw silent(Duration.ofNanos(waited));
      }
      if (waited > patience.toNanos() / 2 && now - statusNanos >= statusInterval.toNanos()) {
        sendStatus();
      }
    }

    private MigrationException silent(Duration time) throws SQLException {
      silences++;
      silentPid = session.backendPid();
      return new MigrationException(
          ErrorKind.RETRY_CONNECTION,
          "Cannot read the WAL from replication slot \""
              + slot.name()
              + "\": the source has not answered for "
              + time.toSeconds()
              + " s",
          "The network may have lost the connection without a sign.");
    }

    private void succeeded() {
      silences = 0;
      retries.succeeded();
    }

    private void decode(ByteBuffer message) {
      int start = message.arrayOffset() + message.position();
      unsentBytes += message.remaining();
      PgOutputDecoder.decode(message.array(), start, start + message.remaining(), received())
          .accept(assembler);
    }

    private Lsn received() {
      return new Lsn(stream.getLastReceiveLSN().asLong());
    }

    /** Short at first, since the next transaction is likely to follow soon. */
    private void pause(int idleRounds) {
      LockSupport.parkNanos(Math.min(MAX_PAUSE_NANOS, 100_000L << Math.min(idleRounds, 7)));
    }

    private void acknowledge() throws SQLException {
      if (acknowledged.isAfter(flushed)) {
        sendStatus();
      }
    }

    private void sendStatus() throws SQLException {
      Lsn position = acknowledged;
      if (position.isSet()) {
        LogSequenceNumber number = LogSequenceNumber.valueOf(position.value());
        stream.setFlushedLSN(number);
        stream.setAppliedLSN(number);
      }
      stream.forceUpdateStatus();
      flushed = position;
      statusNanos = System.nanoTime();
    }

    private void send(Change change) {
      try {
        context.put(new ChangeRecord(change, unsentBytes, System.currentTimeMillis()), this::goOn);
        unsentBytes = 0;
        succeeded();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while reading slot " + slot.name(), e);
      }
    }

    /** Called while the writers are behind: the server must go on hearing from here. */
    private boolean goOn() {
      try {
        if (System.nanoTime() - statusNanos >= statusInterval.toNanos()
            || acknowledged.isAfter(flushed)) {
          sendStatus();
        }
      } catch (SQLException e) {
        throw new MigrationException(
            ErrorKind.RETRY_CONNECTION,
            "Cannot keep replication slot \""
                + slot.name()
                + "\" alive while the destination is behind: "
                + e.getMessage(),
            "See the source server's log.",
            e);
      }
      return !closed;
    }
  }
}
