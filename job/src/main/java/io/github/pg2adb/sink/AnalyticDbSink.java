package io.github.pg2adb.sink;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.RowLookup;
import java.util.Objects;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Flink's view of the destination. The writers keep no Flink state: what is applied stands in the
 * ledger, in the same destination transaction as the rows.
 */
public final class AnalyticDbSink implements Sink<Change> {

  private static final long serialVersionUID = 1L;

  private final SinkOptions options;
  private final RowLookup lookup;

  private AnalyticDbSink(SinkOptions options, RowLookup lookup) {
    this.options = Objects.requireNonNull(options, "options");
    this.lookup = Objects.requireNonNull(lookup, "lookup");
  }

  /**
   * A sink that writes where the options say.
   *
   * @param lookup how to read a source row again that the destination has not got
   */
  public static AnalyticDbSink of(SinkOptions options, RowLookup lookup) {
    return new AnalyticDbSink(options, lookup);
  }

  @Override
  public SinkWriter<Change> createWriter(WriterInitContext context) {
    return AnalyticDbWriter.start(options, lookup, context);
  }

  /** Flink 1.20 still declares it abstract and calls the other one. */
  @Override
  @Deprecated
  @SuppressWarnings("deprecation")
  public SinkWriter<Change> createWriter(InitContext context) {
    throw new UnsupportedOperationException("Flink calls createWriter(WriterInitContext)");
  }
}
