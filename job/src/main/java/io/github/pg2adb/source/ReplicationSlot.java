package io.github.pg2adb.source;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task's replication slot and the names of its publications in the source. The slot keeps the
 * WAL from its consistent point on until it is acknowledged; it is created before anything is read
 * and dropped by {@link #release} alone.
 */
public final class ReplicationSlot {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicationSlot.class);

  private static final String PLUGIN = "pgoutput";
  private static final long FIRST_PROGRESS_SECONDS = 2;
  private static final long PROGRESS_SECONDS = 10;

  private static final String STATE =
      """
      SELECT plugin, database, active_pid, confirmed_flush_lsn::pg_catalog.text,
        pg_catalog.to_jsonb(s) ->> 'wal_status'
      FROM pg_catalog.pg_replication_slots s WHERE slot_name = ?
      """;

  /**
   * Whom the walsender that creates the slot waits for; pid 0 stands for a prepared transaction,
   * which is then known by the transaction id that is waited for.
   */
  private static final String BLOCKERS =
      """
      SELECT CASE WHEN b.pid = 0 THEN 'the prepared transaction ' || COALESCE(p.gid, '')
          ELSE 'pid ' || b.pid || ' (' || COALESCE(a.usename, '') || ', ' || COALESCE(a.application_name, '')
            || ', ' || COALESCE(a.state, '') || ')' END,
        COALESCE(a.xact_start, p.prepared)::pg_catalog.text
      FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(?)) AS b(pid)
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
      LEFT JOIN pg_catalog.pg_prepared_xacts p ON b.pid = 0 AND p.transaction IN
        (SELECT l.transactionid FROM pg_catalog.pg_locks l
         WHERE l.pid = ? AND NOT l.granted AND l.locktype = 'transactionid')
      """;

  private final Endpoint endpoint;
  private final TaskNames names;
  private final String name;
  private volatile @Nullable Statement creation;
  private volatile boolean cancelled;

  /**
   * Names the slot; does nothing at the server.
   *
   * @param endpoint the source
   * @param task the task's name
   */
  public ReplicationSlot(Endpoint endpoint, String task) {
    this.endpoint = endpoint;
    this.names = TaskNames.of(task);
    this.name = names.slot();
  }

  /** The slot's name: {@code pg2adb_<task>}. */
  public String name() {
    return name;
  }

  /**
   * The publication of the tables whose updates and deletes are in the WAL; named like the slot.
   */
  public String publication() {
    return names.publication();
  }

  /**
   * The publication of the tables without a replica identity, of which inserts alone can be
   * published. No task's slot can have this name, since slot names have no dollar.
   */
  public String insertPublication() {
    return names.insertPublication();
  }

  /** The slot as the server has it, empty if it has none of this name. */
  Optional<SlotState> state(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(STATE)) {
      statement.setString(1, name);
      try (ResultSet result = statement.executeQuery()) {
        if (!result.next()) {
          return Optional.empty();
        }
        int pid = result.getInt(3);
        Integer activePid = result.wasNull() ? null : Integer.valueOf(pid);
        String confirmed = result.getString(4);
        return Optional.of(
            new SlotState(
                result.getString(1),
                result.getString(2),
                activePid,
                confirmed == null ? Lsn.NONE : Lsn.parse(confirmed),
                result.getString(5)));
      }
    }
  }

  /**
   * Refuses a slot that cannot deliver everything from this position on.
   *
   * @throws MigrationException with the reason and the way out
   */
  void check(SlotState state, Lsn position) {
    checkKind(state);
    if (state.confirmedFlush().isAfter(position)) {
      throw refusal(
          "it was acknowledged up to "
              + state.confirmedFlush()
              + ", past "
              + position
              + " where this task has to go on, so the changes between are gone",
          "Run `pg2adb release`, empty the destination tables and start anew; let nothing else read the slot.");
    }
  }

  /** Refuses a slot of another kind or one that the server has given up. */
  void checkKind(SlotState state) {
    if (!PLUGIN.equals(state.plugin()) || !endpoint.database().equals(state.database())) {
      throw refusal(
          "it has plugin "
              + state.plugin()
              + " and database "
              + state.database()
              + " instead of "
              + PLUGIN
              + " and "
              + endpoint.database(),
          "Choose another pipeline name, or drop that slot if nobody needs it.");
    }
    if (state.isLost()) {
      throw refusal(
          "the server has removed WAL that it needed (wal_status is lost)",
          "Raise max_slot_wal_keep_size on the source, run `pg2adb release`, empty the destination tables and start anew.");
    }
  }

  MigrationException refusal(String reason, String hint) {
    return new MigrationException(
        ErrorKind.OPERATOR, "Cannot use replication slot \"" + name + "\": " + reason, hint);
  }

  /**
   * Creates the slot. The server first waits for every transaction that runs at this moment; who
   * they are is logged meanwhile.
   *
   * @return the consistent point: every transaction that commits from here on is in the slot
   */
  Lsn create() {
    ScheduledExecutorService progress =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "slot-creation-progress");
              thread.setDaemon(true);
              return thread;
            });
    try (Connection connection = Sessions.openReplication(endpoint, "pg2adb slot");
        Statement statement = connection.createStatement()) {
      creation = statement;
      if (cancelled) {
        throw new SQLException("The job is stopping", "57014");
      }
      int pid = connection.unwrap(PGConnection.class).getBackendPID();
      Future<?> unused =
          progress.scheduleAtFixedRate(
              () -> logBlockers(pid), FIRST_PROGRESS_SECONDS, PROGRESS_SECONDS, TimeUnit.SECONDS);
      try (ResultSet result =
          statement.executeQuery(
              "CREATE_REPLICATION_SLOT "
                  + Sql.quote(name)
                  + " LOGICAL "
                  + PLUGIN
                  + " NOEXPORT_SNAPSHOT")) {
        result.next();
        Lsn consistentPoint = Lsn.parse(result.getString("consistent_point"));
        LOG.info("Created replication slot {} at {}", name, consistentPoint);
        return consistentPoint;
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot create replication slot \"" + name + "\"",
          "The source needs wal_level=logical, a free slot (max_replication_slots, max_wal_senders) and a role with REPLICATION.",
          e);
    } finally {
      creation = null;
      progress.shutdownNow();
    }
  }

  /** Makes a running or coming {@link #create} end with an error; for another thread. */
  void cancelCreation() {
    cancelled = true;
    Statement running = creation;
    if (running != null) {
      try {
        running.cancel();
      } catch (SQLException e) {
        LOG.warn("Cannot cancel the creation of replication slot {}", name, e);
      }
    }
  }

  private void logBlockers(int pid) {
    try (Connection connection = Sessions.openBrief(endpoint, "pg2adb slot progress");
        PreparedStatement statement = connection.prepareStatement(BLOCKERS)) {
      statement.setInt(1, pid);
      statement.setInt(2, pid);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          LOG.info(
              "Replication slot {} waits for a transaction that was open when its creation began: {}, since {}",
              name,
              result.getString(1),
              result.getString(2));
        }
      }
    } catch (SQLException | RuntimeException e) {
      LOG.warn("Cannot tell what the creation of replication slot {} waits for", name, e);
    }
  }

  /** Drops the slot if it exists. */
  void drop(Connection connection) throws SQLException {
    try (PreparedStatement drop =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_drop_replication_slot(slot_name)"
                + " FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
      drop.setString(1, name);
      drop.execute();
    }
  }

  /**
   * Drops the slot and the publications, as far as they exist: the end of the task at the source.
   *
   * @throws MigrationException if the slot is in use or the role may not
   */
  public void release() {
    try (Connection connection = Sessions.open(endpoint, "pg2adb release");
        Statement statement = connection.createStatement()) {
      drop(connection);
      statement.execute("DROP PUBLICATION IF EXISTS " + Sql.quote(publication()));
      statement.execute("DROP PUBLICATION IF EXISTS " + Sql.quote(insertPublication()));
      LOG.info("Dropped replication slot and publications {}", name);
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot drop replication slot \"" + name + "\"", "Stop the job that reads it first.", e);
    }
  }
}
