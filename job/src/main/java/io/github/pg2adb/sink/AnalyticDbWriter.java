package io.github.pg2adb.sink;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.RowLookup;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.postgres.Retries;
import java.io.IOException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.IntStream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects changes on Flink's task thread and hands them to a {@link Worker}.
 *
 * <p>Blocks of chunks go on as they come, a few at a time. Source transactions collapse into a
 * batch that is handed on when it is large enough, when its first change is old enough, and at a
 * checkpoint; one batch is written while the next collects, and when that is full too, {@link
 * #write} waits. A batch ends between source transactions. A source transaction that comes in
 * pieces is written as one or more batches of its own in one destination transaction, which may
 * stay open across checkpoints: Flink's state names it as unread until its end.
 */
final class AnalyticDbWriter implements SinkWriter<Change>, Change.Visitor<Exception> {

  private static final Logger LOG = LoggerFactory.getLogger(AnalyticDbWriter.class);

  /** Blocks of chunks that wait for the worker; each has about 256 KiB. */
  private static final int WAITING_BLOCKS = 4;

  /**
   * From this many changed rows on a table gets temp tables of its own: below, every statement
   * reads past the rows of the other tables in the stage that they share.
   */
  private static final int OWN_STAGE_ROWS = 2_000;

  private final SinkOptions options;
  private final MailboxExecutor mailbox;
  private final ProcessingTimeService clock;
  private final Worker worker;
  private final WriterMetrics metrics;
  private final Map<TableName, SourceTable> tables = new HashMap<>();
  private final IdentityHashMap<Relation, SourceTable> tablesByShape = new IdentityHashMap<>();
  private PendingBatch pending = new PendingBatch();
  private Destination.@Nullable Resume resume;
  private Lsn reached = Lsn.NONE;
  private long durable;
  private boolean dropping;
  private @Nullable ScheduledFuture<?> timer;
  private boolean due;

  private AnalyticDbWriter(
      SinkOptions options, RowLookup lookup, WriterInitContext context, int ownStageRows) {
    this.options = options;
    this.mailbox = context.getMailboxExecutor();
    this.clock = context.getProcessingTimeService();
    int subtask = context.getTaskInfo().getIndexOfThisSubtask();
    String name = "pg2adb " + options.task() + " writer " + subtask;
    Retries retries = options.retries(subtask);
    this.metrics = new WriterMetrics(context.metricGroup(), retries);
    Destination destination =
        new Destination(options, lookup, metrics, retries, name, ownStageRows);
    this.worker = Worker.start(destination, retries, name, this::failed);
  }

  /** Starts a writer, which connects beside the task thread. */
  static AnalyticDbWriter start(SinkOptions options, RowLookup lookup, WriterInitContext context) {
    return start(options, lookup, context, OWN_STAGE_ROWS);
  }

  /**
   * As {@link #start(SinkOptions, RowLookup, WriterInitContext)}.
   *
   * @param ownStageRows from how many changed rows on a table gets temp tables of its own
   */
  static AnalyticDbWriter start(
      SinkOptions options, RowLookup lookup, WriterInitContext context, int ownStageRows) {
    AnalyticDbWriter writer = new AnalyticDbWriter(options, lookup, context, ownStageRows);
    writer.worker.submitFirst(Destination::open);
    return writer;
  }

  @Override
  public void write(Change change, Context context) throws IOException, InterruptedException {
    worker.check();
    try {
      change.accept(this);
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  @Override
  public void visit(SnapshotBlock block) throws IOException, InterruptedException {
    metrics.received(block.rows());
    submitPending();
    long number = worker.submit(destination -> destination.load(block), WAITING_BLOCKS);
    if (block.last()) {
      durable = number;
    }
  }

  @Override
  public void visit(Position position) {
    metrics.received(0);
    if (position.lsn().isAfter(reached)) {
      reached = position.lsn();
      pending.moveTo(reached);
    }
  }

  @Override
  public void visit(TransactionBatch batch) throws IOException, InterruptedException {
    metrics.received(batch.changes());
    if (resume == null) {
      resume = worker.ask(Destination::resume);
      reached = Lsn.max(reached, resume.position());
    }
    tablesByShape.clear();
    for (Transaction transaction : batch.transactions()) {
      add(transaction);
    }
  }

  private void add(Transaction transaction) throws IOException, InterruptedException {
    if (transaction.first()) {
      dropping = transaction.commitLsn().isBefore(reached);
    }
    if (dropping) {
      return;
    }
    if (!transaction.isWhole() && transaction.first()) {
      submitPending();
    }
    pending.begin(transaction);
    for (TransactionEvent event : transaction.events()) {
      if (event instanceof RowChange change) {
        add(transaction, change);
      } else if (event instanceof Truncate truncate) {
        add(transaction, truncate);
      }
    }
    if (transaction.last()) {
      reached = transaction.endLsn();
    }
    if (isFull() || (transaction.last() && !transaction.isWhole())) {
      submitPending();
    } else if (transaction.isWhole()) {
      startTimer();
    }
  }

  private void add(Transaction transaction, RowChange change)
      throws IOException, InterruptedException {
    SourceTable table = tableOf(change.relation());
    SourceTable.Verdict verdict = table.judge(transaction);
    if (verdict != SourceTable.Verdict.SKIP) {
      pending.add(table, change, verdict == SourceTable.Verdict.REPLAY);
    }
  }

  private void add(Transaction transaction, Truncate truncate) {
    for (TableName table : truncate.tables()) {
      if (SourceTable.judge(handOff(table), transaction) != SourceTable.Verdict.SKIP) {
        pending.truncate(table, truncate.restartIdentity());
      }
    }
  }

  private boolean isFull() {
    return pending.changes() >= options.batchRows() || pending.bytes() >= options.batchBytes();
  }

  private @Nullable HandOff handOff(TableName table) {
    return resume == null ? null : resume.handOffs().get(table);
  }

  private SourceTable tableOf(Relation relation) throws IOException, InterruptedException {
    SourceTable table = tablesByShape.get(relation);
    if (table == null) {
      table = tables.get(relation.table());
      if (table == null || !table.relation().equals(relation)) {
        table =
            new SourceTable(
                relation, keyOf(relation), writtenOf(relation), handOff(relation.table()));
        tables.put(relation.table(), table);
      }
      tablesByShape.put(relation, table);
    }
    return table;
  }

  /**
   * The replica identity's columns; where that is the whole row or nothing, the destination's
   * primary key, or the source's where segments could not have it; but for a column that has the
   * same value in all rows of the source table.
   */
  private int[] keyOf(Relation relation) throws IOException, InterruptedException {
    List<Relation.Column> columns = relation.columns();
    int[] identity =
        IntStream.range(0, columns.size()).filter(i -> columns.get(i).identity()).toArray();
    if (relation.identity() != ReplicaIdentity.FULL && identity.length > 0) {
      return identity;
    }
    TableRoute route = options.routes().of(relation.table());
    List<String> names =
        columns.stream().map(column -> route.column(column.name()).orElse("")).toList();
    String constant = route.constant().map(TableRoute.ConstantColumn::name).orElse("");
    int[] key =
        worker.ask(destination -> destination.primaryKey(route)).stream()
            .filter(name -> !name.equals(constant))
            .mapToInt(names::indexOf)
            .toArray();
    return IntStream.of(key).anyMatch(i -> i < 0) ? new int[0] : key;
  }

  private int[] writtenOf(Relation relation) {
    TableRoute route = options.routes().of(relation.table());
    List<Relation.Column> columns = relation.columns();
    return IntStream.range(0, columns.size())
        .filter(i -> route.column(columns.get(i).name()).isPresent())
        .toArray();
  }

  private void submitPending() throws IOException, InterruptedException {
    due = false;
    if (pending.isEmpty()) {
      return;
    }
    PendingBatch batch = pending;
    pending = new PendingBatch();
    long number =
        worker.submit(
            destination -> {
              destination.apply(batch);
              mail(this::batchWritten, "continue after a batch");
            },
            1);
    if (!batch.leavesOpen()) {
      durable = number;
    }
  }

  private void startTimer() {
    if (timer == null) {
      timer =
          clock.registerTimer(
              clock.getCurrentProcessingTime() + options.flushInterval().toMillis(),
              time -> flushInterval());
    }
  }

  private void flushInterval() throws IOException, InterruptedException {
    timer = null;
    due = true;
    if (worker.isIdle()) {
      submitPending();
    }
  }

  private void batchWritten() throws IOException, InterruptedException {
    if (due) {
      submitPending();
    }
  }

  /** Waits until everything whole is durable; an open chunk or large transaction stays open. */
  @Override
  public void flush(boolean endOfInput) throws IOException, InterruptedException {
    submitPending();
    worker.await(durable);
  }

  private void failed() {
    mail(worker::check, "fail with the writer's error");
  }

  private void mail(ThrowingRunnable<? extends Exception> command, String description) {
    try {
      mailbox.execute(command, description);
    } catch (RejectedExecutionException e) {
      LOG.debug("The task is ending, so nobody needs to {}", description);
    }
  }

  @Override
  public void close() {
    worker.stop();
  }
}
