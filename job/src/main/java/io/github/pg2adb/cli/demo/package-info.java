/**
 * The demonstration: two servers of its own, a shop that is busy all the time, its migration, and a
 * comparison of every table by value at the end.
 */
@NullMarked
package io.github.pg2adb.cli.demo;

import org.jspecify.annotations.NullMarked;
