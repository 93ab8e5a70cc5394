package io.github.pg2adb.sink;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.postgres.Retries;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One thread that does everything in the destination in the order in which it is submitted. After
 * the first error that trying again does not mend it does nothing more, and every method but {@link
 * #stop} throws that error.
 */
final class Worker {

  /** Something to do in the destination. */
  interface Task {
    void run(Destination destination);
  }

  private static final long CLOSE_SECONDS = 20;

  private final Destination destination;
  private final Retries retries;
  private final Runnable onFailure;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Task> queue = new ArrayDeque<>();
  private long submitted;
  private long completed;
  private boolean closed;
  private @Nullable Throwable failure;

  private Worker(Destination destination, Retries retries, String name, Runnable onFailure) {
    this.destination = destination;
    this.retries = retries;
    this.onFailure = onFailure;
    this.thread = new Thread(this::work, name);
    thread.setDaemon(true);
  }

  /**
   * @param retries says how often a task is tried again
   * @param onFailure called once, by the worker's thread, after an error
   */
  static Worker start(Destination destination, Retries retries, String name, Runnable onFailure) {
    Worker worker = new Worker(destination, retries, name, onFailure);
    worker.thread.start();
    return worker;
  }

  /** Hands over a task before there are others. */
  void submitFirst(Task task) {
    lock.lock();
    try {
      queue.add(task);
      submitted++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands over a task, first waiting until fewer than {@code limit} others are unfinished.
   *
   * @return the task's number, for {@link #await}
   */
  long submit(Task task, int limit) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (submitted - completed >= limit) {
        check();
        changed.await();
      }
      check();
      queue.add(task);
      changed.signalAll();
      return ++submitted;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this task and all before it are done. */
  void await(long number) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (completed < number) {
        check();
        changed.await();
      }
      check();
    } finally {
      lock.unlock();
    }
  }

  /** Does something after all that was submitted and waits for its result. */
  <T> T ask(Function<Destination, T> question) throws IOException, InterruptedException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    await(submit(destination -> answer.complete(question.apply(destination)), Integer.MAX_VALUE));
    return answer.join();
  }

  /** Whether everything submitted is done. */
  boolean isIdle() {
    lock.lock();
    try {
      return submitted == completed;
    } finally {
      lock.unlock();
    }
  }

  /** Throws the worker's error if there was one. */
  void check() throws IOException {
    lock.lock();
    try {
      Throwable error = failure;
      if (error instanceof RuntimeException exception) {
        throw SinkErrors.toFlink(exception);
      } else if (error instanceof Error fatal) {
        throw fatal;
      } else if (closed) {
        throw new IOException("The writer is closed");
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      for (Task task = next(); task != null; task = next()) {
        run(task);
        finished();
      }
    } catch (InterruptedException e) {
      fail(new IllegalStateException("The writer's thread was interrupted", e));
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      destination.close();
    }
  }

  /**
   * Runs a task, again and again while that may help. What spans tasks, an open chunk or large
   * transaction, is lost with its destination transaction, and only the source has it.
   */
  private void run(Task task) throws InterruptedException {
    while (true) {
      boolean repeatable = destination.isBetweenTransactions();
      try {
        task.run(destination);
        return;
      } catch (MigrationException e) {
        if (isClosed()) {
          throw e;
        }
        if (!repeatable || !destination.mayRepeat()) {
          retries.restart(e);
          throw e;
        }
        Duration wait = retries.again(e);
        destination.reset();
        if (isClosedWithin(wait)) {
          throw e;
        }
      }
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosedWithin(Duration time) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = time.toNanos();
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Task next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (queue.isEmpty() && !closed) {
        changed.await();
      }
      return closed ? null : queue.remove();
    } finally {
      lock.unlock();
    }
  }

  private void finished() {
    lock.lock();
    try {
      completed++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable error) {
    boolean wanted;
    lock.lock();
    try {
      failure = error;
      queue.clear();
      wanted = !closed;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (wanted) {
      onFailure.run();
    }
  }

  /** Stops, rolling back what is not committed. A statement that runs is cancelled. */
  void stop() {
    boolean busy;
    lock.lock();
    try {
      closed = true;
      queue.clear();
      busy = submitted > completed && failure == null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (busy) {
      destination.cancel();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      destination.abort();
      thread.interrupt();
    }
  }
}
