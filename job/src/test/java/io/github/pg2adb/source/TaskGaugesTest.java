package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.JobMetric;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class TaskGaugesTest {

  private static final TableSchema TABLE =
      new TableSchema(
          1,
          new TableName("public", "t"),
          TableSchema.Kind.ORDINARY,
          List.of(),
          List.of(),
          ReplicaIdentity.FULL,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          0,
          -1);

  private final Group group = new Group();
  private final SourceOptions options =
      new SourceOptions(
          "gauges",
          new Endpoint("localhost", 1, "d", "u", null, Endpoint.Tls.PREFER),
          List.of(TABLE),
          1,
          1,
          true,
          true);

  @Test
  void sayWhatIsKnownBeforeAnythingWasObserved() {
    TaskGauges.of(group, options);

    assertThat(value(JobMetric.PHASE)).isZero();
    assertThat(value(JobMetric.SNAPSHOT_TABLES)).isEqualTo(1);
    assertThat(value(JobMetric.SNAPSHOT_SECONDS_LEFT)).isEqualTo(-1);
    assertThat(value(JobMetric.OBSERVATION_AGE_MILLIS)).isEqualTo(-1);
  }

  @Test
  void lagGrowsWithoutAnotherObservation() {
    long tenSecondsAgo = System.nanoTime() - 10_000_000_000L;
    TaskGauges.of(group, options).show(observation(OptionalLong.of(tenSecondsAgo)));

    assertThat(value(JobMetric.LAG_MILLIS)).isGreaterThanOrEqualTo(10_000);
    assertThat(value(JobMetric.LAG_BYTES)).isEqualTo(20);
    assertThat(value(JobMetric.PENDING_RECORDS)).isEqualTo(7);
  }

  @Test
  void aCoordinatorThatFlinkMakesAnewIsSeen() {
    TaskGauges first = TaskGauges.of(group, options);
    first.show(observation(OptionalLong.empty()));
    TaskGauges second = TaskGauges.of(group, options);

    assertThat(value(JobMetric.PHASE)).as("nothing observed since").isZero();
    second.show(observation(OptionalLong.empty()));
    assertThat(value(JobMetric.PHASE)).isEqualTo(2);
  }

  private static Observation observation(OptionalLong behindSince) {
    return new Observation(
        Observation.Phase.CATCHING_UP,
        System.nanoTime(),
        new Lsn(120),
        new Lsn(100),
        behindSince,
        0,
        -1,
        7,
        new Observation.Load(List.of(), Map.of(), 0));
  }

  private long value(JobMetric metric) {
    return ((Number) group.gauges.get(metric.word()).getValue()).longValue();
  }

  /** As Flink's: a name can be registered once, and a group within it is the same every time. */
  private static final class Group extends UnregisteredMetricsGroup {

    private final Map<String, Gauge<?>> gauges = new HashMap<>();
    private final Map<String, MetricGroup> groups = new HashMap<>();

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
      gauges.putIfAbsent(name, gauge);
      return gauge;
    }

    @Override
    public MetricGroup addGroup(String name) {
      return groups.computeIfAbsent(name, key -> new Group());
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
      return addGroup(key).addGroup(value);
    }
  }
}
