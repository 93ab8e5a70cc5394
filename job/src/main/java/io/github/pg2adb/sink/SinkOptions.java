package io.github.pg2adb.sink;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.postgres.Retries;
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
 * @param retry for how long to try again after failures
 * @param routes what the destination's tables and columns are called
 */
public record SinkOptions(
    String task,
    Endpoint endpoint,
    String ledgerSchema,
    Duration flushInterval,
    int batchRows,
    long batchBytes,
    RetryLimits retry,
    Routes routes)
    implements Serializable {

  /** Options with {@link RetryLimits#DEFAULT} and names as at the source. */
  public SinkOptions(
      String task,
      Endpoint endpoint,
      String ledgerSchema,
      Duration flushInterval,
      int batchRows,
      long batchBytes) {
    this(task, endpoint, ledgerSchema, flushInterval, batchRows, batchBytes, RetryLimits.DEFAULT);
  }

  /** Options with names as at the source. */
  public SinkOptions(
      String task,
      Endpoint endpoint,
      String ledgerSchema,
      Duration flushInterval,
      int batchRows,
      long batchBytes,
      RetryLimits retry) {
    this(
        task,
        endpoint,
        ledgerSchema,
        flushInterval,
        batchRows,
        batchBytes,
        retry,
        Routes.AS_SOURCE);
  }

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

  /** The count of one writer's failures. */
  Retries retries(int writer) {
    return Retries.of("Task " + task + " writing " + endpoint + " (writer " + writer + ")", retry);
  }
}
