package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a task's progress: what there is from the source's catalog, what is done from the
 * destination's ledger. One session with each; for one thread. Errors are {@link
 * MigrationException}.
 */
public final class LedgerProgress implements AutoCloseable {

  private final SourceSession source;
  private final LedgerSession ledger;
  private final Routes routes;
  private final Map<TableName, Long> estimates;

  private LedgerProgress(
      SourceSession source, LedgerSession ledger, Routes routes, Map<TableName, Long> estimates) {
    this.routes = routes;
    this.source = source;
    this.ledger = ledger;
    this.estimates = estimates;
  }

  /**
   * Opens the sessions and asks the source how large the tables are.
   *
   * @param ledgerSchema the ledger's schema in the destination, which may not exist yet
   * @param task the task's name
   * @param routes what the tables are called in the destination
   * @param tables the task's tables
   */
  public static LedgerProgress open(
      Endpoint source,
      Endpoint target,
      String ledgerSchema,
      String task,
      Routes routes,
      Collection<TableName> tables) {
    SourceSession sourceSession = SourceSession.open(source, task);
    try {
      return new LedgerProgress(
          sourceSession,
          LedgerSession.open(target, ledgerSchema, task),
          routes,
          sourceSession.estimates(tables));
    } catch (MigrationException e) {
      sourceSession.close();
      throw e;
    }
  }

  /** The end of the source's WAL. */
  public Lsn walEnd() {
    return source.walEnd();
  }

  /** Asks both servers. */
  public Progress read() {
    List<Progress.Table> tables = tables(routes, ledger.planned(), ledger.copied(), estimates);
    // The source's position last: the destination may be behind it, never before it.
    LedgerSession.Applied applied = ledger.applied();
    Lsn walEnd = source.walEnd();
    return new Progress(
        tables,
        walEnd,
        Optional.ofNullable(applied.position()),
        applied.transactions(),
        applied.changes(),
        lag(source, applied, walEnd));
  }

  /** How far the full load of each of these tables is, by name. */
  static List<Progress.Table> tables(
      Routes routes,
      Map<TableName, Integer> planned,
      Map<TableName, LedgerSession.Copied> copied,
      Map<TableName, Long> estimates) {
    return estimates.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            entry ->
                table(
                    routes.of(entry.getKey()),
                    entry.getValue(),
                    copied.getOrDefault(entry.getKey(), LedgerSession.Copied.NOTHING),
                    planned.getOrDefault(entry.getKey(), 1)))
        .toList();
  }

  private static Progress.Table table(
      TableRoute route, long estimate, LedgerSession.Copied copied, int planned) {
    return new Progress.Table(
        route.source(),
        route.target(),
        estimate,
        copied.rows(),
        copied.bytes(),
        copied.chunks(),
        planned);
  }

  /** How old the newest commit is that the destination shows; empty before the first. */
  static Optional<Duration> lag(SourceSession source, LedgerSession.Applied applied, Lsn walEnd) {
    Lsn position = applied.position();
    Timestamp commitTime = applied.commitTime();
    if (position == null || commitTime == null) {
      return Optional.empty();
    }
    return Optional.of(position.isBefore(walEnd) ? source.age(commitTime) : Duration.ZERO);
  }

  @Override
  public void close() {
    try (source;
        ledger) {
      return;
    }
  }
}
