/**
 * Reading the source: Flink CDC's PostgreSQL source (enumerator, chunk assignment, switch from
 * snapshot to WAL, split state) with PostgreSQL's own wire formats below it: COPY for chunks,
 * pgoutput for the WAL. Values pass as the bytes that the server wrote.
 */
@NullMarked
package io.github.pg2adb.source;

import org.jspecify.annotations.NullMarked;
