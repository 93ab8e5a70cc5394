package io.github.pg2adb.sink;

import io.github.pg2adb.model.Endpoint;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * What a writer and the ledger need to know.
 *
 * @param task the task's name, which its ledger rows carry
 * @param endpoint the destination
 * @param ledgerSchema the destination schema that holds the ledger
 * @param flushInterval how old the oldest collected change may grow before the batch is written
 * @param batchRows how many row changes make a batch large enough to be written
 * @param batchBytes how many bytes of row changes make a batch large enough to be written
 */
public record SinkOptions(
    String task,
    Endpoint endpoint,
    String ledgerSchema,
    Duration flushInterval,
    int batchRows,
    long batchBytes)
    implements Serializable {

  public SinkOptions {
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(ledgerSchema, "ledgerSchema");
    Objects.requireNonNull(flushInterval, "flushInterval");
    if (batchRows < 1 || batchBytes < 1) {
      throw new IllegalArgumentException(
          "A batch needs room: batchRows=" + batchRows + " batchBytes=" + batchBytes);
    }
  }
}
