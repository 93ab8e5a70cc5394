package io.github.pg2adb.model;

/** What a task does, in this order. */
public enum Phase {
  /** Create schemas, types and tables in the destination. */
  SCHEMA("schema"),
  /** Copy the rows that are there. */
  FULL("full"),
  /** Apply every change from then on. */
  INCREMENTAL("incremental");

  private final String word;

  Phase(String word) {
    this.word = word;
  }

  /** The word that the task file uses. */
  public String word() {
    return word;
  }
}
