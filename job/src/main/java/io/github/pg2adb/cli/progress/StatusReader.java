package io.github.pg2adb.cli.progress;

import io.github.pg2adb.cli.cluster.FlinkClient;
import io.github.pg2adb.cli.progress.TaskStatus.Answer;
import io.github.pg2adb.cli.progress.TaskStatus.Stage;
import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.pipeline.FlinkSettings;
import io.github.pg2adb.pipeline.Migration;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.sink.JdbcLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.configuration.PipelineOptions;
import org.jspecify.annotations.Nullable;

/**
 * Asks source, destination and Flink how a task is. Any of them may be away: the others are shown,
 * and it is asked again the next time. For one thread.
 */
final class StatusReader implements AutoCloseable {

  private final TaskConfig config;
  private final String jobName;
  private final JdbcLedger ledger;
  private final @Nullable String flinkAddress;
  private @Nullable SourceSession source;
  private @Nullable LedgerSession target;
  private @Nullable FlinkClient flink;
  private Map<TableName, Long> estimates = Map.of();

  /**
   * @param flinkAddress of the cluster, as for {@link FlinkClient#at}
   */
  StatusReader(TaskConfig config, @Nullable String flinkAddress) {
    this.config = config;
    this.jobName = FlinkSettings.job(config).get(PipelineOptions.NAME);
    this.ledger = Migration.ledger(config);
    this.flinkAddress = flinkAddress;
  }

  /** Asks everybody. */
  TaskStatus read() {
    Answer<Optional<TaskStatus.FlinkJob>> job = askFlink();
    Answer<LedgerFacts> facts = askDestination();
    // the source's position last: the destination may be behind it, never before it
    Answer<TaskStatus.Source> sourceFacts = askSource();
    Optional<Lsn> position =
        facts.value().flatMap(known -> Optional.ofNullable(known.applied().position()));
    List<Progress.Table> tables = facts.value().map(this::tables).orElse(List.of());
    return new TaskStatus(
        config.pipeline().name(),
        Instant.now(),
        facts.value().map(known -> stage(known, tables)).orElse(Stage.UNKNOWN),
        job,
        sourceFacts,
        new Answer<>(facts.value().map(LedgerFacts::destination), facts.problem()),
        tables,
        sourceFacts
            .value()
            .flatMap(known -> position.map(at -> Math.max(0, known.walEnd().bytesSince(at)))),
        lag(facts, sourceFacts));
  }

  /** What the ledger says at one moment. */
  private record LedgerFacts(
      Map<TableName, Integer> planned,
      Map<TableName, LedgerSession.Copied> copied,
      LedgerSession.Applied applied,
      Optional<Lsn> newestSnapshot,
      TaskStatus.Destination destination) {}

  private Answer<LedgerFacts> askDestination() {
    try {
      LedgerSession session = target;
      if (session == null) {
        session =
            LedgerSession.open(
                config.sink().endpoint(), config.sink().ledgerSchema(), config.pipeline().name());
        target = session;
      }
      LedgerSession.Applied applied = session.applied();
      return Answer.of(
          new LedgerFacts(
              session.planned(),
              session.copied(),
              applied,
              session.newestSnapshot(),
              new TaskStatus.Destination(
                  Optional.ofNullable(applied.position()),
                  applied.transactions(),
                  applied.changes(),
                  session.holder(ledger))));
    } catch (MigrationException e) {
      target = drop(target);
      return Answer.none(String.valueOf(e.getMessage()));
    }
  }

  private Answer<TaskStatus.Source> askSource() {
    try {
      SourceSession session = source;
      if (session == null) {
        session = SourceSession.open(config.source().endpoint(), config.pipeline().name());
        source = session;
        List<TableName> tables =
            SourceCatalog.read(config.source().endpoint(), config.source().selection())
                .tables()
                .stream()
                .map(TableSchema::name)
                .toList();
        estimates = session.estimates(tables);
      }
      return Answer.of(
          new TaskStatus.Source(
              session.walEnd(), session.slot(TaskNames.of(config.pipeline().name()).slot())));
    } catch (MigrationException e) {
      source = drop(source);
      return Answer.none(String.valueOf(e.getMessage()));
    }
  }

  private Answer<Optional<TaskStatus.FlinkJob>> askFlink() {
    try {
      FlinkClient client = flink;
      if (client == null) {
        client = FlinkClient.at(flinkAddress);
        flink = client;
      }
      FlinkClient asked = client;
      return Answer.of(
          asked
              .job(jobName)
              .map(
                  job ->
                      new TaskStatus.FlinkJob(
                          job,
                          asked.url(job.id()),
                          asked.lastError(job.id()),
                          job.isAlive() ? asked.retrying(job.id()) : List.of())));
    } catch (MigrationException e) {
      flink = drop(flink);
      return Answer.none(String.valueOf(e.getMessage()));
    }
  }

  /** The source's tables, and what the ledger has besides when the source is away. */
  private List<Progress.Table> tables(LedgerFacts facts) {
    Map<TableName, Long> expected = new TreeMap<>(estimates);
    facts.planned().keySet().forEach(table -> expected.putIfAbsent(table, 0L));
    facts.copied().keySet().forEach(table -> expected.putIfAbsent(table, 0L));
    return LedgerProgress.tables(config.routes(), facts.planned(), facts.copied(), expected);
  }

  private Stage stage(LedgerFacts facts, List<Progress.Table> tables) {
    boolean incremental = config.pipeline().phases().contains(Phase.INCREMENTAL);
    boolean isFull = config.pipeline().phases().contains(Phase.FULL);
    Lsn position = facts.applied().position();
    if (position == null && facts.copied().isEmpty()) {
      return Stage.NOT_STARTED;
    }
    if (isFull && !tables.stream().allMatch(Progress.Table::isLoaded)) {
      return Stage.FULL_LOAD;
    }
    if (!incremental) {
      return Stage.LOADED;
    }
    return position != null && facts.newestSnapshot().filter(position::isBefore).isPresent()
        ? Stage.CATCHING_UP
        : Stage.FOLLOWING;
  }

  private Optional<Duration> lag(Answer<LedgerFacts> facts, Answer<TaskStatus.Source> answer) {
    SourceSession session = source;
    if (session == null || facts.value().isEmpty() || answer.value().isEmpty()) {
      return Optional.empty();
    }
    try {
      return LedgerProgress.lag(
          session, facts.value().get().applied(), answer.value().get().walEnd());
    } catch (MigrationException e) {
      // it went away a moment after it answered, which the next look reports
      source = drop(session);
      return Optional.empty();
    }
  }

  private static <T extends AutoCloseable> @Nullable T drop(@Nullable T resource) {
    try (resource) {
      return null;
    } catch (Exception e) {
      // it is being given up because it does not work
      return null;
    }
  }

  @Override
  public void close() {
    source = drop(source);
    target = drop(target);
    flink = drop(flink);
  }
}
