package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * A chunk that is durable in the destination.
 *
 * @param chunk what was loaded
 * @param snapshot what the chunk's rows saw of the source
 * @param snapshotLsn a WAL position at or after every commit that the snapshot saw
 * @param rows how many rows it has
 * @param bytes how many bytes of COPY data they took
 */
public record LoadedChunk(
    Chunk chunk, TransactionSnapshot snapshot, Lsn snapshotLsn, long rows, long bytes)
    implements Serializable {}
