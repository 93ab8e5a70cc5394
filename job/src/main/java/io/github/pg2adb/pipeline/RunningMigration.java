package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException;
import org.apache.flink.util.ExceptionUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flink job that was started. Closing cancels it if it still runs; what it has done stays, and
 * the next start goes on from there.
 */
public final class RunningMigration implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunningMigration.class);

  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_RETRY = Duration.ofMillis(500);

  private final JobClient client;
  private final CompletableFuture<?> end;
  private boolean cancelled;

  RunningMigration(JobClient client) {
    this.client = client;
    this.end = client.getJobExecutionResult();
  }

  /** Flink's id of the job. */
  public String jobId() {
    return client.getJobID().toHexString();
  }

  /** Whether the job has ended, well or badly. */
  public boolean isDone() {
    return end.isDone();
  }

  /** Why the job failed; empty while it runs and after it finished or was cancelled. */
  public Optional<Throwable> failure() {
    if (!end.isDone()) {
      return Optional.empty();
    }
    try {
      end.get(0, TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(reason(e.getCause() == null ? e : e.getCause()));
    } catch (CancellationException e) {
      return Optional.empty();
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * Waits until the job ends.
   *
   * @return whether it ended within the time
   * @throws MigrationException if it failed
   */
  public boolean await(Duration time) throws InterruptedException {
    try {
      end.get(time.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (ExceptionUtils.findThrowable(e, JobCancellationException.class).isPresent()) {
        cancelled = true;
        return true;
      }
      Throwable reason = reason(e.getCause() == null ? e : e.getCause());
      throw new MigrationException(
          ErrorKind.FAIL, "The job failed: " + reason.getMessage(), "", reason);
    }
  }

  /**
   * Ends the job with a savepoint, from which a later start, also of a newer version, can go on.
   *
   * @param folder a URI of a folder that Flink can write to
   * @return the savepoint's path
   * @throws MigrationException if the job failed or did not end in time
   */
  public String stopWithSavepoint(String folder, Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    try {
      while (true) {
        try {
          String savepoint =
              client
                  .stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL)
                  .get(left(deadline), TimeUnit.NANOSECONDS);
          end.get(left(deadline), TimeUnit.NANOSECONDS);
          return savepoint;
        } catch (ExecutionException e) {
          Optional<StopWithSavepointStoppingException> ended =
              ExceptionUtils.findThrowable(e, StopWithSavepointStoppingException.class);
          if (ended.isPresent()) {
            // the sink commits nothing after a savepoint, so it does not matter how a task ended
            LOG.warn("Job {} did not end well after its savepoint", jobId(), e);
            end.handle((result, error) -> true).get(left(deadline), TimeUnit.NANOSECONDS);
            return ended.get().getSavepointPath();
          }
          if (!mayStopLater(e)) {
            Throwable reason = reason(e.getCause() == null ? e : e.getCause());
            throw cannotStop(String.valueOf(reason.getMessage()), e);
          }
          LOG.warn("Job {} cannot be stopped with a savepoint yet", jobId(), e);
        }
        end.handle((result, error) -> true)
            .completeOnTimeout(true, STOP_RETRY.toMillis(), TimeUnit.MILLISECONDS)
            .get(left(deadline), TimeUnit.NANOSECONDS);
        if (end.isDone()) {
          throw cannotStop(
              failure().map(Throwable::getMessage).orElse("it has ended already"), null);
        }
      }
    } catch (ExecutionException | TimeoutException e) {
      throw cannotStop("it has not ended after " + time.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the job stops", e);
    }
  }

  private static long left(long deadline) {
    return Math.max(0, deadline - System.nanoTime());
  }

  /**
   * Whether the job goes on and takes a savepoint another time, such as one whose tasks have not
   * all started or are being restarted; a folder that cannot be written to stays so.
   */
  private boolean mayStopLater(ExecutionException failure) {
    return !end.isDone()
        && ExceptionUtils.findThrowable(failure, IOException.class).isEmpty()
        && ExceptionUtils.findThrowable(failure, CheckpointException.class).isPresent();
  }

  private MigrationException cannotStop(@Nullable String reason, @Nullable Exception cause) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot stop the job " + jobId() + " with a savepoint: " + reason,
        "",
        cause);
  }

  /** Whether {@link #await} has seen the job end because somebody cancelled it. */
  public boolean isCancelled() {
    return cancelled;
  }

  /** Our own error in the chain of causes, which says what to do; otherwise the innermost one. */
  private static Throwable reason(Throwable failure) {
    Optional<MigrationException> ours =
        ExceptionUtils.findThrowable(failure, MigrationException.class);
    return ours.isPresent() ? ours.get() : innermost(failure);
  }

  private static Throwable innermost(Throwable failure) {
    Throwable cause = failure;
    @Nullable Throwable next = failure.getCause();
    while (next != null) {
      cause = next;
      next = next.getCause();
    }
    return cause;
  }

  @Override
  public void close() {
    if (end.isDone()) {
      return;
    }
    try {
      client.cancel().get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      end.handle((result, error) -> true).get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot cancel the job " + jobId() + ": " + e.getMessage(), "", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
