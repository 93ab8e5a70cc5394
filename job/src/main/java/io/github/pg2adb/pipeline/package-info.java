/** Puts source and sink together into one Flink job, and starts it. */
@NullMarked
package io.github.pg2adb.pipeline;

import org.jspecify.annotations.NullMarked;
