package io.github.pg2adb.source;

import io.github.pg2adb.model.JobMetric;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Retries;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * What the coordinator reports to Flink: the newest {@link Observation}. Tables have gauges of
 * their own as far as they are among the {@value #MOST_TABLES} largest, so that a database of
 * thousands of tables does not become thousands of series.
 *
 * <p>A coordinator that Flink creates anew gets the metric group of the one before, in which a name
 * can be registered once. So the gauges of a group are made once, and each coordinator tells them
 * what it sees.
 */
final class TaskGauges {

  static final int MOST_TABLES = 20;

  private static final Map<MetricGroup, TaskGauges> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private volatile @Nullable Observation newest;

  private TaskGauges() {}

  /** The gauges of this group, with nothing observed yet. */
  static TaskGauges of(MetricGroup group, SourceOptions options) {
    // the group itself comes in a new wrapping each time, a group within it does not
    TaskGauges gauges =
        KNOWN.computeIfAbsent(
            group.addGroup("task"),
            key -> {
              TaskGauges made = new TaskGauges();
              made.register(group, options);
              return made;
            });
    gauges.newest = null;
    return gauges;
  }

  void show(Observation observation) {
    newest = observation;
  }

  private void register(MetricGroup group, SourceOptions options) {
    gauge(group, JobMetric.PHASE, Observation.Phase.PREPARING, seen -> seen.phase().number());
    gauge(group, JobMetric.SOURCE_LSN, 0, seen -> seen.sourceEnd().value());
    gauge(group, JobMetric.APPLIED_LSN, 0, seen -> seen.applied().value());
    gauge(group, JobMetric.LAG_BYTES, 0, TaskGauges::lagBytes);
    gauge(group, JobMetric.LAG_MILLIS, 0, TaskGauges::lagMillis);
    gauge(group, JobMetric.PENDING_RECORDS, -1, Observation::pendingRecords);
    gauge(group, JobMetric.SLOT_RETAINED_BYTES, -1, Observation::slotRetained);
    gauge(group, JobMetric.SLOT_SAFE_BYTES, -1, Observation::slotSafe);
    gauge(group, JobMetric.OBSERVATION_AGE_MILLIS, -1, seen -> millisSince(seen.nanos()));
    if (options.snapshot()) {
      registerLoad(group, options.tables());
    }
    Retries retries = options.retries("preparation");
    group.gauge(JobMetric.COORDINATOR_RETRY_ATTEMPTS.word(), retries::attempts);
    group.gauge(JobMetric.COORDINATOR_RETRYING_SINCE.word(), retries::sinceMillis);
    group.gauge(JobMetric.COORDINATOR_NEXT_RETRY.word(), retries::nextMillis);
  }

  private void registerLoad(MetricGroup group, List<TableSchema> tables) {
    int count = tables.size();
    gauge(group, JobMetric.SNAPSHOT_TABLES, count, seen -> count);
    gauge(group, JobMetric.SNAPSHOT_TABLES_LOADED, 0, seen -> seen.load().loadedTables());
    gauge(group, JobMetric.SNAPSHOT_CHUNKS, count, seen -> seen.load().chunks());
    gauge(group, JobMetric.SNAPSHOT_CHUNKS_LOADED, 0, seen -> seen.load().loadedChunks());
    gauge(group, JobMetric.SNAPSHOT_ROWS_ESTIMATED, 0, seen -> seen.load().estimatedRows());
    gauge(group, JobMetric.SNAPSHOT_ROWS_LOADED, 0, seen -> seen.load().rows());
    gauge(group, JobMetric.SNAPSHOT_BYTES_LOADED, 0, seen -> seen.load().bytes());
    gauge(group, JobMetric.SNAPSHOT_SECONDS_LEFT, -1, seen -> seen.load().secondsLeft());
    tables.stream()
        .sorted(Comparator.comparingLong(TableSchema::bytes).reversed())
        .limit(MOST_TABLES)
        .forEach(table -> register(group.addGroup("table", table.name().toString()), table));
  }

  private void register(MetricGroup group, TableSchema table) {
    gauge(group, JobMetric.TABLE_CHUNKS, 1, seen -> seen.load().of(table).chunks());
    gauge(group, JobMetric.TABLE_CHUNKS_LOADED, 0, seen -> seen.load().of(table).loadedChunks());
    gauge(group, JobMetric.TABLE_ROWS_ESTIMATED, 0, seen -> seen.load().estimatedRows(table));
    gauge(group, JobMetric.TABLE_ROWS_LOADED, 0, seen -> seen.load().of(table).rows());
  }

  private void gauge(
      MetricGroup group, JobMetric metric, long unknown, ToLongFunction<Observation> value) {
    Gauge<Long> gauge =
        () -> {
          Observation seen = newest;
          return seen == null ? unknown : value.applyAsLong(seen);
        };
    group.gauge(metric.word(), gauge);
  }

  private static long lagBytes(Observation seen) {
    return seen.applied().isSet() ? seen.sourceEnd().bytesSince(seen.applied()) : 0;
  }

  /** Grows by itself while nothing new is observed. */
  private static long lagMillis(Observation seen) {
    return seen.behindSince().isPresent() ? millisSince(seen.behindSince().getAsLong()) : 0;
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }
}
