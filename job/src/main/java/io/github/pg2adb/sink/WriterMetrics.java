package io.github.pg2adb.sink;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.postgres.Retries;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/** What a writer reports to Flink. Written by the worker, read by reporters. */
final class WriterMetrics {

  private final Counter records;
  private final Counter bytes;
  private final Counter flushes;
  private volatile long lastFlushMillis;
  private volatile long lastFlushChanges;
  private volatile long appliedLsn;
  private volatile long lagMillis;

  WriterMetrics(SinkWriterMetricGroup group, Retries retries) {
    records = group.getNumRecordsSendCounter();
    bytes = group.getNumBytesSendCounter();
    flushes = group.counter("flushes");
    group.setCurrentSendTimeGauge(() -> lastFlushMillis);
    group.gauge("lastFlushMillis", () -> lastFlushMillis);
    group.gauge("lastFlushChanges", () -> lastFlushChanges);
    group.gauge("appliedLsn", () -> appliedLsn);
    group.gauge("sourceToDestinationLagMillis", () -> lagMillis);
    group.gauge("retryAttempts", retries::attempts);
    group.gauge("retryingSinceMillis", retries::sinceMillis);
    group.gauge("nextRetryMillis", retries::nextMillis);
  }

  /** A chunk is durable. */
  void loaded(long rows, long byteCount) {
    records.inc(rows);
    bytes.inc(byteCount);
  }

  /** A batch, or a piece of a large transaction, was written. */
  void flushed(PendingBatch.Extent extent, long millis) {
    records.inc(extent.changes());
    bytes.inc(extent.bytes());
    flushes.inc();
    lastFlushMillis = millis;
    lastFlushChanges = extent.changes();
  }

  /** A batch is durable. */
  void applied(PendingBatch.Extent extent, long nowMillis) {
    applied(extent.position());
    if (extent.transactions() > 0) {
      lagMillis = Math.max(0, nowMillis - extent.commitTimeMicros() / 1000);
    }
  }

  void applied(Lsn position) {
    appliedLsn = position.value();
  }
}
