package io.github.pg2adb.cli.demo;

import java.util.Optional;

/** A migration that was started. Closing stops it. */
public interface MigrationRun extends AutoCloseable {

  /** Why it ended before it was closed; empty while it runs. */
  Optional<Throwable> failure();

  @Override
  void close();
}
