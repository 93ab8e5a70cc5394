package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Retries;
import io.github.pg2adb.schema.AfterLoad;
import io.github.pg2adb.schema.AfterLoad.Stage;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The schema phase's second half, beside the readers and writers: waits until the ledger has every
 * row, creates what would lock tables for long while the WAL's reader waits, says that changes may
 * come, and creates the rest when the tables are consistent. What is done stands in the ledger and
 * in the destination's catalog, so that a restart goes on where this one ended.
 *
 * <p>{@link #run} is for one thread, {@link #cancel} for any other.
 */
final class SchemaCompletion {

  private static final Duration FIRST_LOOK = Duration.ofMillis(50);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final Options options;
  private final AfterLoad afterLoad;
  private final List<TableName> tables;
  private final CountDownLatch cancelled = new CountDownLatch(1);

  SchemaCompletion(Options options) {
    this.options = options;
    this.afterLoad = new AfterLoad(options.objects());
    this.tables = options.objects().schema().tables().stream().map(TableSchema::name).toList();
  }

  /**
   * What to create and when.
   *
   * @param task the task's name
   * @param objects where and for which tables
   * @param loading whether the task copies rows, which are to be awaited
   * @param ledger knows what is loaded and what is done
   * @param retry for how long to try again after failures
   */
  record Options(
      String task,
      AfterLoad.Options objects,
      boolean loading,
      MigrationLedger ledger,
      RetryLimits retry)
      implements Serializable {}

  /**
   * Does all of it, again and again while a server is away.
   *
   * @throws MigrationException if trying again does not help
   */
  void run() throws InterruptedException {
    Retries retries =
        Retries.of("Task " + options.task() + " creating indexes and views", options.retry());
    while (cancelled.getCount() > 0) {
      try {
        complete();
        retries.succeeded();
        return;
      } catch (MigrationException e) {
        if (cancelled.getCount() > 0) {
          isCancelledWithin(retries.again(e));
        }
      }
    }
  }

  /** Makes {@link #run} end soon. */
  void cancel() {
    cancelled.countDown();
    afterLoad.cancel();
  }

  private boolean isCancelledWithin(Duration time) throws InterruptedException {
    return cancelled.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void complete() throws InterruptedException {
    String selection = MigrationLedger.selectionKey(tables);
    try (MigrationLedger.Session ledger = options.ledger().open()) {
      if (ledger.hasEvent(MigrationLedger.SCHEMA_COMPLETE, selection)) {
        return;
      }
      if (options.loading() && !await(() -> ledger.isLoaded(tables))) {
        return;
      }
      Set<TableName> inSeveralChunks =
          ledger.plannedChunks().stream().map(Chunk::table).collect(Collectors.toSet());
      if (!ledger.hasEvent(MigrationLedger.READY_FOR_CHANGES, selection)) {
        create(ledger, Stage.BEFORE_CHANGES, inSeveralChunks);
        ledger.recordEvent(
            MigrationLedger.READY_FOR_CHANGES,
            selection,
            "Indexes and constraints are created, so that changes may be applied.");
      }
      create(ledger, Stage.BESIDE_CHANGES, inSeveralChunks);
      if (options.loading() && options.objects().changing() && !awaitConsistent(ledger)) {
        return;
      }
      create(ledger, Stage.WHEN_CONSISTENT, inSeveralChunks);
      ledger.recordEvent(
          MigrationLedger.SCHEMA_COMPLETE,
          selection,
          "Indexes, constraints, views and comments are created as far as the destination takes them.");
    }
  }

  private void create(MigrationLedger.Session ledger, Stage stage, Set<TableName> inSeveralChunks) {
    SchemaEvents.record(ledger, afterLoad.create(Set.of(stage), inSeveralChunks));
  }

  private boolean awaitConsistent(MigrationLedger.Session ledger) throws InterruptedException {
    Lsn newest =
        ledger.loadedChunks().stream().map(LoadedChunk::snapshotLsn).reduce(Lsn.NONE, Lsn::max);
    return await(() -> ledger.position().map(position -> !position.isBefore(newest)).orElse(false));
  }

  /**
   * Waits until it is so.
   *
   * @return whether it is, rather than that it was cancelled
   */
  private boolean await(BooleanSupplier fact) throws InterruptedException {
    Duration wait = FIRST_LOOK;
    while (cancelled.getCount() > 0) {
      if (fact.getAsBoolean()) {
        return true;
      }
      isCancelledWithin(wait);
      wait = wait.compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(3).dividedBy(2) : LONGEST_WAIT;
    }
    return false;
  }
}
