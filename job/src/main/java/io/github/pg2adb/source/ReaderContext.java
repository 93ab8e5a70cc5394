package io.github.pg2adb.source;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.util.UserCodeClassLoader;

/** A reader's context as Flink CDC's reader sees it: Flink's, with a {@link MetricView}. */
final class ReaderContext implements SourceReaderContext {

  /** Flink CDC counts the elements of Debezium by these, of which there are none. */
  private static final Set<String> UNMOVED =
      Set.of(
          "numSnapshotRecords",
          "numInsertDMLRecords",
          "numUpdateDMLRecords",
          "numDeleteDMLRecords",
          "numDDLRecords");

  private final SourceReaderContext context;
  private final MetricView view;

  ReaderContext(SourceReaderContext context) {
    this.context = context;
    this.view = new MetricView(context.metricGroup(), UNMOVED);
  }

  @Override
  public SourceReaderMetricGroup metricGroup() {
    return view;
  }

  @Override
  public Configuration getConfiguration() {
    return context.getConfiguration();
  }

  @Override
  public String getLocalHostName() {
    return context.getLocalHostName();
  }

  @Override
  public int getIndexOfSubtask() {
    return context.getIndexOfSubtask();
  }

  @Override
  public void sendSplitRequest() {
    context.sendSplitRequest();
  }

  @Override
  public void sendSourceEventToCoordinator(SourceEvent event) {
    context.sendSourceEventToCoordinator(event);
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    return context.getUserCodeClassLoader();
  }

  @Override
  public int currentParallelism() {
    return context.currentParallelism();
  }
}
