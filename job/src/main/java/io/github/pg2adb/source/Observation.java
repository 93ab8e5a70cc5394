package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How far the task is, as both servers said.
 *
 * @param phase where the task stands
 * @param nanos when they were asked, by {@link System#nanoTime}
 * @param sourceEnd the end of the source's WAL
 * @param applied up to where the destination has it; {@link Lsn#NONE} without streaming
 * @param behindSince since when it has not had everything, by {@link System#nanoTime}; empty if it
 *     has, or without streaming
 * @param slotRetained the bytes of WAL that the source keeps for the slot, -1 without a slot
 * @param slotSafe how many bytes more it would keep, -1 without a limit
 * @param pendingChanges how many changes the destination lacks, estimated; -1 while unknown
 * @param load what the destination has got of the snapshot
 */
record Observation(
    Phase phase,
    long nanos,
    Lsn sourceEnd,
    Lsn applied,
    OptionalLong behindSince,
    long slotRetained,
    long slotSafe,
    long pendingChanges,
    Load load) {

  /** The rows and changes that the destination lacks, as far as that can be estimated. */
  long pendingRecords() {
    long rows = load.estimatedRows() - load.rows();
    return rows > 0 ? rows + Math.max(0, pendingChanges) : pendingChanges;
  }

  /** Where a prepared task stands. */
  enum Phase {
    COPYING(1),
    CATCHING_UP(2),
    FOLLOWING(3);

    /** Before there is an observation. */
    static final int PREPARING = 0;

    private final int number;

    Phase(int number) {
      this.number = number;
    }

    /** What is reported: metrics are numbers. */
    int number() {
      return number;
    }
  }

  /**
   * The snapshot's progress.
   *
   * @param byTable what is known of each table
   * @param secondsLeft until all is loaded, -1 while unknown
   */
  record Load(List<TableSchema> tables, Map<TableName, TableLoad> byTable, long secondsLeft) {

    Load {
      byTable = Map.copyOf(byTable);
    }

    TableLoad of(TableSchema table) {
      return byTable.getOrDefault(table.name(), TableLoad.NOTHING);
    }

    boolean isComplete() {
      return tables.stream().allMatch(table -> of(table).isLoaded());
    }

    long loadedTables() {
      return tables.stream().filter(table -> of(table).isLoaded()).count();
    }

    long chunks() {
      return tables.stream().mapToLong(table -> of(table).chunks()).sum();
    }

    long loadedChunks() {
      return tables.stream().mapToLong(table -> of(table).loadedChunks()).sum();
    }

    long rows() {
      return tables.stream().mapToLong(table -> of(table).rows()).sum();
    }

    long bytes() {
      return tables.stream().mapToLong(table -> of(table).bytes()).sum();
    }

    long estimatedRows() {
      return tables.stream().mapToLong(this::estimatedRows).sum();
    }

    /** The planner's estimate, set right by what was counted. */
    long estimatedRows(TableSchema table) {
      TableLoad load = of(table);
      return load.isLoaded() ? load.rows() : Math.max(load.rows(), table.estimatedRows());
    }

    /** What there is to copy, as bytes on the source's disk. */
    double weight() {
      return tables.stream().mapToDouble(Load::weight).sum();
    }

    /** How much of that is copied. */
    double loadedWeight() {
      return tables.stream()
          .mapToDouble(table -> weight(table) * of(table).loadedChunks() / of(table).chunks())
          .sum();
    }

    /** An empty table takes time, too. */
    private static double weight(TableSchema table) {
      return Math.max(8192, table.bytes());
    }
  }
}
