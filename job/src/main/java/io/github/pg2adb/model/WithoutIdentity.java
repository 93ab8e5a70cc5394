package io.github.pg2adb.model;

/**
 * What a task that follows changes does with tables that have no replica identity: no primary key,
 * and neither REPLICA IDENTITY FULL nor USING INDEX. PostgreSQL publishes inserts of such a table
 * and nothing else, and would refuse the application's updates and deletes if it were asked to
 * publish those.
 */
public enum WithoutIdentity {
  /** The task does not start. */
  REFUSE("refuse"),
  /** Rows and inserts are replicated; updates and deletes are known to be missing. */
  INSERTS_ONLY("inserts-only");

  private final String word;

  WithoutIdentity(String word) {
    this.word = word;
  }

  /** The word that the task file uses. */
  public String word() {
    return word;
  }
}
