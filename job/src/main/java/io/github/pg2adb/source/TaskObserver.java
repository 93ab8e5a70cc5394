package io.github.pg2adb.source;

import io.github.pg2adb.model.AppliedPosition;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks both servers every few seconds how far the task is, for {@link TaskGauges}. It runs in the
 * JobManager on a thread and connections of its own, so that it sees a task whose readers or
 * writers stand still, and never holds anybody up. A server that does not answer is asked again.
 */
final class TaskObserver implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TaskObserver.class);

  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  /** {@code safe_wal_size} came with PostgreSQL 13. */
  private static final String SOURCE =
      """
      SELECT pg_catalog.pg_current_wal_lsn()::pg_catalog.text, s.restart_lsn::pg_catalog.text,
        (pg_catalog.to_jsonb(s) ->> 'safe_wal_size')::pg_catalog.int8,
        (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::pg_catalog.int8
      FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = ?
      """;

  private final SourceOptions options;
  private final MigrationLedger ledger;
  private final String slot;
  private final TaskGauges gauges;
  private final LagClock lag = new LagClock();
  private final LoadSpeed speed = new LoadSpeed();
  private final PendingChanges pending = new PendingChanges();
  private final ScheduledExecutorService thread;
  private volatile boolean closed;
  private volatile @Nullable Connection source;
  private MigrationLedger.@Nullable Session destination;
  private @Nullable Map<TableName, TableLoad> complete;
  private @Nullable Lsn newestSnapshot;
  private boolean failing;

  private TaskObserver(SourceOptions options, MigrationLedger ledger, TaskGauges gauges) {
    this.options = options;
    this.ledger = ledger;
    this.gauges = gauges;
    this.slot = new ReplicationSlot(options.endpoint(), options.task()).name();
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "pg2adb " + options.task() + " observer");
              made.setDaemon(true);
              return made;
            });
  }

  /** An observer that reports to this group; it asks nobody before {@link #start}. */
  static TaskObserver of(SourceOptions options, MigrationLedger ledger, MetricGroup group) {
    return new TaskObserver(options, ledger, TaskGauges.of(group, options));
  }

  /** Begins to ask; when the task is prepared, so that the ledger is there. */
  void start() {
    Future<?> unused =
        thread.scheduleWithFixedDelay(this::observe, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void observe() {
    if (closed) {
      return;
    }
    try {
      gauges.show(look());
      if (failing) {
        LOG.info("Both servers of task {} answer again", options.task());
      }
      failing = false;
    } catch (RuntimeException e) {
      // thrown on, it would end the schedule, and with it every later observation
      if (!failing && !closed) {
        LOG.warn(
            "Cannot observe task {}: {}",
            options.task(),
            e.getMessage(),
            // ours say all in their message
            e instanceof MigrationException ? null : e);
      }
      failing = true;
      disconnect();
    }
  }

  private record SourceState(Lsn end, long retained, long safe, long clockMillis) {}

  private Observation look() {
    // the source first: what it has by then is what the destination is measured by
    SourceState state = askSource();
    long now = System.nanoTime();
    MigrationLedger.Session session = session();
    Optional<AppliedPosition> position = session.applied();
    Observation.Load load = load(session, now);
    Lsn applied = position.map(AppliedPosition::position).orElse(Lsn.NONE);
    OptionalLong behindSince = OptionalLong.empty();
    long pendingChanges = 0;
    if (applied.isSet()) {
      pendingChanges =
          pending.left(
              now,
              applied,
              position.map(AppliedPosition::changes).orElse(0L),
              state.end().bytesSince(applied));
      lag.sourceEndsAt(state.end(), now);
      behindSince = lag.behindSince(applied, committed(position, state, now));
    }
    return new Observation(
        phase(session, load, applied),
        now,
        state.end(),
        applied,
        behindSince,
        state.retained(),
        state.safe(),
        pendingChanges,
        load);
  }

  /** By the source's clock, which stamped the commit, and then by ours. */
  private static OptionalLong committed(
      Optional<AppliedPosition> position, SourceState state, long now) {
    long commitMillis = position.map(AppliedPosition::commitMillis).orElse(0L);
    return commitMillis == 0
        ? OptionalLong.empty()
        : OptionalLong.of(now - Math.max(0, state.clockMillis() - commitMillis) * 1_000_000);
  }

  private Observation.Load load(MigrationLedger.Session session, long now) {
    Map<TableName, TableLoad> known = complete;
    if (!options.snapshot()) {
      known = Map.of();
    } else if (known == null) {
      known = session.loads();
    }
    Observation.Load load = new Observation.Load(options.tables(), known, -1);
    if (options.snapshot() && load.isComplete()) {
      // nothing is loaded after that, and the ledger may have very many chunks
      complete = known;
    }
    long left = speed.secondsLeft(now, load.loadedWeight(), load.weight());
    return new Observation.Load(options.tables(), known, left);
  }

  private Observation.Phase phase(
      MigrationLedger.Session session, Observation.Load load, Lsn applied) {
    if (!options.snapshot()) {
      return Observation.Phase.FOLLOWING;
    }
    if (!load.isComplete()) {
      return Observation.Phase.COPYING;
    }
    Lsn newest = newestSnapshot;
    if (newest == null) {
      newest = session.newestSnapshot();
      newestSnapshot = newest;
    }
    return options.incremental() && applied.isBefore(newest)
        ? Observation.Phase.CATCHING_UP
        : Observation.Phase.FOLLOWING;
  }

  private MigrationLedger.Session session() {
    MigrationLedger.Session open = destination;
    if (open == null) {
      open = ledger.open();
      destination = open;
    }
    return open;
  }

  private SourceState askSource() {
    try {
      Connection open = source;
      if (open == null) {
        open = Sessions.open(options.endpoint(), "pg2adb " + options.task() + " observer");
        source = open;
      }
      try (PreparedStatement statement = open.prepareStatement(SOURCE)) {
        statement.setString(1, slot);
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          return state(result);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the WAL position of " + options.endpoint(), "", e);
    }
  }

  private static SourceState state(ResultSet result) throws SQLException {
    Lsn end = Lsn.parse(result.getString(1));
    String restart = result.getString(2);
    long safe = result.getLong(3);
    if (result.wasNull()) {
      safe = -1;
    }
    return new SourceState(
        end, restart == null ? -1 : end.bytesSince(Lsn.parse(restart)), safe, result.getLong(4));
  }

  private void disconnect() {
    Connection open = source;
    source = null;
    MigrationLedger.Session session = destination;
    destination = null;
    try {
      if (open != null) {
        open.close();
      }
      if (session != null) {
        session.close();
      }
    } catch (SQLException | MigrationException e) {
      LOG.info("Closing a broken connection of the observer: {}", e.getMessage());
    }
  }

  /** Ends the observation and its connections, one that hangs after a moment. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    thread.execute(this::disconnect);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        Connection open = source;
        if (open != null) {
          open.abort(Runnable::run);
        }
      }
    } catch (SQLException e) {
      LOG.info("Aborting the observer's connection: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
