package io.github.pg2adb.model;

import java.util.Locale;

/** How the destination stores a table's rows, by the words for it of a task file. */
public enum SinkStorage {
  /** Row by row, for updates. */
  HEAP,
  /** AnalyticDB's mixture of a row store for changes and a column store. */
  BEAM,
  /** Append-optimised, row by row. */
  AO_ROW,
  /** Append-optimised, column by column. */
  AO_COLUMN;

  /** The word that the task file and access methods use. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is made for rows that do not change, and has no unique keys. */
  public boolean isAppendOptimised() {
    return this == AO_ROW || this == AO_COLUMN;
  }
}
