package io.github.pg2adb.model;

/** What becomes of a partitioned table. */
public enum SinkPartitions {
  /** The source's partitions, and a default one for rows that no partition is there for. */
  NATIVE("native"),
  /** The source's partitions alone: a row without one stops the task. */
  EXACT("exact"),
  /** One plain table. */
  PLAIN("plain");

  private final String word;

  SinkPartitions(String word) {
    this.word = word;
  }

  /** The word that the task file uses. */
  public String word() {
    return word;
  }
}
