package io.github.pg2adb.source;

import io.github.pg2adb.model.JobMetric;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.postgres.Retries;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * What a reader reports to Flink. Flink counts elements, which are blocks of rows, batches of
 * transactions and mere positions: its counters are set right once per element, so that they count
 * rows and changes. Written by the task thread, read by reporters.
 */
final class ReaderMetrics {

  private final Counter rowsIn;
  private final Counter bytesIn;
  private final Counter rowsOut;
  private final Counter rowsOutOfTask;
  private final Counter snapshotRows;
  private volatile long readLsn;

  ReaderMetrics(SourceReaderMetricGroup group, Retries retries) {
    rowsIn = group.getIOMetricGroup().getNumRecordsInCounter();
    bytesIn = group.getIOMetricGroup().getNumBytesInCounter();
    rowsOut = group.getIOMetricGroup().getNumRecordsOutCounter();
    rowsOutOfTask = TaskOutput.correction(group.getIOMetricGroup());
    snapshotRows = group.counter(JobMetric.SNAPSHOT_ROWS_READ.word());
    group.gauge(JobMetric.READ_LSN.word(), () -> readLsn);
    group.gauge(JobMetric.READER_RETRY_ATTEMPTS.word(), retries::attempts);
    group.gauge(JobMetric.READER_RETRYING_SINCE.word(), retries::sinceMillis);
    group.gauge(JobMetric.READER_NEXT_RETRY.word(), retries::nextMillis);
  }

  /** Flink counted what it took from the fetcher as one, whatever is in it. */
  void taken() {
    rowsIn.dec();
  }

  /** Rows of a chunk are about to be handed on, which Flink counts as one more. */
  void block(long rows, long bytes) {
    snapshotRows.inc(rows);
    changes(rows, bytes);
  }

  /** Changes are about to be handed on, which Flink counts as one more. */
  void changes(long count, long bytes) {
    rowsIn.inc(count);
    bytesIn.inc(bytes);
    rowsOut.inc(count - 1);
    rowsOutOfTask.inc(count - 1);
  }

  /** The WAL is read up to here. */
  void reached(Lsn position) {
    readLsn = position.value();
  }
}
