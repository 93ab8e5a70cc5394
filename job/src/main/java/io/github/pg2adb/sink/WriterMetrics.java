package io.github.pg2adb.sink;

import io.github.pg2adb.model.JobMetric;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.postgres.Retries;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * What a writer reports to Flink. {@link #received} is called by the task thread, all else by the
 * worker's; reporters read.
 */
final class WriterMetrics {

  /** The newest values, of which quantiles are reported. */
  private static final int HISTOGRAM_SIZE = 500;

  private final Counter received;
  private final Counter records;
  private final Counter bytes;
  private final Counter flushes;
  private final Histogram flushMillis;
  private final Histogram flushRows;
  private final Histogram flushBytes;
  private final Histogram commitLagMillis;
  private volatile long lastFlushMillis;
  private volatile long appliedLsn;

  WriterMetrics(SinkWriterMetricGroup group, Retries retries) {
    received = group.getIOMetricGroup().getNumRecordsInCounter();
    records = group.getNumRecordsSendCounter();
    bytes = group.getNumBytesSendCounter();
    flushes = group.counter(JobMetric.FLUSHES.word());
    flushMillis = group.histogram(JobMetric.FLUSH_MILLIS.word(), histogram());
    flushRows = group.histogram(JobMetric.FLUSH_ROWS.word(), histogram());
    flushBytes = group.histogram(JobMetric.FLUSH_BYTES.word(), histogram());
    commitLagMillis = group.histogram(JobMetric.COMMIT_LAG_MILLIS.word(), histogram());
    group.setCurrentSendTimeGauge(() -> lastFlushMillis);
    group.gauge(JobMetric.WRITER_APPLIED_LSN.word(), () -> appliedLsn);
    group.gauge(JobMetric.WRITER_RETRY_ATTEMPTS.word(), retries::attempts);
    group.gauge(JobMetric.WRITER_RETRYING_SINCE.word(), retries::sinceMillis);
    group.gauge(JobMetric.WRITER_NEXT_RETRY.word(), retries::nextMillis);
  }

  /** As Flink's own histograms are; flink-metrics-dropwizard is not published for this release. */
  private static Histogram histogram() {
    return new DescriptiveStatisticsHistogram(HISTOGRAM_SIZE);
  }

  /** An element came, which Flink has counted as one. */
  void received(long rows) {
    received.inc(rows - 1);
  }

  /** A chunk is durable. */
  void loaded(long rows, long byteCount) {
    records.inc(rows);
    bytes.inc(byteCount);
  }

  /** A batch, or a piece of a large transaction, was written. */
  void flushed(PendingBatch.Extent extent, long millis) {
    if (extent.changes() == 0) {
      return;
    }
    records.inc(extent.changes());
    bytes.inc(extent.bytes());
    flushes.inc();
    flushMillis.update(millis);
    flushRows.update(extent.changes());
    flushBytes.update(extent.bytes());
    lastFlushMillis = millis;
  }

  /** A batch is durable. */
  void applied(PendingBatch.Extent extent, long nowMillis) {
    applied(extent.position());
    if (extent.transactions() > 0) {
      commitLagMillis.update(Math.max(0, nowMillis - extent.commitTimeMicros() / 1000));
    }
  }

  void applied(Lsn position) {
    appliedLsn = position.value();
  }
}
