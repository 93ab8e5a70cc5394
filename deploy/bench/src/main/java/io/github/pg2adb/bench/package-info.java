/**
 * pg2adb and its peers on the same work, alternating, on the same machine. A {@link Line} is a
 * piece of work, a {@link Contestant} does it, {@link Rounds} lets them take turns, {@link Report}
 * says what came out.
 */
@NullMarked
package io.github.pg2adb.bench;

import org.jspecify.annotations.NullMarked;
