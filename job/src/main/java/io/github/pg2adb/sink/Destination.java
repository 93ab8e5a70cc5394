package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowLookup;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.postgres.Retries;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that a writer does in the destination, on one connection and in order. Used by the
 * worker's thread alone, but for {@link #cancel}. After an error it is only good for {@link #reset}
 * and {@link #close}, which leave nothing half written.
 */
final class Destination implements AutoCloseable {

  /**
   * Where a start goes on.
   *
   * @param position up to where the WAL is applied
   * @param handOffs what the snapshot holds, by table
   */
  record Resume(Lsn position, Map<TableName, HandOff> handOffs) {}

  private static final Logger LOG = LoggerFactory.getLogger(Destination.class);

  /**
   * After this long without use a connection is checked before the next: gateways drop idle ones
   * silently.
   */
  private static final long CHECK_AFTER_NANOS = Duration.ofSeconds(30).toNanos();

  private final SinkOptions options;
  private final RowLookup lookup;
  private final WriterMetrics metrics;
  private final Retries retries;
  private final int ownStageRows;
  private final Ledger ledger;
  private final SettledConnections connections;
  private final Set<String> readAgain = new HashSet<>();
  private volatile @Nullable DestinationSession session;
  private @Nullable ChunkLoad chunkLoad;

  /** What {@link #readAgain} has gained by a transaction that is not committed. */
  private final Set<String> readAgainUncommitted = new HashSet<>();

  private @Nullable Set<String> ownTables;
  private @Nullable Set<String> keptTables;
  private @Nullable Lsn position;

  /** Whether a commit may have taken effect without our knowing. */
  private boolean positionInDoubt;

  private boolean largeTransaction;
  private boolean replaced;
  private long usedAtNanos;

  /**
   * @param application what the server shows as the session's name
   * @param ownStageRows from how many changed rows on a table gets temp tables of its own
   */
  Destination(
      SinkOptions options,
      RowLookup lookup,
      WriterMetrics metrics,
      Retries retries,
      String application,
      int ownStageRows) {
    this.ownStageRows = ownStageRows;
    this.options = options;
    this.lookup = lookup;
    this.metrics = metrics;
    this.retries = retries;
    this.ledger = new Ledger(options.task(), options.ledgerSchema());
    this.connections = SettledConnections.to(options.endpoint(), application);
  }

  /** Connects and creates the ledger if it is absent. */
  void open() {
    attempt("Cannot prepare to write to " + options.endpoint(), this::session);
  }

  /** Reads where to go on. */
  Resume resume() {
    return attempt(
        "Cannot read the ledger in schema \"" + options.ledgerSchema() + "\"",
        () -> {
          DestinationSession open = idleSession();
          Lsn start = position(open);
          readAgain.addAll(ledger.objectsOf(open.connection(), Ledger.READ_AGAIN));
          open.begin();
          Map<TableName, HandOff> handOffs = ledger.handOffs(open.connection());
          open.commit();
          LOG.info(
              "Task {} goes on at {} with {} loaded tables",
              options.task(),
              start,
              handOffs.size());
          return new Resume(start, handOffs);
        });
  }

  /**
   * The primary key's columns of the table that a source table is written to, in key order, or else
   * the source's; empty without one.
   */
  List<String> primaryKey(TableRoute route) {
    List<String> key =
        attempt(
            "Cannot describe table \"" + route + "\"",
            () -> session().describe(route).primaryKey());
    return key.isEmpty()
        ? route.columns(options.keys().getOrDefault(route.source(), List.of()))
        : key;
  }

  /** Adds a block to its chunk; the last one makes the chunk durable. */
  void load(SnapshotBlock block) {
    attempt(
        "Cannot load chunk \""
            + block.chunk()
            + "\", read at "
            + block.snapshotLsn()
            + ", into table \""
            + options.routes().of(block.chunk().table())
            + "\"",
        () -> {
          ChunkLoad load = chunkLoad;
          if (load == null) {
            TableRoute route = options.routes().of(block.chunk().table());
            load = ChunkLoad.start(idleSession(), ledger, route, block, keptKey(route));
            chunkLoad = load;
          }
          load.add(block);
          if (block.last()) {
            load.finish(ledger, block);
            chunkLoad = null;
            report(load);
          }
          return true;
        });
  }

  /** What identifies a row of a table whose rows stay; empty if a chunk is copied straight in. */
  private List<String> keptKey(TableRoute route) throws SQLException {
    List<String> key =
        new ArrayList<>(
            route.columns(options.keptTables().getOrDefault(route.source(), List.of())));
    if (key.isEmpty() || ownTables().contains(route.target().toString())) {
      return List.of();
    }
    route.constant().ifPresent(constant -> key.add(constant.name()));
    return key;
  }

  /** The tables that the task created, all of them before its job began. */
  private Set<String> ownTables() throws SQLException {
    Set<String> known = ownTables;
    if (known == null) {
      known = ledger.objectsOf(session().connection(), MigrationLedger.TABLE_CREATED);
      ownTables = known;
    }
    return known;
  }

  /**
   * The tables with rows that stayed: all are known when the first change comes. Such a row is not
   * the source's as of some moment, so that nothing of it completes a change.
   */
  private Set<String> keptTables(DestinationSession open) throws SQLException {
    Set<String> known = keptTables;
    if (known == null) {
      known =
          options.keptTables().isEmpty()
              ? Set.of()
              : ledger.objectsOf(open.connection(), MigrationLedger.ROWS_KEPT);
      keptTables = known;
    }
    return known;
  }

  private void report(ChunkLoad load) {
    if (load.isDropped()) {
      LOG.info("Chunk {} was there already", load.chunk());
    } else {
      retries.succeeded();
      metrics.loaded(load.rows(), load.bytes());
      LOG.info("Loaded chunk {}: {} rows, {} bytes", load.chunk(), load.rows(), load.bytes());
    }
  }

  /**
   * Merges a batch and, unless the batch is a piece with more to come, makes it durable with the
   * ledger's position.
   */
  void apply(PendingBatch batch) {
    PendingBatch.Extent extent = batch.extent();
    long started = System.nanoTime();
    attempt(
        "Cannot apply the changes committed from "
            + extent.firstCommit()
            + " to "
            + extent.lastCommit(),
        () -> {
          DestinationSession open = chunkLoad == null ? session() : idleSession();
          Lsn from = position(open);
          if (positionInDoubt && isApplied(open, from, extent)) {
            return true;
          }
          List<Work> works = plan(open, batch);
          open.begin();
          truncate(open, batch);
          merge(open, works, extent);
          if (!batch.leavesOpen()) {
            if (extent.position().isAfter(from)) {
              advance(open, from, extent);
            }
            open.commit();
            applied(extent);
          }
          largeTransaction = batch.leavesOpen();
          return true;
        });
    metrics.flushed(extent, Duration.ofNanos(System.nanoTime() - started).toMillis());
  }

  private void advance(DestinationSession open, Lsn from, PendingBatch.Extent extent)
      throws SQLException {
    if (!ledger.advance(open.connection(), from, extent)) {
      throw replaced(from, extent);
    }
  }

  private void applied(PendingBatch.Extent extent) {
    position = Lsn.max(position == null ? Lsn.NONE : position, extent.position());
    readAgainUncommitted.clear();
    retries.succeeded();
    metrics.applied(extent, System.currentTimeMillis());
  }

  /**
   * After a connection was lost: whether the batch was committed although nobody said so. Only its
   * own commit moves the ledger from the position before it to the one after it.
   */
  private boolean isApplied(DestinationSession open, Lsn from, PendingBatch.Extent extent)
      throws SQLException {
    Lsn actual = ledger.position(open.connection()).orElse(Lsn.NONE);
    if (!actual.equals(from)) {
      if (!actual.equals(extent.position())) {
        throw replaced(from, extent);
      }
      LOG.info("The commit at {} took effect although the connection was lost", actual);
      applied(extent);
    }
    positionInDoubt = false;
    return !actual.equals(from);
  }

  private MigrationException replaced(Lsn from, PendingBatch.Extent extent) {
    replaced = true;
    return new MigrationException(
        ErrorKind.RETRY_TRANSACTION,
        "Cannot move task \""
            + options.task()
            + "\" from "
            + from
            + " to "
            + extent.position()
            + ": the ledger's position is not there any more, another writer moved it",
        "Make sure that the task runs once.");
  }

  private void truncate(DestinationSession open, PendingBatch batch) throws SQLException {
    List<TableName> tables =
        batch.tables().stream().filter(PendingTable::truncated).map(PendingTable::table).toList();
    if (tables.isEmpty()) {
      return;
    }
    List<String> targets = new ArrayList<>();
    for (TableName table : tables) {
      TableRoute route = options.routes().of(table);
      TargetTable target = open.describe(route);
      if (route.constant().isPresent()) {
        String delete = TablePlan.deleteAll(target, route.constant().get());
        attempt("Cannot empty " + route, () -> execute(open.connection(), delete));
      } else {
        targets.add(TablePlan.truncated(target));
      }
    }
    if (targets.isEmpty()) {
      return;
    }
    // one statement, since tables that refer to each other can only be truncated together
    String sql =
        "TRUNCATE TABLE "
            + String.join(", ", targets)
            + (batch.restartsIdentity() ? " RESTART IDENTITY" : "");
    String names =
        tables.stream()
            .map(table -> options.routes().of(table).toString())
            .collect(Collectors.joining(", "));
    attempt("Cannot truncate " + names, () -> execute(open.connection(), sql));
  }

  /**
   * A net effect and how to merge it; {@code shared} if its rows wait in a stage that others share.
   */
  private record Work(TablePlan plan, TableChanges changes, @Nullable TableMerge shared) {}

  /**
   * Plans the merges, in the order of the tables. Makes shared stages that are not there before the
   * transaction begins: in Greenplum a segment that fails takes uncommitted tables from under the
   * others, which then report that instead of the reason.
   */
  private List<Work> plan(DestinationSession open, PendingBatch batch) throws SQLException {
    List<Work> works = new ArrayList<>();
    for (PendingTable table : batch.tables()) {
      for (TableChanges changes : table.steps()) {
        int[] key = changes instanceof KeyedChanges keyed ? keyed.key() : new int[0];
        TablePlan plan = open.plan(changes.relation(), key);
        TableMerge shared = null;
        if (open.shares(plan, changes.size()) && table.steps().size() == 1) {
          SharedStaging staging = open.sharedStaging(plan);
          staging.prepare(open.connection());
          shared = merge(open, plan, staging, changes);
        }
        works.add(new Work(plan, changes, shared));
      }
    }
    return works;
  }

  /**
   * Merges the tables in their order. The changes of those that share a stage are staged before,
   * one width after the other, since one stream then takes them all.
   */
  private void merge(DestinationSession open, List<Work> works, PendingBatch.Extent extent)
      throws SQLException {
    open.shared().beginBatch(open.connection());
    stage(open, works);
    for (Work work : works) {
      run(open, work, extent);
    }
  }

  private TableMerge merge(
      DestinationSession open, TablePlan plan, Staging staging, TableChanges changes)
      throws SQLException {
    String table = changes.relation().table().toString();
    TableMerge.Rows rows =
        keptTables(open).contains(table)
            ? TableMerge.Rows.KEPT
            : readAgain.contains(table) ? TableMerge.Rows.READ_AGAIN : TableMerge.Rows.COPIED;
    return new TableMerge(open, lookup, plan, staging, changes, rows, ownStageRows / 2);
  }

  private static void stage(DestinationSession open, List<Work> works) throws SQLException {
    List<Work> sharing = new ArrayList<>(works);
    sharing.removeIf(work -> work.shared() == null);
    sharing.sort(Comparator.comparing(work -> work.plan().width()));
    try {
      for (Work work : sharing) {
        if (work.shared() != null) {
          work.shared().stage();
        }
      }
      open.shared().finish();
    } finally {
      open.shared().cancel();
    }
  }

  private void run(DestinationSession open, Work work, PendingBatch.Extent extent) {
    TableName table = work.changes().relation().table();
    String attempt =
        "Cannot apply the changes committed from "
            + extent.firstCommit()
            + " to "
            + extent.lastCommit()
            + " to table \""
            + options.routes().of(table)
            + "\""
            + key(work);
    try {
      attempt(attempt, () -> run(open, work));
    } catch (TableMerge.DivergedException e) {
      throw diverged(open, table, attempt, e);
    }
  }

  private static String key(Work work) {
    List<Relation.Column> columns = work.plan().relation().columns();
    String names =
        IntStream.of(work.plan().key())
            .mapToObj(column -> columns.get(column).name())
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? " (no key)" : " (key " + names + ")";
  }

  private boolean run(DestinationSession open, Work work) throws SQLException {
    TableMerge merge = work.shared();
    if (merge == null) {
      merge = merge(open, work.plan(), open.ownStaging(work.plan()), work.changes());
      merge.stage();
    }
    merge.run();
    String name = work.changes().relation().table().toString();
    if (merge.readAgain() && readAgain.add(name)) {
      readAgainUncommitted.add(name);
      ledger.recordEvent(
          open.connection(),
          Ledger.READ_AGAIN,
          name,
          "Rows that the destination lacked were read again from the source, as they are there now.");
    }
    return true;
  }

  private MigrationException diverged(
      DestinationSession open,
      TableName table,
      String attempt,
      TableMerge.DivergedException divergence) {
    String reason = "the destination's rows are not the source's: " + divergence.getMessage();
    attempt(
        "Cannot record an event",
        () -> {
          open.connection().rollback();
          open.connection().setAutoCommit(true);
          ledger.recordEvent(open.connection(), "diverged", table.toString(), reason);
          return true;
        });
    return new MigrationException(
        ErrorKind.FAIL,
        attempt + ": " + reason,
        "Nothing but pg2adb may write the table; find out what did, and load the table again.",
        divergence);
  }

  private Lsn position(DestinationSession open) throws SQLException {
    Lsn known = position;
    if (known == null) {
      known =
          ledger
              .position(open.connection())
              .orElseThrow(
                  () ->
                      new MigrationException(
                          ErrorKind.FAIL,
                          "Cannot apply WAL changes of task \""
                              + options.task()
                              + "\": the ledger has no position for it",
                          "The ledger was emptied under a running task; start the task anew."));
      position = known;
      metrics.applied(known);
    }
    return known;
  }

  /** The session, which must not be within a chunk or a large transaction. */
  private DestinationSession idleSession() throws SQLException {
    DestinationSession open = session();
    if (open.inTransaction()) {
      throw new MigrationException(
          ErrorKind.FAIL,
          "Cannot begin anything new: "
              + (chunkLoad == null
                  ? "a large transaction is not at its end"
                  : "chunk \"" + chunkLoad.chunk() + "\" is not at its end"),
          "");
    }
    return open;
  }

  private DestinationSession session() throws SQLException {
    DestinationSession open = session;
    if (open != null && mayBeGone(open) && !connections.isConnectionValid()) {
      LOG.info("The connection to {} is gone, opening another", options.endpoint());
      session = null;
      connections.closeConnection();
      open = null;
    }
    if (open == null) {
      open = DestinationSession.on(connect(), options.routes(), ownStageRows);
      ledger.create(open.connection(), open.target());
      session = open;
      LOG.info("Writing to {}: {}", options.endpoint(), open.target());
    }
    usedAtNanos = System.nanoTime();
    return open;
  }

  private boolean mayBeGone(DestinationSession open) throws SQLException {
    return System.nanoTime() - usedAtNanos > CHECK_AFTER_NANOS && !open.inTransaction();
  }

  private Connection connect() throws SQLException {
    try {
      return connections.getOrEstablishConnection();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("The PostgreSQL driver is not on the class path", e);
    }
  }

  /** Whether no destination transaction spans what was done and what comes. */
  boolean isBetweenTransactions() {
    return chunkLoad == null && !largeTransaction;
  }

  /** Whether this is still the task's writer, as far as it knows. */
  boolean mayRepeat() {
    return !replaced;
  }

  /** Rolls back and disconnects; the next use connects again. */
  void reset() {
    close();
    chunkLoad = null;
    largeTransaction = false;
    positionInDoubt = true;
    readAgain.removeAll(readAgainUncommitted);
    readAgainUncommitted.clear();
  }

  /** Asks the server to give up what it is doing. Called by another thread. */
  void cancel() {
    interrupt(connection -> connection.unwrap(PGConnection.class).cancelQuery());
  }

  /** Drops the connection whatever happens on it. Called by another thread. */
  void abort() {
    interrupt(connection -> connection.abort(Runnable::run));
  }

  private interface Interruption {
    void apply(Connection connection) throws SQLException;
  }

  private void interrupt(Interruption interruption) {
    DestinationSession open = session;
    if (open != null) {
      try {
        interruption.apply(open.connection());
      } catch (SQLException e) {
        // the worker's thread may have closed it at this moment, which is what was wanted
        LOG.info("Nothing to interrupt on {}: {}", options.endpoint(), e.getSQLState());
      }
    }
  }

  /** Rolls back what is not committed, and disconnects. */
  @Override
  public void close() {
    DestinationSession open = session;
    session = null;
    if (open == null) {
      connections.closeConnection();
      return;
    }
    try {
      if (chunkLoad != null) {
        chunkLoad.close();
      }
      if (open.inTransaction()) {
        open.connection().rollback();
      }
    } catch (SQLException e) {
      // the server rolls back what a lost connection leaves
      LOG.info("Closing a broken connection to {}: {}", options.endpoint(), e.getSQLState());
    } finally {
      connections.closeConnection();
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private interface Step<T> {
    T run() throws SQLException;
  }

  private static <T> T attempt(String what, Step<T> step) {
    try {
      return step.run();
    } catch (SQLException e) {
      throw SinkErrors.of(what, "", e);
    }
  }
}
