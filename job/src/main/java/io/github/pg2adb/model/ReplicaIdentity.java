package io.github.pg2adb.model;

/**
 * What the WAL says of the old row of an update or delete.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/catalog-pg-class.html">pg_class.relreplident</a>
 */
public enum ReplicaIdentity {
  /** The primary key's columns, nothing without one. */
  DEFAULT('d'),
  /** Nothing: updates and deletes cannot be published. */
  NOTHING('n'),
  /** Every column. */
  FULL('f'),
  /** The columns of a chosen unique index. */
  INDEX('i');

  private final char code;

  ReplicaIdentity(char code) {
    this.code = code;
  }

  /** The catalog's letter. */
  public char code() {
    return code;
  }

  /**
   * The identity with this catalog letter.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ReplicaIdentity of(char code) {
    for (ReplicaIdentity identity : values()) {
      if (identity.code == code) {
        return identity;
      }
    }
    throw new IllegalArgumentException("No replica identity has the letter '" + code + "'");
  }
}
