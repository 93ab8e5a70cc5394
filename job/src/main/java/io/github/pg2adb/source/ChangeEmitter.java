package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import java.util.List;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceRecords;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitState;
import org.apache.flink.cdc.connectors.base.source.meta.wartermark.WatermarkEvent;
import org.apache.flink.cdc.connectors.base.source.metrics.SourceReaderMetrics;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Hands changes to Flink and keeps the splits' state beside them: what was emitted before a
 * checkpoint's barrier is in its state, and nothing else.
 */
final class ChangeEmitter implements RecordEmitter<SourceRecords, Change, SourceSplitState> {

  private final SourceReaderMetrics lag;
  private final ReaderMetrics metrics;

  /**
   * @param lag Flink CDC's metrics, of which those about time are moved here
   */
  ChangeEmitter(SourceReaderMetrics lag, ReaderMetrics metrics) {
    this.lag = lag;
    this.metrics = metrics;
  }

  @Override
  public void emitRecord(
      SourceRecords records, SourceOutput<Change> output, SourceSplitState state) {
    metrics.taken();
    for (SourceRecord record : records.getSourceRecordList()) {
      if (record instanceof ChangeRecord change) {
        change.change().accept(new Emission(change, output, state));
      } else if (WatermarkEvent.isHighWatermarkEvent(record) && state.isSnapshotSplitState()) {
        // marks the chunk as read
        state.asSnapshotSplitState().setHighWatermark(WalOffsets.UNUSED);
      }
    }
  }

  /** One element on its way. */
  private final class Emission implements Change.Visitor<RuntimeException> {

    private final ChangeRecord record;
    private final SourceOutput<Change> output;
    private final SourceSplitState state;

    Emission(ChangeRecord record, SourceOutput<Change> output, SourceSplitState state) {
      this.record = record;
      this.output = output;
      this.state = state;
    }

    @Override
    public void visit(SnapshotBlock block) {
      metrics.block(block.rows(), record.bytes());
      output.collect(block);
    }

    @Override
    public void visit(TransactionBatch batch) {
      List<Transaction> transactions = batch.transactions();
      metrics.changes(batch.changes(), record.bytes());
      long committed = transactions.get(transactions.size() - 1).commitTimeMicros() / 1000;
      lag.recordFetchDelay(Math.max(0, record.readMillis() - committed));
      lag.updateLastReceivedEventTime(committed);
      output.collect(batch, committed);
      metrics.reached(batch.position());
      state.asStreamSplitState().setStartingOffset(WalOffsets.of(batch.position()));
    }

    /** The server had nothing more when it was read, so nothing lags. */
    @Override
    public void visit(Position position) {
      metrics.changes(0, record.bytes());
      lag.recordFetchDelay(0);
      lag.updateLastReceivedEventTime(record.readMillis());
      output.collect(position, record.readMillis());
      metrics.reached(position.lsn());
      state.asStreamSplitState().setStartingOffset(WalOffsets.of(position.lsn()));
    }
  }
}
