package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * A source without records that completes the schema: so the dashboard shows the work as a task of
 * its own, and its failure restarts it alone. A bounded job ends after it. In a job that follows
 * changes it stays open when its work is done, since Flink refuses a savepoint that it triggers
 * while a task ends. It has no splits and no state, since the ledger knows what is done. Runs in
 * one subtask.
 */
final class CompletionSource
    implements Source<Boolean, CompletionSource.NoSplit, Integer>, ResultTypeQueryable<Boolean> {

  private static final long serialVersionUID = 1L;

  private final SchemaCompletion.Options options;

  CompletionSource(SchemaCompletion.Options options) {
    this.options = options;
  }

  @Override
  public Boundedness getBoundedness() {
    return isBounded() ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
  }

  private boolean isBounded() {
    return !options.objects().changing();
  }

  @Override
  public TypeInformation<Boolean> getProducedType() {
    return Types.BOOLEAN;
  }

  @Override
  public SourceReader<Boolean, NoSplit> createReader(SourceReaderContext context) {
    return new Reader(new SchemaCompletion(options), options.task(), isBounded());
  }

  @Override
  public SplitEnumerator<NoSplit, Integer> createEnumerator(
      SplitEnumeratorContext<NoSplit> context) {
    return new Enumerator();
  }

  @Override
  public SplitEnumerator<NoSplit, Integer> restoreEnumerator(
      SplitEnumeratorContext<NoSplit> context, Integer state) {
    return new Enumerator();
  }

  @Override
  public SimpleVersionedSerializer<NoSplit> getSplitSerializer() {
    return new Empty<>(new NoSplit());
  }

  @Override
  public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
    return new Empty<>(0);
  }

  /** There is none. */
  record NoSplit() implements SourceSplit {
    @Override
    public String splitId() {
      return "none";
    }
  }

  private static final class Enumerator implements SplitEnumerator<NoSplit, Integer> {
    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, @Nullable String hostname) {}

    @Override
    public void addSplitsBack(List<NoSplit> splits, int subtask) {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public Integer snapshotState(long checkpointId) {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** Works on a thread of its own, so that checkpoints pass meanwhile. */
  private static final class Reader implements SourceReader<Boolean, NoSplit> {

    private static final long CLOSE_SECONDS = 20;

    private final SchemaCompletion completion;
    private final boolean isBounded;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CompletableFuture<Void> available = new CompletableFuture<>();
    private final Thread thread;

    Reader(SchemaCompletion completion, String task, boolean isBounded) {
      this.completion = completion;
      this.isBounded = isBounded;
      this.thread = new Thread(this::work, "pg2adb " + task + " completes the schema");
      thread.setDaemon(true);
    }

    private void work() {
      try {
        completion.run();
        if (isBounded) {
          end.complete(null);
          available.complete(null);
        }
      } catch (InterruptedException | RuntimeException | Error e) {
        end.completeExceptionally(e);
        available.complete(null);
      }
    }

    @Override
    public void start() {
      thread.start();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Boolean> output) throws Exception {
      if (!end.isDone()) {
        return InputStatus.NOTHING_AVAILABLE;
      }
      try {
        end.join();
      } catch (java.util.concurrent.CompletionException e) {
        throw toFlink(e.getCause() == null ? e : e.getCause());
      }
      return InputStatus.END_OF_INPUT;
    }

    private static Exception toFlink(Throwable error) {
      if (error instanceof MigrationException ours) {
        boolean passes =
            ours.kind() == ErrorKind.RETRY_CONNECTION || ours.kind() == ErrorKind.RETRY_TRANSACTION;
        return passes ? ours : new SuppressRestartsException(ours);
      }
      return error instanceof Exception exception ? exception : new IllegalStateException(error);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return available;
    }

    @Override
    public List<NoSplit> snapshotState(long checkpointId) {
      return List.of();
    }

    @Override
    public void addSplits(List<NoSplit> splits) {}

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {
      completion.cancel();
      try {
        thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Writes nothing and reads the one value that there is. */
  private record Empty<T>(T value) implements SimpleVersionedSerializer<T> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(T ignored) {
      return new byte[0];
    }

    @Override
    public T deserialize(int version, byte[] bytes) throws IOException {
      return value;
    }
  }
}
