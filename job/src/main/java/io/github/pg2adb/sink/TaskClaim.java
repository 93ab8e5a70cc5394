package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TaskLock;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to run a task: an advisory lock of the destination's database, keyed by ledger schema
 * and task, in a session of its own.
 *
 * <p>The server releases the lock when the session ends, and so when the process behind it dies. It
 * notices at once when that process was killed, but not when its machine or the network went away.
 * Therefore the holder says something every {@link Timing#beat}, and who wants the lock ends a
 * session that has been silent for {@link Timing#silence}. A holder that lost its session takes the
 * lock again; if another run was faster, that run goes on and this one is told to end. What is
 * written stays right even then, since the ledger's position moves only from where the writer left
 * it.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">PostgreSQL:
 *     advisory locks</a>
 */
final class TaskClaim implements MigrationLedger.Claim {

  private static final Logger LOG = LoggerFactory.getLogger(TaskClaim.class);

  /**
   * What is waited for how long.
   *
   * @param beat how often the holder shows that it is alive
   * @param silence after how long without that it is taken for dead
   * @param patience how long a run that is alive is waited for: it may be ending, which takes its
   *     writers a while
   */
  record Timing(Duration beat, Duration silence, Duration patience) {

    private static final Duration BEAT = Duration.ofSeconds(3);

    /** For a job, which is told to wait and tries again. */
    static final Timing OF_JOB = new Timing(BEAT, TaskLock.SILENCE, Duration.ofSeconds(10));

    /** For a command, before which a person sits. */
    static final Timing OF_COMMAND = new Timing(BEAT, TaskLock.SILENCE, Duration.ofSeconds(5));
  }

  private static final Duration LOOK_INTERVAL = Duration.ofMillis(250);
  private static final int ANSWER_MILLIS = 15_000;
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);

  /** The server does not have advisory locks, or the role may not use them. */
  private static final Set<String> NOT_OFFERED = Set.of("42883", "0A000", "42501");

  private static final String TRY_LOCK = "SELECT pg_catalog.pg_try_advisory_lock(?)";

  /** {@code pg_locks} shows a key of 64 bits as two halves, with {@code objsubid} 1. */
  private static final String HOLDER =
      """
      SELECT a.pid, a.application_name, a.backend_start::pg_catalog.text,
        extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start)
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND a.datname = pg_catalog.current_database()
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND l.classid::bigint = ? AND l.objid::bigint = ?
      LIMIT 1
      """;

  private static final String SELF =
      "SELECT pid, application_name, backend_start::pg_catalog.text, 0 FROM pg_catalog.pg_stat_activity"
          + " WHERE pid = pg_catalog.pg_backend_pid() LIMIT 1";

  /**
   * A session of the server.
   *
   * @param since when it began, as the server writes it; with the pid it names one session for ever
   * @param silentSeconds since its last statement; negative where the role may not see that
   */
  private record Backend(int pid, String name, String since, double silentSeconds) {

    boolean isSameAs(Backend other) {
      return pid == other.pid && since.equals(other.since);
    }

    boolean isSilentFor(Duration time) {
      return silentSeconds > time.toMillis() / 1000.0;
    }
  }

  private final SinkOptions options;
  private final TaskLock lockKey;
  private final Timing timing;
  private final Consumer<MigrationException> onLost;
  private final ReentrantLock lock = new ReentrantLock();
  private final ScheduledExecutorService beats;
  private volatile @Nullable Connection connection;
  private @Nullable Backend self;
  private volatile boolean closed;
  private boolean isFailing;

  private TaskClaim(SinkOptions options, Timing timing, Consumer<MigrationException> onLost) {
    this.options = options;
    this.timing = timing;
    this.lockKey = TaskLock.of(options.ledgerSchema(), options.task());
    this.onLost = onLost;
    this.beats =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, application(options));
              thread.setDaemon(true);
              return thread;
            });
  }

  private static String application(SinkOptions options) {
    return "pg2adb " + options.task() + " claim";
  }

  /**
   * Takes the claim.
   *
   * @param kind the kind of the error if another run holds the claim
   */
  static TaskClaim take(
      SinkOptions options, Timing timing, ErrorKind kind, Consumer<MigrationException> onLost) {
    TaskClaim claim = new TaskClaim(options, timing, onLost);
    try {
      claim.acquire(kind);
    } catch (RuntimeException e) {
      claim.close();
      throw e;
    }
    return claim;
  }

  private void acquire(ErrorKind kind) {
    lock.lock();
    try {
      long started = System.nanoTime();
      Connection open = open();
      while (!tryLock(open)) {
        Optional<Backend> holder = holder(open);
        if (holder.isPresent() && holder.get().isSilentFor(timing.silence())) {
          terminate(open, holder.get());
        }
        if (System.nanoTime() - started >= limit(holder).toNanos()) {
          throw held(holder, kind);
        }
        pause();
      }
      keep(open);
    } catch (SQLException e) {
      if (!NOT_OFFERED.contains(String.valueOf(e.getSQLState()))) {
        throw SqlErrors.wrap("Cannot claim task \"" + options.task() + "\"", "", e);
      }
      LOG.warn(
          "Nothing keeps task {} from being started twice: {} offers no advisory locks (SQLSTATE {})",
          options.task(),
          options.endpoint(),
          e.getSQLState());
      drop();
    } finally {
      lock.unlock();
    }
  }

  /** A holder that has missed beats may be dead, which takes longer to be known. */
  private Duration limit(Optional<Backend> holder) {
    return holder.isPresent() && holder.get().isSilentFor(timing.beat().multipliedBy(3))
        ? timing.silence().plus(timing.patience())
        : timing.patience();
  }

  private Connection open() throws SQLException {
    Connection open = Sessions.open(options.endpoint(), application(options));
    connection = open;
    open.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
    return open;
  }

  private void keep(Connection open) throws SQLException {
    self = one(open, SELF).orElse(null);
    long millis = timing.beat().toMillis();
    Future<?> unused =
        beats.scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
  }

  private boolean tryLock(Connection open) throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(TRY_LOCK)) {
      statement.setLong(1, lockKey.key());
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }

  private Optional<Backend> holder(Connection open) throws SQLException {
    return one(open, HOLDER, lockKey.classId(), lockKey.objectId());
  }

  private static Optional<Backend> one(Connection open, String query, long... arguments)
      throws SQLException {
    try (PreparedStatement statement = open.prepareStatement(query)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setLong(i + 1, arguments[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next()) {
          return Optional.empty();
        }
        double silent = result.getDouble(4);
        return Optional.of(
            new Backend(
                result.getInt(1),
                result.getString(2),
                String.valueOf(result.getString(3)),
                result.wasNull() ? -1 : silent));
      }
    }
  }

  /** Ends a session whose process is gone, unless the number belongs to another one by now. */
  private void terminate(Connection open, Backend backend) throws SQLException {
    LOG.warn(
        "Ending session {} of {}, which holds task {} and has said nothing for {} s",
        backend.pid(),
        options.endpoint(),
        options.task(),
        (long) backend.silentSeconds());
    try (PreparedStatement statement =
        open.prepareStatement(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                + " WHERE pid = ? AND backend_start::pg_catalog.text = ?")) {
      statement.setInt(1, backend.pid());
      statement.setString(2, backend.since());
      statement.execute();
    }
  }

  /** Who holds the task at this moment. */
  static Optional<ClaimHolder> holder(Connection connection, String ledgerSchema, String task)
      throws SQLException {
    TaskLock lock = TaskLock.of(ledgerSchema, task);
    return one(connection, HOLDER, lock.classId(), lock.objectId())
        .map(backend -> new ClaimHolder(backend.pid(), backend.since()));
  }

  private MigrationException held(Optional<Backend> holder, ErrorKind kind) {
    return new MigrationException(
        kind,
        "Cannot take over task \""
            + options.task()
            + "\": it runs already; its lock in "
            + options.endpoint()
            + " is held by "
            + holder
                .map(
                    backend ->
                        "session "
                            + backend.pid()
                            + " (\""
                            + backend.name()
                            + "\", since "
                            + backend.since()
                            + ")")
                .orElse("another session"),
        "Stop that job first (`flink list`, `flink stop`), or give this task another pipeline.name.");
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(
          ErrorKind.FAIL, "Interrupted while waiting for the task's lock", "", e);
    }
  }

  /** Shows that this run is alive, and takes the lock again after the session was lost. */
  private void beat() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      Connection open = connection;
      if (open == null) {
        takeAgain();
      } else {
        try (Statement statement = open.createStatement()) {
          statement.execute("SELECT 1");
        }
      }
      isFailing = false;
    } catch (SQLException | MigrationException e) {
      if (!closed) {
        failed(e);
      }
    } finally {
      if (closed) {
        drop();
      }
      lock.unlock();
    }
  }

  private void failed(Exception error) {
    if (!isFailing) {
      LOG.warn("Lost the session that holds task {}; taking it again", options.task(), error);
    }
    isFailing = true;
    drop();
  }

  private void takeAgain() throws SQLException {
    Connection open = open();
    if (tryLock(open)) {
      self = one(open, SELF).orElse(null);
      LOG.info("Holds task {} again", options.task());
      return;
    }
    Optional<Backend> holder = holder(open);
    if (holder.isPresent() && self != null && holder.get().isSameAs(self)) {
      terminate(open, holder.get());
    } else if (holder.isPresent()) {
      MigrationException lost = held(holder, ErrorKind.RETRY_TRANSACTION);
      LOG.warn("Another run has taken task {}: {}", options.task(), lost.getMessage());
      closed = true;
      beats.shutdown();
      onLost.accept(lost);
    }
    drop();
  }

  private void drop() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("Cannot abort the session that holds task {}", options.task(), e);
      }
    }
  }

  /** Gives the claim back, so that the next run need not wait until the server notices. */
  @Override
  public void close() {
    closed = true;
    beats.shutdownNow();
    Connection open = connection;
    boolean mine = false;
    try {
      mine = lock.tryLock(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      if (mine && open != null) {
        try (open;
            Statement statement = open.createStatement()) {
          statement.execute("SELECT pg_catalog.pg_advisory_unlock(" + lockKey.key() + ")");
        }
      }
    } catch (SQLException e) {
      LOG.debug("The session that held task {} was gone already", options.task(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
      if (mine) {
        lock.unlock();
      }
    }
  }
}
