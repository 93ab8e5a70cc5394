package io.github.pg2adb.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.RowLookup;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.concurrent.NeverCompleteFuture;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/**
 * A writer without a Flink job: the test is the task thread, time stands still, and a close without
 * checkpoint is a crash.
 */
final class WriterHarness implements AutoCloseable {

  static final String TASK = "test";
  static final String LEDGER = "pg2adb";

  private final SinkOptions options;
  private final ConcurrentLinkedQueue<ThrowingRunnable<? extends Exception>> mails =
      new ConcurrentLinkedQueue<>();
  private final List<ProcessingTimeService.ProcessingTimeCallback> timers = new ArrayList<>();
  private final AnalyticDbWriter writer;

  private WriterHarness(SinkOptions options, RowLookup lookup, int subtask) {
    this.options = options;
    this.writer =
        (AnalyticDbWriter) AnalyticDbSink.of(options, lookup).createWriter(new Context(subtask));
  }

  private WriterHarness(SinkOptions options, RowLookup lookup, int subtask, int ownStageRows) {
    this.options = options;
    this.writer = AnalyticDbWriter.start(options, lookup, new Context(subtask), ownStageRows);
  }

  static SinkOptions options(TestDatabase database) {
    return options(database.endpoint());
  }

  static SinkOptions options(Endpoint endpoint) {
    return new SinkOptions(TASK, endpoint, LEDGER, Duration.ofMillis(500), 10_000, 64L << 20);
  }

  /** A writer whose ledger starts where {@link Wal} does, and which must not need the source. */
  static WriterHarness start(TestDatabase database) throws Exception {
    return start(database, new SourceRows());
  }

  static WriterHarness start(TestDatabase database, RowLookup lookup) throws Exception {
    return start(options(database), lookup, 0);
  }

  /** A writer whose tables have stages of their own from so many rows on. */
  static WriterHarness startStaging(TestDatabase database, RowLookup lookup, int ownStageRows)
      throws Exception {
    try (MigrationLedger.Session ledger = JdbcLedger.of(options(database)).open()) {
      ledger.recordStart(Wal.START);
    }
    return new WriterHarness(options(database), lookup, 0, ownStageRows);
  }

  static WriterHarness start(SinkOptions options, RowLookup lookup, int subtask) throws Exception {
    try (MigrationLedger.Session ledger = JdbcLedger.of(options).open()) {
      ledger.recordStart(Wal.START);
    }
    return new WriterHarness(options, lookup, subtask);
  }

  WriterHarness write(Change... changes) throws Exception {
    for (Change change : changes) {
      unwrapped(() -> writer.write(change, null));
      deliverMails();
    }
    return this;
  }

  WriterHarness checkpoint() throws Exception {
    unwrapped(() -> writer.flush(false));
    deliverMails();
    return this;
  }

  /** An error that stops the job comes in Flink's wrapping, and no other does. */
  private static void unwrapped(ThrowingRunnable<? extends Exception> action) throws Exception {
    try {
      action.run();
    } catch (SuppressRestartsException e) {
      MigrationException error = (MigrationException) e.getCause();
      assertThat(error.kind()).isIn(ErrorKind.FAIL, ErrorKind.OPERATOR);
      throw error;
    } catch (MigrationException e) {
      assertThat(e.kind()).isIn(ErrorKind.RETRY_CONNECTION, ErrorKind.RETRY_TRANSACTION);
      throw e;
    }
  }

  /** Lets the flush interval pass. */
  void fireTimers() throws Exception {
    List<ProcessingTimeService.ProcessingTimeCallback> due = List.copyOf(timers);
    timers.clear();
    for (ProcessingTimeService.ProcessingTimeCallback timer : due) {
      timer.onProcessingTime(0);
    }
  }

  void deliverMails() throws Exception {
    for (ThrowingRunnable<? extends Exception> mail = mails.poll();
        mail != null;
        mail = mails.poll()) {
      unwrapped(mail);
    }
  }

  Lsn position() {
    try (MigrationLedger.Session ledger = JdbcLedger.of(options).open()) {
      return ledger.position().orElseThrow();
    }
  }

  @Override
  public void close() {
    writer.close();
  }

  /** The source's present rows, all of whose columns are text, for writers that read them again. */
  static final class SourceRows implements RowLookup {
    private static final long serialVersionUID = 1L;

    private final List<Tuple> rows = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    SourceRows row(@Nullable String... values) {
      rows.add(Tuple.of(values));
      return this;
    }

    /** The keys that were asked for; the key is the first column. */
    List<String> asked() {
      return asked;
    }

    @Override
    public List<Tuple> read(
        TableName table, List<String> columns, List<String> keyColumns, List<Tuple> keys) {
      List<Tuple> found = new ArrayList<>();
      for (Tuple key : keys) {
        asked.add(String.valueOf(key.text(0)));
        rows.stream().filter(row -> row.sameValue(0, key, 0)).forEach(found::add);
      }
      return found;
    }
  }

  private final class Context implements WriterInitContext, ProcessingTimeService, MailboxExecutor {
    private final int subtask;

    Context(int subtask) {
      this.subtask = subtask;
    }

    @Override
    public TaskInfo getTaskInfo() {
      return new TaskInfoImpl("writer", 8, subtask, 8, 0);
    }

    @Override
    public MailboxExecutor getMailboxExecutor() {
      return this;
    }

    @Override
    public ProcessingTimeService getProcessingTimeService() {
      return this;
    }

    @Override
    public SinkWriterMetricGroup metricGroup() {
      return UnregisteredMetricsGroup.createSinkWriterMetricGroup();
    }

    @Override
    public long getCurrentProcessingTime() {
      return 0;
    }

    @Override
    public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
      timers.add(target);
      return new NeverCompleteFuture(0);
    }

    @Override
    public void execute(
        MailOptions mailOptions,
        ThrowingRunnable<? extends Exception> command,
        String descriptionFormat,
        Object... descriptionArgs) {
      mails.add(command);
    }

    @Override
    public void yield() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean tryYield() {
      return false;
    }

    @Override
    public boolean shouldInterrupt() {
      return false;
    }

    @Override
    public OptionalLong getRestoredCheckpointId() {
      return OptionalLong.empty();
    }

    @Override
    public JobInfo getJobInfo() {
      throw new UnsupportedOperationException();
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isObjectReuseEnabled() {
      return false;
    }

    @Override
    public <T> TypeSerializer<T> createInputSerializer() {
      throw new UnsupportedOperationException();
    }
  }
}
