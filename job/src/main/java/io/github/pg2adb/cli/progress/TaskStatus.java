package io.github.pg2adb.cli.progress;

import io.github.pg2adb.cli.cluster.FlinkClient;
import io.github.pg2adb.cli.cluster.Retrying;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.sink.ClaimHolder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of a task at one moment. What could not be asked is empty, with the reason in a
 * problem.
 *
 * @param task its name
 * @param at the moment
 * @param stage how far it is
 * @param job what Flink says
 * @param source what the source says
 * @param destination what the destination says
 * @param tables how far the full load of each table is; estimates are 0 when the source is away
 * @param lagBytes how much WAL the destination is behind; empty before the job has started and when
 *     one side is away
 * @param lag how old the newest source commit is that the destination shows
 */
record TaskStatus(
    String task,
    Instant at,
    Stage stage,
    Answer<Optional<FlinkJob>> job,
    Answer<Source> source,
    Answer<Destination> destination,
    List<Progress.Table> tables,
    Optional<Long> lagBytes,
    Optional<Duration> lag) {

  /** How far a task is. */
  enum Stage {
    UNKNOWN("not known: the destination cannot be asked"),
    NOT_STARTED("not started"),
    FULL_LOAD("full load"),
    CATCHING_UP("catching up with the WAL of the full load"),
    FOLLOWING("following changes"),
    LOADED("loaded; changes are not followed");

    private final String words;

    Stage(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /**
   * An answer, or why there is none.
   *
   * @param problem empty if there is an answer
   */
  record Answer<T>(Optional<T> value, String problem) {

    static <T> Answer<T> of(T value) {
      return new Answer<>(Optional.of(value), "");
    }

    static <T> Answer<T> none(String problem) {
      return new Answer<>(Optional.empty(), problem);
    }
  }

  /**
   * The task's job.
   *
   * @param job what Flink says of it
   * @param url the dashboard's page of it
   * @param lastError the newest error, which may have been overcome
   * @param retrying what fails and tries again, the one that has failed for longest first
   */
  record FlinkJob(
      FlinkClient.Job job,
      String url,
      Optional<FlinkClient.JobError> lastError,
      List<Retrying> retrying) {

    FlinkJob {
      retrying = List.copyOf(retrying);
    }
  }

  /**
   * The source's part.
   *
   * @param walEnd the end of its WAL
   * @param slot the task's slot, empty if there is none
   */
  record Source(Lsn walEnd, Optional<SourceSession.Slot> slot) {}

  /**
   * The destination's part.
   *
   * @param position up to where the WAL is applied; empty before the first start
   * @param transactions applied from the WAL
   * @param changes applied from the WAL
   * @param holder the session of the run that is alive; empty if none is
   */
  record Destination(
      Optional<Lsn> position, long transactions, long changes, Optional<ClaimHolder> holder) {}

  /** Whether a run of the task is alive, as far as anybody could be asked. */
  boolean isRunning() {
    return flinkJob().map(FlinkJob::job).filter(FlinkClient.Job::isAlive).isPresent()
        || destination.value().flatMap(Destination::holder).isPresent();
  }

  Optional<FlinkJob> flinkJob() {
    return job.value().flatMap(found -> found);
  }

  /** Rows copied by the full load. */
  long rows() {
    return tables.stream().mapToLong(Progress.Table::rows).sum();
  }

  /** Bytes of COPY text copied by the full load. */
  long bytes() {
    return tables.stream().mapToLong(Progress.Table::bytes).sum();
  }

  /** Rows that the full load is expected to copy. */
  long expectedRows() {
    return tables.stream().mapToLong(Progress.Table::expectedRows).sum();
  }

  /** Changes applied from the WAL, 0 if that is not known. */
  long changes() {
    return destination.value().map(Destination::changes).orElse(0L);
  }
}
