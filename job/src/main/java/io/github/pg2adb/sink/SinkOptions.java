package io.github.pg2adb.sink;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Retries;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
 * @param keptTables the tables whose rows stay where the source's are copied beside them, unless
 *     the task created them: the columns that identify a row, none if only the whole row does
 * @param keys the primary keys of tables whose whole rows are in the WAL, for those that have none
 *     in the destination
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
    Map<TableName, List<String>> keptTables,
    Map<TableName, List<String>> keys,
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
        Map.of(),
        Map.of(),
        Routes.AS_SOURCE);
  }

  public SinkOptions {
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(ledgerSchema, "ledgerSchema");
    Objects.requireNonNull(flushInterval, "flushInterval");
    keptTables = Map.copyOf(keptTables);
    keys = Map.copyOf(keys);
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
