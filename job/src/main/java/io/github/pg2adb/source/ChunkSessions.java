package io.github.pg2adb.source;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.postgres.CopySession;
import io.github.pg2adb.postgres.Sessions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the session that has read a chunk for the next one: a new process of the server has the
 * pages of {@code shared_buffers} mapped one by one again, which takes as long as reading. A
 * session that nobody takes is closed after a moment. For any thread.
 */
final class ChunkSessions {

  private static final Logger LOG = LoggerFactory.getLogger(ChunkSessions.class);

  /** Longer than it takes from one chunk to the next. */
  private static final Duration IDLE = Duration.ofSeconds(1);

  private static final int CHECK_SECONDS = 5;

  private final Endpoint endpoint;
  private @Nullable CopySession idle;
  private long swaps;

  ChunkSessions(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Takes the session that was kept, if it still answers, or opens one.
   *
   * @throws io.github.pg2adb.model.MigrationException if the server cannot be reached or refuses
   */
  Lease take() throws SQLException {
    CopySession kept = swap(null);
    if (kept != null && kept.connection().isValid(CHECK_SECONDS)) {
      return new Lease(kept);
    }
    close(kept);
    return new Lease(Sessions.openCopy(endpoint, "pg2adb snapshot"));
  }

  private synchronized @Nullable CopySession swap(@Nullable CopySession next) {
    CopySession previous = idle;
    idle = next;
    swaps++;
    return previous;
  }

  private void keep(CopySession session) {
    CopySession previous;
    long kept;
    synchronized (this) {
      previous = swap(session);
      kept = swaps;
    }
    close(previous);
    CompletableFuture.delayedExecutor(IDLE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> closeIdle(kept));
  }

  /** Unless the session was taken since, even if it is back again. */
  private void closeIdle(long kept) {
    CopySession session = null;
    synchronized (this) {
      if (swaps == kept) {
        session = swap(null);
      }
    }
    close(session);
  }

  private static void close(@Nullable CopySession session) {
    if (session != null) {
      try {
        session.close();
      } catch (SQLException e) {
        LOG.warn("Cannot close a session that has read a chunk", e);
      }
    }
  }

  /** The use of a session for one chunk. For one thread. */
  final class Lease implements AutoCloseable {

    private final CopySession session;
    private boolean kept;

    private Lease(CopySession session) {
      this.session = session;
    }

    CopySession session() {
      return session;
    }

    /** Leaves the session to the next chunk; it has no transaction open. */
    void keep() {
      kept = true;
    }

    @Override
    public void close() throws SQLException {
      if (kept) {
        ChunkSessions.this.keep(session);
      } else {
        session.close();
      }
    }
  }
}
