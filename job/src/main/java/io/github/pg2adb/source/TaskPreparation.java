package io.github.pg2adb.source;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.SourceIdentity;
import io.github.pg2adb.postgres.Retries;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must hold before anything is read: publications and slot are there and fit the ledger's
 * position. Refuses everything that would lose changes.
 *
 * <p>The order matters: publications before the slot, since decoding needs a publication to be as
 * old as the WAL; the slot before the first chunk; the ledger's position last, so that a slot
 * without a position is one that nothing was read from yet.
 */
final class TaskPreparation {

  private static final Logger LOG = LoggerFactory.getLogger(TaskPreparation.class);

  private static final int SLOT_ATTEMPTS = 4;

  /** Rows of the catalog from transaction $1 on, which are compared as the server does. */
  private static final String CHANGED_TABLES =
      """
      SELECT pg_catalog.count(DISTINCT c.oid)
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
      WHERE c.relkind IN ('r', 'p', 'm', 't') AND c.relpersistence = 'p' AND EXISTS (
        SELECT FROM (VALUES (c.xmin), (a.xmin)) AS r (xid)
        WHERE (r.xid::pg_catalog.text::bigint - $1 + 4294967296) % 4294967296 < 2147483648
          AND r.xid::pg_catalog.text::bigint > 2)
      """;

  private static final Duration OPEN_POLL = Duration.ofMillis(100);
  private static final Duration OPEN_PROGRESS = Duration.ofSeconds(10);

  /** Those with a transaction id: others have written nothing. */
  private static final String OPEN_TRANSACTIONS =
      """
      SELECT pg_catalog.string_agg(t.who || ', since ' || t.since, '; ')
      FROM (
        SELECT 'pid ' || pid || ' (' || COALESCE(usename, '') || ', ' || COALESCE(application_name, '') || ', '
            || COALESCE(state, '') || ')' AS who, xact_start::pg_catalog.text AS since
        FROM pg_catalog.pg_stat_activity WHERE backend_xid IS NOT NULL
        UNION ALL
        SELECT 'the prepared transaction ' || gid, prepared::pg_catalog.text FROM pg_catalog.pg_prepared_xacts) t
      """;

  private final SourceOptions options;
  private final MigrationLedger ledger;
  private final ReplicationSlot slot;
  private final Collection<Chunk> finished;
  private final Optional<MigrationException> refusal;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final ReentrantLock claiming = new ReentrantLock();
  private MigrationLedger.@Nullable Claim claim;

  /**
   * @param finished the chunks that restored Flink state has as read, empty for a start without
   *     state
   * @param refusal why the restored Flink state does not fit the task, empty if it does
   */
  TaskPreparation(
      SourceOptions options,
      MigrationLedger ledger,
      Collection<Chunk> finished,
      Optional<MigrationException> refusal) {
    this.options = options;
    this.ledger = ledger;
    this.slot = new ReplicationSlot(options.endpoint(), options.task());
    this.finished = finished;
    this.refusal = refusal;
  }

  /**
   * Claims the task, then does as {@link #run}, again and again while a server is away or an
   * earlier run of the task has not ended.
   *
   * @param onLost as in {@link MigrationLedger#claim}
   */
  void runPatiently(Consumer<MigrationException> onLost) throws InterruptedException {
    Retries retries = options.retries("preparation");
    while (true) {
      try {
        claim(onLost);
        run();
        retries.succeeded();
        return;
      } catch (MigrationException e) {
        if (isCancelledWithin(Duration.ZERO) || isCancelledWithin(retries.again(e))) {
          throw e;
        }
      }
    }
  }

  /** The claim is this run's until {@link #cancel}, also if that comes meanwhile. */
  private void claim(Consumer<MigrationException> onLost) throws InterruptedException {
    claiming.lockInterruptibly();
    try {
      if (claim == null) {
        claim = ledger.claim(onLost);
      }
    } finally {
      claiming.unlock();
    }
    if (isCancelledWithin(Duration.ZERO)) {
      release();
      throw new MigrationException(
          ErrorKind.FAIL,
          "Cannot prepare task \"" + options.task() + "\": the job is stopping",
          "");
    }
  }

  private void release() {
    claiming.lock();
    try {
      if (claim != null) {
        claim.close();
        claim = null;
      }
    } finally {
      claiming.unlock();
    }
  }

  private boolean isCancelledWithin(Duration time) throws InterruptedException {
    return cancelled.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Prepares or refuses. May wait long for transactions that are open in the source. */
  void run() {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    try (Connection connection = Sessions.openBrief(options.endpoint(), "pg2adb start");
        MigrationLedger.Session session = ledger.open()) {
      checkPrimary(connection);
      List<LoadedChunk> loaded = session.loadedChunks();
      checkFinished(loaded);
      if (options.incremental()) {
        prepareSlot(connection, session, !loaded.isEmpty());
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot prepare the source of task \"" + options.task() + "\"", "", e);
    }
  }

  /**
   * Makes a running preparation end with an error and gives the claim back; for another thread. A
   * claim that is being taken at this moment is given back by whom takes it.
   */
  void cancel() {
    cancelled.countDown();
    slot.cancelCreation();
    if (claiming.tryLock()) {
      try {
        release();
      } finally {
        claiming.unlock();
      }
    }
  }

  private void checkPrimary(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT pg_catalog.pg_is_in_recovery()")) {
      if (result.next() && result.getBoolean(1)) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot read " + options.endpoint() + ": the source is a standby",
            "Name the primary server as the source.");
      }
    }
  }

  /** A chunk that Flink's state has as read is never read again, so the ledger must have it. */
  private void checkFinished(List<LoadedChunk> loaded) {
    Set<Chunk> present = loaded.stream().map(LoadedChunk::chunk).collect(Collectors.toSet());
    for (Chunk chunk : finished) {
      if (!present.contains(chunk)) {
        throw new MigrationException(
            ErrorKind.OPERATOR,
            "Cannot restore task \""
                + options.task()
                + "\": Flink's state has chunk "
                + chunk.id()
                + " of table \""
                + chunk.table()
                + "\" as loaded and the destination's ledger has not, so the destination was set back",
            "Start without Flink state: the task then goes on where the ledger is.");
      }
    }
  }

  private void prepareSlot(
      Connection connection, MigrationLedger.Session session, boolean anyLoaded)
      throws SQLException {
    Optional<Lsn> position = session.position();
    checkServer(session, position);
    Publications publications = new Publications(connection, slot);
    boolean published = publications.exist();
    Optional<SlotState> state = slot.state(connection);
    if (state.isPresent() && !published) {
      throw slot.refusal(
          "its publications \""
              + slot.publication()
              + "\" and \""
              + slot.insertPublication()
              + "\" are gone, and the WAL since then cannot be decoded",
          anyLoaded || position.isPresent()
              ? "Run `pg2adb release`, empty the destination tables and start anew."
              : "Run `pg2adb release` and start again.");
    }
    if (position.isPresent()) {
      check(state, position.get());
      publications.publish(options.tables(), session);
      if (publications.areUnsettled()) {
        awaitOpenTransactions(connection);
        publications.settled();
      }
    } else if (anyLoaded) {
      throw slot.refusal(
          "the destination has chunks of task \""
              + options.task()
              + "\" that were loaded without a slot, so the changes since then are unknown",
          "Use another pipeline name and empty destination tables, or stay with phases [schema, full].");
    } else {
      publications.publish(options.tables(), session);
      session.recordStart(state.isPresent() ? adopt(state.get()) : createSlot(connection));
    }
  }

  /**
   * Waits until every transaction has ended that is open now. Creating a slot does the same for the
   * tables that are published by then.
   */
  private void awaitOpenTransactions(Connection connection) throws SQLException {
    String newest =
        single(
            connection,
            "SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())::pg_catalog.text");
    String oldest =
        "SELECT (pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) < "
            + newest
            + ")::pg_catalog.text";
    long told = System.nanoTime();
    try {
      while ("true".equals(single(connection, oldest))) {
        if (System.nanoTime() - told > OPEN_PROGRESS.toNanos()) {
          told = System.nanoTime();
          LOG.info(
              "Tables were added to the task, and it waits for the transactions that were open then: {}",
              single(connection, OPEN_TRANSACTIONS));
        }
        if (isCancelledWithin(OPEN_POLL)) {
          throw new SQLException("The job is stopping", "57014");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while transactions are open", e);
    }
  }

  private static String single(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return String.valueOf(result.getString(1));
    }
  }

  /**
   * Before anything else, since what a promotion or a restored backup does to the slot would be
   * reported as the slot's fault.
   */
  private void checkServer(MigrationLedger.Session session, Optional<Lsn> position)
      throws SQLException {
    try (Connection replication = Sessions.openReplication(options.endpoint(), "pg2adb start")) {
      SourceServer server = SourceServer.identify(replication);
      if (position.isPresent()) {
        SourceIdentity recorded = session.source().orElse(server.identity());
        server.check(options.task(), recorded, position.get());
      }
      session.recordSource(server.identity());
    }
  }

  /**
   * Creates the slot, and again if tables changed meanwhile: PostgreSQL forgets a transaction that
   * changed the catalog and ended while the slot's first snapshot was built. What is written to
   * such a table directly afterwards then fails to be decoded ("could not map filenumber", SQLSTATE
   * XX000), each time that it is tried.
   */
  private Lsn createSlot(Connection connection) throws SQLException {
    for (int attempt = 1; true; attempt++) {
      long before =
          Long.parseLong(
              single(
                  connection,
                  "SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())"));
      Lsn start = slot.create();
      String changed =
          single(connection, CHANGED_TABLES.replace("$1", String.valueOf(before % (1L << 32))));
      if ("0".equals(changed)) {
        return start;
      }
      if (attempt == SLOT_ATTEMPTS) {
        LOG.warn(
            "{} tables were created, truncated or altered while replication slot {} was created, also the last"
                + " time: if reading it fails with SQLSTATE XX000 again and again, run `pg2adb release` and start"
                + " anew when nothing changes tables",
            changed,
            slot.name());
        return start;
      }
      LOG.info(
          "{} tables were created, truncated or altered while replication slot {} was created: creating it again",
          changed,
          slot.name());
      slot.drop(connection);
    }
  }

  private void check(Optional<SlotState> state, Lsn position) {
    if (state.isEmpty()) {
      throw slot.refusal(
          "it does not exist although the destination is at "
              + position
              + ", so the changes since then are gone",
          "Empty the destination tables and start anew under a new pipeline name.");
    }
    slot.check(state.get(), position);
  }

  /**
   * A start that ended between creating the slot and recording the position leaves a slot that
   * nothing was read from.
   */
  private Lsn adopt(SlotState state) {
    slot.checkKind(state);
    if (state.activePid() != null) {
      // the server process of a start that was killed goes on creating the slot until it is done
      throw new MigrationException(
          ErrorKind.RETRY_TRANSACTION,
          "Cannot use replication slot \""
              + slot.name()
              + "\": the destination knows nothing of it and process "
              + state.activePid()
              + " reads or creates it",
          "Stop that process, or choose another pipeline name.");
    }
    LOG.info("Adopted replication slot {} at {}", slot.name(), state.confirmedFlush());
    return state.confirmedFlush();
  }
}
