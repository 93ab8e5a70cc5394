/** The commands: what a person or {@code flink run} starts, and the only place that prints. */
@NullMarked
package io.github.pg2adb.cli;

import org.jspecify.annotations.NullMarked;
