package io.github.pg2adb.source;

import java.lang.reflect.Field;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalOperatorIOMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalOperatorMetricGroup;
import org.apache.flink.runtime.metrics.groups.ProxyMetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task has sent, which the dashboard shows as <i>Records Sent</i>. Flink counts it apart
 * from what the task's operator has sent, and gives operators no way to set it right: it is a sum
 * of counters, to which this adds one.
 */
final class TaskOutput {

  private static final Logger LOG = LoggerFactory.getLogger(TaskOutput.class);

  private TaskOutput() {}

  /**
   * A counter whose value is added to what the task has sent.
   *
   * @return one that nobody looks at if Flink has changed inside
   */
  static Counter correction(OperatorIOMetricGroup group) {
    Counter correction = new SimpleCounter();
    if (group instanceof InternalOperatorIOMetricGroup) {
      try {
        Field parent = ProxyMetricGroup.class.getDeclaredField("parentMetricGroup");
        parent.setAccessible(true);
        ((InternalOperatorMetricGroup) parent.get(group))
            .getTaskIOMetricGroup()
            .reuseRecordsOutputCounter(correction);
      } catch (ReflectiveOperationException | RuntimeException e) {
        LOG.info("The dashboard's column \"Records Sent\" counts blocks of rows", e);
      }
    }
    return correction;
  }
}
