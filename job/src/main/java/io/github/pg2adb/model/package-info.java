/**
 * The values that the steps exchange: table and column descriptions, WAL positions, snapshots,
 * changes and the interfaces behind which the destination's ledger is kept. Nothing here does I/O
 * or knows Flink or SQL sessions.
 */
@NullMarked
package io.github.pg2adb.model;

import org.jspecify.annotations.NullMarked;
