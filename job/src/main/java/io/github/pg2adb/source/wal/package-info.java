/**
 * The write-ahead log as pgoutput writes it: message bytes to messages, messages to transactions.
 * No I/O.
 */
@NullMarked
package io.github.pg2adb.source.wal;

import org.jspecify.annotations.NullMarked;
