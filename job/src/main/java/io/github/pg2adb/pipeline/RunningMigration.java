package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.util.ExceptionUtils;
import org.jspecify.annotations.Nullable;

/**
 * A Flink job that was started. Closing cancels it if it still runs; what it has done stays, and
 * the next start goes on from there.
 */
public final class RunningMigration implements AutoCloseable {

  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(60);

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
    try {
      String savepoint =
          client
              .stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL)
              .get(time.toMillis(), TimeUnit.MILLISECONDS);
      end.get(time.toMillis(), TimeUnit.MILLISECONDS);
      return savepoint;
    } catch (ExecutionException | TimeoutException e) {
      Throwable reason = e.getCause() == null ? e : reason(e.getCause());
      throw new MigrationException(
          ErrorKind.FAIL,
          "Cannot stop the job " + jobId() + " with a savepoint: " + reason.getMessage(),
          "",
          reason);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the job stops", e);
    }
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
