package io.github.pg2adb.model;

/**
 * How far the destination is.
 *
 * @param position up to where the WAL is applied
 * @param commitMillis when the newest applied transaction committed at the source, milliseconds
 *     since 1970-01-01 UTC; 0 if there is none yet
 * @param changes how many changes are applied since the task began
 */
public record AppliedPosition(Lsn position, long commitMillis, long changes) {}
