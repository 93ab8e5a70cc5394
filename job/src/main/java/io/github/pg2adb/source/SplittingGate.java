package io.github.pg2adb.source;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps Flink CDC's splitting thread and the enumerator's thread off each other's lists. The stock
 * assigner starts the thread before its metrics are there, which a fast splitter meets as a null,
 * and writes its state from lists that the thread still fills (FLINK-38061).
 *
 * <p>The thread asks the splitter once for the splits of a table, then adds them to the lists while
 * it asks twice whether there are more: the gate is closed from the first call to the last.
 */
final class SplittingGate {

  /** How often the assigner asks {@code hasNextChunk} for each {@code generateSplits}. */
  private static final int QUESTIONS = 2;

  private final CountDownLatch started = new CountDownLatch(1);
  private final ReentrantLock lists = new ReentrantLock();
  private int questions;

  /** The assigner is open; called by the enumerator. */
  void start() {
    started.countDown();
  }

  /** The splitting thread is about to fill the lists; waits for {@link #start}. */
  void enter() throws InterruptedException {
    started.await();
    if (!lists.isHeldByCurrentThread()) {
      lists.lockInterruptibly();
    }
    questions = QUESTIONS;
  }

  /**
   * The splitting thread has asked whether there are more; other threads ask too, and change
   * nothing.
   */
  void asked() {
    if (lists.isHeldByCurrentThread() && --questions == 0) {
      lists.unlock();
    }
  }

  /** The splitting thread gives up. */
  void fail() {
    if (lists.isHeldByCurrentThread()) {
      lists.unlock();
    }
  }

  /** Keeps the lists as they are until {@link #release}. */
  void hold() {
    lists.lock();
  }

  void release() {
    lists.unlock();
  }
}
