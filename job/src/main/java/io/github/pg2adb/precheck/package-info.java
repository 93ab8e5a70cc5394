/**
 * Says beforehand everything that would go wrong with a task: one class per concern, each asking a
 * few questions about all objects at once and judging the answers apart from that.
 */
@NullMarked
package io.github.pg2adb.precheck;

import org.jspecify.annotations.NullMarked;
