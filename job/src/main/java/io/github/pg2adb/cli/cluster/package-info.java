/** A Flink cluster of processes on this machine, and what any cluster says of a task's job. */
@NullMarked
package io.github.pg2adb.cli.cluster;

import org.jspecify.annotations.NullMarked;
