package io.github.pg2adb.source;

import io.debezium.connector.base.ChangeEventQueue;
import io.debezium.pipeline.DataChangeEvent;
import io.debezium.relational.Tables;
import io.debezium.util.LoggingContext;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.flink.cdc.connectors.base.config.JdbcSourceConfig;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.postgres.source.PostgresDialect;
import org.apache.flink.cdc.connectors.postgres.source.config.PostgresSourceConfig;
import org.apache.flink.cdc.connectors.postgres.source.fetch.PostgresSourceFetchTaskContext;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch task of one split gets: a short queue to the reader. Nothing of Debezium is opened.
 *
 * <p>The queue hands on each element at once; its length and the elements' sizes bound the memory.
 */
final class FetchContext extends PostgresSourceFetchTaskContext {

  private static final int QUEUE_LENGTH = 3;
  private static final long FULL_QUEUE_PAUSE_NANOS = 500_000;

  /** How long the reader waits for an element before it looks for an error of the task. */
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private volatile @Nullable ChangeEventQueue<DataChangeEvent> queue;

  FetchContext(JdbcSourceConfig config, PostgresDialect dialect) {
    super(config, dialect);
  }

  /** The index of the source subtask. */
  int reader() {
    return ((PostgresSourceConfig) getSourceConfig()).getSubtaskId();
  }

  @Override
  public void configure(SourceSplitBase split) {
    queue =
        new ChangeEventQueue.Builder<DataChangeEvent>()
            .pollInterval(POLL_INTERVAL)
            .maxBatchSize(1)
            .maxQueueSize(QUEUE_LENGTH)
            .loggingContextSupplier(
                () -> LoggingContext.forConnector("postgres", "pg2adb", split.splitId()))
            .build();
  }

  /**
   * Puts a record into the queue, waiting while it is full.
   *
   * @param goOn asked again and again while waiting; false gives the record up, since nobody will
   *     take it
   */
  void put(SourceRecord record, BooleanSupplier goOn) throws InterruptedException {
    ChangeEventQueue<DataChangeEvent> target = getQueue();
    // The task is the only producer, so room that is there stays there.
    while (target.remainingCapacity() == 0) {
      if (!goOn.getAsBoolean()) {
        return;
      }
      LockSupport.parkNanos(FULL_QUEUE_PAUSE_NANOS);
    }
    target.enqueue(new DataChangeEvent(record));
  }

  @Override
  public ChangeEventQueue<DataChangeEvent> getQueue() {
    ChangeEventQueue<DataChangeEvent> configured = queue;
    if (configured == null) {
      throw new IllegalStateException("The context is not configured for a split");
    }
    return configured;
  }

  /** Nothing is filtered by watermarks: what belongs to the snapshot is decided by visibility. */
  @Override
  public boolean isDataChangeRecord(SourceRecord record) {
    return false;
  }

  @Override
  public Tables.TableFilter getTableFilter() {
    return Tables.TableFilter.includeAll();
  }

  @Override
  public void close() {}
}
