package io.github.pg2adb.cli.cluster;

import java.time.Instant;
import java.util.Optional;

/**
 * A part of a job that fails and tries again.
 *
 * @param part the operator's name, and behind {@code #} the subtask's number from 0
 * @param attempts how often it has failed in a row
 * @param since when it failed first
 * @param next when it tries again; empty if Flink decides that
 */
public record Retrying(String part, long attempts, Instant since, Optional<Instant> next) {}
