package io.github.pg2adb.sink;

import io.github.pg2adb.model.AppliedPosition;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.SourceIdentity;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.TargetProbe;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The ledger for those who do not write rows: the source's coordinator and the commands. */
public final class JdbcLedger implements MigrationLedger {

  private static final long serialVersionUID = 1L;

  private final SinkOptions options;

  private JdbcLedger(SinkOptions options) {
    this.options = Objects.requireNonNull(options, "options");
  }

  /** The ledger of the task that the options name. */
  public static JdbcLedger of(SinkOptions options) {
    return new JdbcLedger(options);
  }

  @Override
  public Session open() {
    return session();
  }

  private JdbcSession session() {
    Connection connection =
        Sessions.openBrief(options.endpoint(), "pg2adb " + options.task() + " ledger");
    Ledger ledger = new Ledger(options.task(), options.ledgerSchema());
    JdbcSession session = new JdbcSession(options, connection, ledger);
    try {
      session.run(
          "create",
          () -> {
            ledger.create(connection, TargetProbe.ask(connection));
            return true;
          });
    } catch (MigrationException e) {
      session.close();
      throw e;
    }
    return session;
  }

  @Override
  public Claim claim(Consumer<MigrationException> onLost) {
    return TaskClaim.take(options, TaskClaim.Timing.OF_JOB, ErrorKind.RETRY_TRANSACTION, onLost);
  }

  /**
   * Claims the task for a command.
   *
   * @throws MigrationException of kind {@link ErrorKind#OPERATOR} and without a cause if a job that
   *     is alive holds the claim
   */
  public Claim claim() {
    return TaskClaim.take(options, TaskClaim.Timing.OF_COMMAND, ErrorKind.OPERATOR, lost -> {});
  }

  /**
   * Keeps what tables are called. What is recorded stays for tables into which the task has
   * written.
   *
   * @param routes what the task file says of the selected tables
   * @param phases what the task does
   */
  public void recordRoutes(List<RouteRecord> routes, Set<Phase> phases) {
    try (JdbcSession session = session()) {
      session.recordRoutes(routes, phases);
    }
  }

  /**
   * Who runs the task, empty if nobody does.
   *
   * @param connection a session with the destination
   */
  public Optional<ClaimHolder> holder(Connection connection) throws SQLException {
    return TaskClaim.holder(connection, options.ledgerSchema(), options.task());
  }

  private record JdbcSession(SinkOptions options, Connection connection, Ledger ledger)
      implements Session {

    private interface Step<T> {
      T run() throws SQLException;
    }

    private <T> T run(String verb, Step<T> step) {
      try {
        return step.run();
      } catch (SQLException e) {
        throw SinkErrors.of(
            "Cannot "
                + verb
                + " the ledger in schema \""
                + options.ledgerSchema()
                + "\" of "
                + options.endpoint(),
            "The role needs CREATE on the database, or the ledger's tables with SELECT, INSERT and UPDATE on them.",
            e);
      }
    }

    @Override
    public Optional<Lsn> position() {
      return run("read", () -> ledger.position(connection));
    }

    @Override
    public Optional<SourceIdentity> source() {
      return run("read", () -> ledger.source(connection));
    }

    @Override
    public void recordSource(SourceIdentity source) {
      run(
          "write",
          () -> {
            ledger.recordSource(connection, source);
            return true;
          });
    }

    @Override
    public void recordStart(Lsn consistentPoint) {
      run(
          "write",
          () -> {
            ledger.recordStart(connection, consistentPoint);
            return true;
          });
    }

    @Override
    public List<Chunk> plannedChunks() {
      return run("read", () -> ledger.plannedChunks(connection, null));
    }

    @Override
    public void recordPlan(List<Chunk> chunks) {
      if (chunks.isEmpty()) {
        throw new IllegalArgumentException("A plan without chunks");
      }
      List<Chunk> known =
          run("read", () -> ledger.plannedChunks(connection, chunks.get(0).table()));
      if (known.isEmpty()) {
        run(
            "write",
            () -> {
              ledger.recordPlan(connection, chunks);
              return true;
            });
      } else if (!known.equals(chunks)) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot record the chunks of table \""
                + chunks.get(0).table()
                + "\": the ledger has "
                + known.size()
                + " others",
            "Start the task under another name, or remove its rows from the ledger.");
      }
    }

    @Override
    public List<LoadedChunk> loadedChunks() {
      return run("read", () -> ledger.loadedChunks(connection));
    }

    @Override
    public Optional<AppliedPosition> applied() {
      return run("read", () -> ledger.applied(connection));
    }

    @Override
    public Map<TableName, TableLoad> loads() {
      return run("read", () -> ledger.loads(connection));
    }

    @Override
    public Lsn newestSnapshot() {
      return run("read", () -> ledger.newestSnapshot(connection));
    }

    @Override
    public boolean isLoaded(Collection<TableName> tables) {
      return run("read", () -> ledger.isLoaded(connection, tables));
    }

    @Override
    public boolean hasEvent(String kind, String object) {
      return run("read", () -> ledger.objectsOf(connection, kind).contains(object));
    }

    @Override
    public void recordEvent(String kind, String object, String detail) {
      run(
          "write",
          () -> {
            ledger.recordEvent(connection, kind, object, detail);
            return true;
          });
    }

    private void recordRoutes(List<RouteRecord> routes, Set<Phase> phases) {
      run(
          "write",
          () -> {
            Map<TableName, RouteRecord> recorded = ledger.routes(connection);
            Set<TableName> written =
                RouteRecord.written(
                    ledger.loadedTables(connection),
                    ledger.position(connection),
                    recorded.keySet(),
                    phases);
            List<RouteRecord> fresh =
                routes.stream()
                    .filter(route -> !route.equals(recorded.get(route.source())))
                    .filter(
                        route ->
                            !written.contains(route.source())
                                || !recorded.containsKey(route.source()))
                    .toList();
            if (!fresh.isEmpty()) {
              connection.setAutoCommit(false);
              ledger.recordRoutes(connection, fresh);
              connection.commit();
              connection.setAutoCommit(true);
            }
            return true;
          });
    }

    @Override
    public void close() {
      run(
          "close",
          () -> {
            connection.close();
            return true;
          });
    }
  }
}
