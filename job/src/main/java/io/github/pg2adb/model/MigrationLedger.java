package io.github.pg2adb.model;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the destination knows of the task's progress, as far as reading depends on it. Kept in the
 * destination so that the rows and the record of them share a transaction. Implementations are
 * serializable, open a connection per {@link #open} and are used by one thread at a time.
 */
public interface MigrationLedger extends Serializable {

  /**
   * The event that says that nothing is created any more that would lock tables against changes for
   * long.
   */
  String READY_FOR_CHANGES = "ready-for-changes";

  /** The event that says that everything of the schema is created. */
  String SCHEMA_COMPLETE = "schema-complete";

  /** The event that says that the destination goes without an object of the source. */
  String LEFT_OUT = "left-out";

  /** The event that says that the destination has an object of the source in another form. */
  String ADAPTED = "adapted";

  /** The event that says that the task created a table, written when it did. */
  String TABLE_CREATED = "table-created";

  /** The event that says that rows of the destination stayed where the source has others. */
  String ROWS_KEPT = "rows-kept";

  /**
   * What events about a whole selection of tables have as their object: another one as soon as the
   * selection is another one.
   */
  static String selectionKey(Collection<TableName> tables) {
    String names =
        tables.stream().sorted().map(TableName::toString).collect(Collectors.joining("\n"));
    return tables.size()
        + " tables "
        + UUID.nameUUIDFromBytes(names.getBytes(StandardCharsets.UTF_8));
  }

  /** Opens a session, creating the ledger's tables if they are absent. */
  Session open();

  /**
   * Claims the task for a job that runs. Waits some seconds for an earlier run that is ending.
   *
   * @param onLost called, on another thread and at most once, if another run has got the claim
   *     because the server could not be reached for a time
   * @return open until the job ends; the server gives the claim up by itself when the process that
   *     holds it dies
   * @throws MigrationException of a kind to try again if another run holds the claim
   */
  Claim claim(Consumer<MigrationException> onLost);

  /** The right to run the task, which one run has at a time. Closing gives it back. */
  interface Claim extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * One connection to the ledger. Every method commits by itself. Errors are {@link
   * MigrationException}.
   */
  interface Session extends AutoCloseable {

    /** Up to where the WAL is applied in the destination; empty before {@link #recordStart}. */
    Optional<Lsn> position();

    /** The source that the positions belong to; empty before {@link #recordSource}. */
    Optional<SourceIdentity> source();

    /** Records the source that the positions belong to, instead of any before. */
    void recordSource(SourceIdentity source);

    /**
     * Records where streaming starts. Does nothing if a position is there already.
     *
     * @param consistentPoint where the task's slot starts
     */
    void recordStart(Lsn consistentPoint);

    /**
     * The planned chunks of every table that has more than one, by table and chunk id; complete per
     * table.
     */
    List<Chunk> plannedChunks();

    /**
     * Records all chunks of a table before any of them is read, so that a start without Flink state
     * cuts the table in the same places.
     *
     * @param chunks every chunk of one table, in order
     */
    void recordPlan(List<Chunk> chunks);

    /** The chunks whose rows are in the destination. */
    List<LoadedChunk> loadedChunks();

    /** How far the WAL is applied; empty before {@link #recordStart}. */
    Optional<AppliedPosition> applied();

    /**
     * How much of the snapshot is loaded, by table; without the tables of which nothing is known.
     */
    Map<TableName, TableLoad> loads();

    /**
     * The newest position at which a loaded chunk was read: from there on the destination is
     * consistent. {@link Lsn#NONE} if no chunk is loaded.
     */
    Lsn newestSnapshot();

    /**
     * Whether all rows of these tables are in the destination.
     *
     * @param tables the tables that the task copies
     */
    boolean isLoaded(Collection<TableName> tables);

    /** Whether such an event was recorded about this object. */
    boolean hasEvent(String kind, String object);

    /**
     * Keeps something that an operator should know.
     *
     * @param kind a stable word for programs, such as {@code insert-only-table}
     * @param object what it is about, such as a table; empty for the task itself
     * @param detail a sentence for people
     */
    void recordEvent(String kind, String object, String detail);

    @Override
    void close();
  }
}
