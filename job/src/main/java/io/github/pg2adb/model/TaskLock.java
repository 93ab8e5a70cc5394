package io.github.pg2adb.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;

/**
 * The advisory lock of the destination's database that who runs a task holds.
 *
 * @param key the lock's key: every run of the task computes the same, and other tasks others
 */
public record TaskLock(long key) {

  /** After how long without a statement a holder is taken for dead: ten of its beats. */
  public static final Duration SILENCE = Duration.ofSeconds(30);

  /** The lock of a task whose ledger is in this schema. */
  public static TaskLock of(String ledgerSchema, String task) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(("pg2adb\0" + ledgerSchema + '\0' + task).getBytes(StandardCharsets.UTF_8));
      return new TaskLock(ByteBuffer.wrap(digest).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }

  /** {@code classid} in {@code pg_locks}, which shows a key of 64 bits as two halves. */
  public long classId() {
    return key >>> Integer.SIZE;
  }

  /** {@code objid} in {@code pg_locks}. */
  public long objectId() {
    return key & 0xFFFF_FFFFL;
  }
}
