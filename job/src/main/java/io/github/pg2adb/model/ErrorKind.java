package io.github.pg2adb.model;

/** Whose fault an error is and what happens next. */
public enum ErrorKind {
  /**
   * A connection was lost or refused, or a server is starting, stopping or in recovery: try again,
   * for long.
   */
  RETRY_CONNECTION,
  /**
   * A transaction lost against another one (deadlock, serialization, lock timeout) or met a
   * read-only server: try again.
   */
  RETRY_TRANSACTION,
  /** Trying again would fail again: the job stops with the reason. */
  FAIL,
  /** The task file, the command line or a server's setting is wrong: an operator must act. */
  OPERATOR
}
