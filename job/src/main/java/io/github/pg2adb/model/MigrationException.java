package io.github.pg2adb.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error with what a person needs: what could not be done to which object and why, and a hint
 * that says what to do. Neither names row values or secrets.
 */
public final class MigrationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;
  private final String hint;

  /**
   * @param kind what happens next
   * @param message {@code Cannot <verb> <object "name">: <reason with values>}
   * @param hint one sentence that says what to do, empty if there is nothing
   * @param cause what was thrown below, kept
   */
  public MigrationException(
      ErrorKind kind, String message, String hint, @Nullable Throwable cause) {
    super(hint.isEmpty() ? message : message + " Hint: " + hint, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
    this.hint = hint;
  }

  public MigrationException(ErrorKind kind, String message, String hint) {
    this(kind, message, hint, null);
  }

  public ErrorKind kind() {
    return kind;
  }

  public String hint() {
    return hint;
  }
}
