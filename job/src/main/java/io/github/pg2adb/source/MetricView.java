package io.github.pg2adb.source;

import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/**
 * What Flink CDC's reader gets as its metric group: without the counters that nothing would move
 * here, and without the groups that it makes for every table, since their number has no bound.
 */
final class MetricView implements SourceReaderMetricGroup {

  private final SourceReaderMetricGroup group;
  private final Set<String> hidden;
  private final MetricGroup nowhere = new UnregisteredMetricsGroup();

  MetricView(SourceReaderMetricGroup group, Set<String> hidden) {
    this.group = group;
    this.hidden = Set.copyOf(hidden);
  }

  private MetricGroup of(String name) {
    return hidden.contains(name) ? nowhere : group;
  }

  @Override
  public Counter counter(String name) {
    return of(name).counter(name);
  }

  @Override
  public <C extends Counter> C counter(String name, C counter) {
    return of(name).counter(name, counter);
  }

  @Override
  public <T, U extends Gauge<T>> U gauge(String name, U gauge) {
    return of(name).gauge(name, gauge);
  }

  @Override
  public <H extends Histogram> H histogram(String name, H histogram) {
    return of(name).histogram(name, histogram);
  }

  @Override
  public <M extends Meter> M meter(String name, M meter) {
    return of(name).meter(name, meter);
  }

  @Override
  public MetricGroup addGroup(String name) {
    return nowhere;
  }

  @Override
  public MetricGroup addGroup(String key, String value) {
    return nowhere;
  }

  @Override
  public String[] getScopeComponents() {
    return group.getScopeComponents();
  }

  @Override
  public Map<String, String> getAllVariables() {
    return group.getAllVariables();
  }

  @Override
  public String getMetricIdentifier(String name) {
    return group.getMetricIdentifier(name);
  }

  @Override
  public String getMetricIdentifier(String name, CharacterFilter filter) {
    return group.getMetricIdentifier(name, filter);
  }

  @Override
  public Counter getNumRecordsInErrorsCounter() {
    return group.getNumRecordsInErrorsCounter();
  }

  @Override
  public void setPendingBytesGauge(Gauge<Long> gauge) {
    group.setPendingBytesGauge(gauge);
  }

  @Override
  public void setPendingRecordsGauge(Gauge<Long> gauge) {
    group.setPendingRecordsGauge(gauge);
  }

  @Override
  public OperatorIOMetricGroup getIOMetricGroup() {
    return group.getIOMetricGroup();
  }
}
