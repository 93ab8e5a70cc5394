package io.github.pg2adb.precheck;

import io.github.pg2adb.model.MigrationException;
import org.jspecify.annotations.Nullable;

/** Says that something cannot or need not be looked at; the message is the reason. */
final class SkippedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final @Nullable MigrationException refusal;

  SkippedException(String reason) {
    this(reason, null);
  }

  /**
   * Where it is what another item reports.
   *
   * @param refusal the error
   */
  SkippedException(String reason, @Nullable MigrationException refusal) {
    super(reason, refusal);
    this.refusal = refusal;
  }

  /** The error that is the reason, for the item that reports it; null without one. */
  @Nullable MigrationException refusal() {
    return refusal;
  }
}
