/**
 * Writing into the destination: the ledger, and a batching writer whose rows and ledger row commit
 * in one transaction, so that every change takes effect exactly once.
 *
 * <p>{@code AnalyticDbWriter} runs on Flink's task thread and only collects. {@code Worker} is one
 * thread per writer; everything that it runs goes through {@code Destination}, which owns the one
 * connection. There a chunk is a COPY straight into its table ({@code ChunkLoader}) and a batch of
 * source transactions is the net effect per row ({@code PendingBatch}) merged table by table
 * ({@code TableMerge}).
 */
@NullMarked
package io.github.pg2adb.sink;

import org.jspecify.annotations.NullMarked;
