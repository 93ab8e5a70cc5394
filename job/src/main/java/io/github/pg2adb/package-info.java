/**
 * pg2adb: moves a live PostgreSQL database into AnalyticDB for PostgreSQL as a Flink job.
 *
 * <h2>The path of a row</h2>
 *
 * <pre>
 *  source PostgreSQL                               Flink job                                   AnalyticDB
 *  ┌──────────────┐   COPY (chunk) TO STDOUT   ┌──────────────┐                            ┌──────────────┐
 *  │ tables       │ ─────────────────────────► │ snapshot     │──┐  raw COPY blocks        │ target tables│
 *  │              │                            │ fetch task   │  │                         │              │
 *  │ WAL, slot,   │   pgoutput, START_REPL.    ├──────────────┤  ├──► partition by writer  │ COPY / stage │
 *  │ publications │ ─────────────────────────► │ WAL          │──┘          │              │  + merge     │
 *  │              │                            │ fetch task   │             ▼              │ + ledger row │
 *  └──────────────┘ ◄── confirmed flush LSN ── └──────────────┘      batching writer ────► │ in one       │
 *                        (checkpoint complete)                                             │ transaction  │
 *                                                                                          └──────────────┘
 * </pre>
 *
 * <p>Packages follow that path: {@code cli} reads the command line, {@code config} the task file;
 * {@code model} has the values that everything exchanges; {@code postgres} opens sessions; {@code
 * schema} reads the source's catalog and creates what the destination lacks; {@code source} and
 * {@code sink} are the two ends of the job, which never see each other; {@code pipeline} puts them
 * together; {@code verify} compares.
 *
 * <h2>Why every change takes effect exactly once</h2>
 *
 * <p>Rows and the ledger row that records them commit in one destination transaction. Flink
 * restores the source to the last completed checkpoint; what was sent after it comes again, in the
 * same order. Then:
 *
 * <ul>
 *   <li>A chunk that the ledger has is dropped by the writer, however often it is read.
 *   <li>A transaction is applied exactly when its commit record starts at or after the ledger's
 *       position, which is where the commit record of the newest applied transaction ends. Commit
 *       order is total, so one position decides for all.
 *   <li>A chunk, and a transaction too large to buffer, is one open destination transaction that
 *       may span checkpoints and commits with its ledger row. Until then Flink's state names it as
 *       unread: after a failure the server rolls it back and it is read again as a whole.
 *   <li>The slot is acknowledged only up to a position that a completed checkpoint holds; the
 *       writers flush before a checkpoint completes, so that position is in the ledger too.
 *   <li>With no Flink state the ledger decides: finished chunks are not read again, and streaming
 *       goes on at its position. A slot that is gone or has moved past that position is refused,
 *       and so is a server of another system identifier or timeline, whose positions mean other
 *       places.
 * </ul>
 *
 * <h2>Why nothing is lost or doubled between snapshot and WAL</h2>
 *
 * <p>The slot exists before the first chunk is read, and its creation waits for every transaction
 * that was running: what the stream does not carry, every chunk sees. A chunk's snapshot is
 * recorded with its rows, so a WAL transaction is in the chunk exactly when the snapshot sees its
 * xid; no LSN is ever compared with a snapshot. For a table read in one chunk that decides exactly.
 * For a keyed table in several chunks, a transaction that some chunk did not see is applied to all
 * of it: an upsert or delete by key that some chunk had seen already is overtaken by the later ones
 * that follow it, and all is as at the source once the WAL has passed the newest chunk's snapshot.
 */
@NullMarked
package io.github.pg2adb;

import org.jspecify.annotations.NullMarked;
