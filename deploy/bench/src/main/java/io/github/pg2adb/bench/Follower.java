package io.github.pg2adb.bench;

import java.sql.Connection;
import java.sql.SQLException;

/** Applies changes from the WAL. */
interface Follower extends Contestant {

  /**
   * Brings it to where a backlog can grow: its slot exists, the sink's tables equal the source's,
   * and nothing is being read.
   */
  Following prepare(Arena arena) throws Exception;

  /** One follower at work on one database. */
  interface Following extends AutoCloseable {

    /**
     * Starts to read.
     *
     * @param mark what {@link Orders#MARKER} shows when the backlog has been applied
     */
    void start(String mark) throws Exception;

    /** The slot that it reads. */
    String slot();

    /**
     * Whether the backlog has been applied.
     *
     * @param sink a session with the sink: to open one for each look takes much of the machine
     */
    boolean isCaughtUp(Connection sink, String mark) throws Exception;

    /** Fails if its process has ended. */
    void check();

    @Override
    void close() throws SQLException;
  }
}
