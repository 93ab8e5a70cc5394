package io.github.pg2adb.cli.progress;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How far a task was at one moment.
 *
 * @param tables the task's tables, by name
 * @param walEnd the end of the source's WAL
 * @param position up to where the WAL is in the destination; empty before the job has started
 * @param transactions source transactions applied from the WAL
 * @param changes row changes applied from the WAL
 * @param lag how old the newest source commit is that the destination shows, zero if there is
 *     nothing newer; empty before the first
 */
public record Progress(
    List<Table> tables,
    Lsn walEnd,
    Optional<Lsn> position,
    long transactions,
    long changes,
    Optional<Duration> lag) {

  public Progress {
    tables = List.copyOf(tables);
  }

  /** Rows copied by the full load. */
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  /** Bytes of COPY text copied by the full load. */
  public long bytes() {
    return tables.stream().mapToLong(Table::bytes).sum();
  }

  /** Rows that the full load is expected to copy. */
  public long expectedRows() {
    return tables.stream().mapToLong(Table::expectedRows).sum();
  }

  /** Whether every table is copied. */
  public boolean isLoaded() {
    return tables.stream().allMatch(Table::isLoaded);
  }

  /** How many bytes of WAL the destination is behind, 0 before the job has started. */
  public long bytesBehind() {
    return position.map(walEnd::bytesSince).orElse(0L);
  }

  /**
   * How far the full load of one table is.
   *
   * @param name the table as the source calls it
   * @param target what it is called in the destination
   * @param estimatedRows the planner's estimate of its rows in the source
   * @param rows how many rows are copied
   * @param bytes how many bytes of COPY data they took
   * @param chunks how many chunks are copied
   * @param plannedChunks how many it has; 1 until it is planned, and for a table that is one chunk
   */
  public record Table(
      TableName name,
      TableName target,
      long estimatedRows,
      long rows,
      long bytes,
      int chunks,
      int plannedChunks) {

    /** A table that is called in the destination as in the source. */
    public Table(
        TableName name, long estimatedRows, long rows, long bytes, int chunks, int plannedChunks) {
      this(name, name, estimatedRows, rows, bytes, chunks, plannedChunks);
    }

    /** For people: the source's name, and the destination's where that is another. */
    public String title() {
      return name.equals(target) ? name.toString() : name + " -> " + target;
    }

    /** Whether every chunk is copied. */
    public boolean isLoaded() {
      return chunks >= plannedChunks;
    }

    /** The estimate, or the truth where it is known to be another. */
    public long expectedRows() {
      return isLoaded() ? rows : Math.max(rows, estimatedRows);
    }
  }
}
