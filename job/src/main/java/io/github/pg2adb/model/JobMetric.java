package io.github.pg2adb.model;

/**
 * What the job reports to Flink's metric system. The words are the metrics' names there; those that
 * Flink itself registers are here when the job makes them count rows instead of blocks.
 */
public enum JobMetric {
  PHASE(
      Place.COORDINATOR,
      "phase",
      Kind.GAUGE,
      "0 preparing, 1 copying rows, 2 catching up to the newest chunk's snapshot, 3 following"),
  SOURCE_LSN(Place.COORDINATOR, "sourceLsn", Kind.GAUGE, "end of the source's WAL, as a number"),
  APPLIED_LSN(
      Place.COORDINATOR,
      "appliedLsn",
      Kind.GAUGE,
      "up to where the destination has the WAL, as a number; 0 before streaming is prepared"),
  LAG_BYTES(Place.COORDINATOR, "lagBytes", Kind.GAUGE, "WAL between the two"),
  LAG_MILLIS(
      Place.COORDINATOR,
      "lagMillis",
      Kind.GAUGE,
      "for how long what is missing in the destination has been committed at the source, at most;"
          + " goes on growing while either server or the TaskManagers are away"),
  PENDING_RECORDS(
      Place.COORDINATOR,
      "pendingRecords",
      Kind.GAUGE,
      "rows and changes that the destination lacks, estimated: rows of the planner that are not copied, and changes in the"
          + " WAL between the two, at as many per byte as in the WAL of the last five minutes; -1 while unknown"),
  SLOT_RETAINED_BYTES(
      Place.COORDINATOR,
      "slotRetainedBytes",
      Kind.GAUGE,
      "WAL that the source keeps for the task's slot; -1 without a slot"),
  SLOT_SAFE_BYTES(
      Place.COORDINATOR,
      "slotSafeBytes",
      Kind.GAUGE,
      "how much may be written at the source before it gives the slot up; -1 without a limit or"
          + " before PostgreSQL 13"),
  OBSERVATION_AGE_MILLIS(
      Place.COORDINATOR,
      "observationAgeMillis",
      Kind.GAUGE,
      "how old the above is: both servers are asked every 5 s; -1 before the first answer"),
  SNAPSHOT_TABLES(Place.COORDINATOR, "snapshotTables", Kind.GAUGE, "tables to copy"),
  SNAPSHOT_TABLES_LOADED(
      Place.COORDINATOR, "snapshotTablesLoaded", Kind.GAUGE, "tables that are copied"),
  SNAPSHOT_CHUNKS(
      Place.COORDINATOR,
      "snapshotChunks",
      Kind.GAUGE,
      "chunks to copy; a table that is not cut yet counts as one"),
  SNAPSHOT_CHUNKS_LOADED(
      Place.COORDINATOR, "snapshotChunksLoaded", Kind.GAUGE, "chunks that are copied"),
  SNAPSHOT_ROWS_ESTIMATED(
      Place.COORDINATOR,
      "snapshotRowsEstimated",
      Kind.GAUGE,
      "rows to copy, as the source's planner estimated at the start; not less than what is copied"),
  SNAPSHOT_ROWS_LOADED(Place.COORDINATOR, "snapshotRowsLoaded", Kind.GAUGE, "rows that are copied"),
  SNAPSHOT_BYTES_LOADED(
      Place.COORDINATOR, "snapshotBytesLoaded", Kind.GAUGE, "their bytes as COPY sent them"),
  SNAPSHOT_SECONDS_LEFT(
      Place.COORDINATOR,
      "snapshotSecondsLeft",
      Kind.GAUGE,
      "until all rows are copied, at the speed of the last five minutes; -1 while unknown"),
  COORDINATOR_RETRY_ATTEMPTS(
      Place.COORDINATOR, "retryAttempts", Kind.GAUGE, "failures in a row while preparing"),
  COORDINATOR_RETRYING_SINCE(
      Place.COORDINATOR, "retryingSinceMillis", Kind.GAUGE, "when the first was, epoch ms; or 0"),
  COORDINATOR_NEXT_RETRY(
      Place.COORDINATOR, "nextRetryMillis", Kind.GAUGE, "when it is tried again, epoch ms; or 0"),

  TABLE_CHUNKS(Place.TABLE, "chunks", Kind.GAUGE, "chunks of the table named by label `table`"),
  TABLE_CHUNKS_LOADED(Place.TABLE, "chunksLoaded", Kind.GAUGE, "those that are copied"),
  TABLE_ROWS_ESTIMATED(Place.TABLE, "rowsEstimated", Kind.GAUGE, "rows, as estimated"),
  TABLE_ROWS_LOADED(Place.TABLE, "rowsLoaded", Kind.GAUGE, "rows that are copied"),

  ROWS_READ(Place.READER, "numRecordsIn", Kind.COUNTER, "rows and changes read"),
  BYTES_READ(
      Place.READER, "numBytesIn", Kind.COUNTER, "bytes of COPY data and of WAL messages read"),
  ROWS_EMITTED(Place.READER, "numRecordsOut", Kind.COUNTER, "rows and changes handed on"),
  SNAPSHOT_ROWS_READ(
      Place.READER, "numSnapshotRecords", Kind.COUNTER, "rows read from tables, not from the WAL"),
  READ_LSN(Place.READER, "readLsn", Kind.GAUGE, "up to where the WAL is read, as a number; or 0"),
  FETCH_LAG(
      Place.READER,
      "currentFetchEventTimeLag",
      Kind.GAUGE,
      "ms from the newest commit's time to when it was read; -1 before the WAL is read"),
  EMIT_LAG(
      Place.READER,
      "currentEmitEventTimeLag",
      Kind.GAUGE,
      "ms from the newest commit's time to when it was handed on; -1 before the WAL is read"),
  READER_RETRY_ATTEMPTS(
      Place.READER,
      "retryAttempts",
      Kind.GAUGE,
      "the reader's failures in a row; 0 if all is well"),
  READER_RETRYING_SINCE(
      Place.READER, "retryingSinceMillis", Kind.GAUGE, "when the first was, epoch ms; or 0"),
  READER_NEXT_RETRY(
      Place.READER, "nextRetryMillis", Kind.GAUGE, "when it is tried again, epoch ms; or 0"),

  ROWS_RECEIVED(Place.WRITER, "numRecordsIn", Kind.COUNTER, "rows and changes received"),
  ROWS_SENT(
      Place.WRITER,
      "numRecordsSend",
      Kind.COUNTER,
      "rows of durable chunks, and changes written; again what is written again after a failure"),
  BYTES_SENT(Place.WRITER, "numBytesSend", Kind.COUNTER, "their bytes"),
  SEND_TIME(Place.WRITER, "currentSendTime", Kind.GAUGE, "ms that the last flush took"),
  FLUSHES(Place.WRITER, "numFlushes", Kind.COUNTER, "batches of changes written"),
  FLUSH_MILLIS(Place.WRITER, "flushMillis", Kind.HISTOGRAM, "ms that they took"),
  FLUSH_ROWS(Place.WRITER, "flushRows", Kind.HISTOGRAM, "changes in them"),
  FLUSH_BYTES(Place.WRITER, "flushBytes", Kind.HISTOGRAM, "bytes in them"),
  COMMIT_LAG_MILLIS(
      Place.WRITER,
      "commitLagMillis",
      Kind.HISTOGRAM,
      "ms from a batch's newest commit at the source to its commit in the destination, by both"
          + " machines' clocks"),
  WRITER_APPLIED_LSN(
      Place.WRITER,
      "appliedLsn",
      Kind.GAUGE,
      "up to where it has applied the WAL, as a number; or 0"),
  WRITER_RETRY_ATTEMPTS(
      Place.WRITER,
      "retryAttempts",
      Kind.GAUGE,
      "the writer's failures in a row; 0 if all is well"),
  WRITER_RETRYING_SINCE(
      Place.WRITER, "retryingSinceMillis", Kind.GAUGE, "when the first was, epoch ms; or 0"),
  WRITER_NEXT_RETRY(
      Place.WRITER, "nextRetryMillis", Kind.GAUGE, "when it is tried again, epoch ms; or 0");

  /** Which part of the job reports it, and so the beginning of its name in Prometheus. */
  public enum Place {
    /** The source's coordinator, in the JobManager: once per job. */
    COORDINATOR(
        "flink_jobmanager_job_operator_coordinator_enumerator_", "the coordinator, once per job"),
    /** The same, for each of the largest tables. */
    TABLE(
        "flink_jobmanager_job_operator_coordinator_enumerator_table_",
        "each of the 20 largest tables"),
    /** Each subtask of operator {@code read}, in a TaskManager. */
    READER("flink_taskmanager_job_task_operator_", "each reader"),
    /** Each subtask of operator {@code write}, in a TaskManager. */
    WRITER("flink_taskmanager_job_task_operator_", "each writer");

    private final String prefix;
    private final String title;

    Place(String prefix, String title) {
      this.prefix = prefix;
      this.title = title;
    }

    /** The part, for people. */
    public String title() {
      return title;
    }

    /** What Flink's Prometheus reporter puts before the metric's word. */
    public String prefix() {
      return prefix;
    }
  }

  /** What can be asked of it. */
  public enum Kind {
    /** The value now. */
    GAUGE("gauge"),
    /** Grows while the operator runs; starts at 0 again when it is restarted. */
    COUNTER("counter"),
    /** Quantiles of the newest 500 values, and a count. */
    HISTOGRAM("histogram");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** The word for people. */
    public String word() {
      return word;
    }
  }

  private final Place place;
  private final String word;
  private final Kind kind;
  private final String meaning;

  JobMetric(Place place, String word, Kind kind, String meaning) {
    this.place = place;
    this.word = word;
    this.kind = kind;
    this.meaning = meaning;
  }

  /** Which part of the job reports it. */
  public Place place() {
    return place;
  }

  /** Its name in Flink, within the scope of its place. */
  public String word() {
    return word;
  }

  /** Its name in Prometheus. */
  public String prometheusName() {
    return place.prefix() + word;
  }

  /** What can be asked of it. */
  public Kind kind() {
    return kind;
  }

  /** What it says. */
  public String meaning() {
    return meaning;
  }
}
