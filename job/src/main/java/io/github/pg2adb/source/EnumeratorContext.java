package io.github.pg2adb.source;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/**
 * The context as Flink CDC's enumerator sees it: Flink's, without a metric group. Its gauges are
 * {@link TaskGauges} in other words, it makes a group of them for every table, whose number has no
 * bound, and an enumerator that Flink creates again cannot register its own any more.
 */
final class EnumeratorContext implements SplitEnumeratorContext<SourceSplitBase> {

  private final SplitEnumeratorContext<SourceSplitBase> context;
  private final SplitEnumeratorMetricGroup nowhere =
      UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();

  EnumeratorContext(SplitEnumeratorContext<SourceSplitBase> context) {
    this.context = context;
  }

  @Override
  public SplitEnumeratorMetricGroup metricGroup() {
    return nowhere;
  }

  @Override
  public void sendEventToSourceReader(int subtask, SourceEvent event) {
    context.sendEventToSourceReader(subtask, event);
  }

  @Override
  public void sendEventToSourceReader(int subtask, int attempt, SourceEvent event) {
    context.sendEventToSourceReader(subtask, attempt, event);
  }

  @Override
  public int currentParallelism() {
    return context.currentParallelism();
  }

  @Override
  public Map<Integer, ReaderInfo> registeredReaders() {
    return context.registeredReaders();
  }

  @Override
  public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
    return context.registeredReadersOfAttempts();
  }

  @Override
  public void assignSplits(SplitsAssignment<SourceSplitBase> assignment) {
    context.assignSplits(assignment);
  }

  @Override
  public void assignSplit(SourceSplitBase split, int subtask) {
    context.assignSplit(split, subtask);
  }

  @Override
  public void signalNoMoreSplits(int subtask) {
    context.signalNoMoreSplits(subtask);
  }

  @Override
  public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
    context.callAsync(callable, handler);
  }

  @Override
  public <T> void callAsync(
      Callable<T> callable, BiConsumer<T, Throwable> handler, long delay, long period) {
    context.callAsync(callable, handler, delay, period);
  }

  @Override
  public void runInCoordinatorThread(Runnable action) {
    context.runInCoordinatorThread(action);
  }

  @Override
  public void setIsProcessingBacklog(boolean isProcessingBacklog) {
    context.setIsProcessingBacklog(isProcessingBacklog);
  }
}
