package io.github.pg2adb.sink;

/**
 * The destination's session by which a run of a task is known to be alive.
 *
 * @param pid its process at the server
 * @param since when it began, as the server writes it
 */
public record ClaimHolder(int pid, String since) {}
