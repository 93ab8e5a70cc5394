package io.github.pg2adb.model;

/** What a task does with tables that the destination has and that the task did not create. */
public enum OnExistingTable {
  /** The schema phase does not start, nor does a copy into a table with rows. */
  FAIL("fail"),
  /** They and their rows stay: the copy adds what they lack, changes overwrite. */
  KEEP("keep");

  private final String word;

  OnExistingTable(String word) {
    this.word = word;
  }

  /** The word that the task file uses. */
  public String word() {
    return word;
  }
}
