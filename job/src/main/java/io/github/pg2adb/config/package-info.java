/**
 * The task file: one declarative list of options ({@link io.github.pg2adb.config.Options}) drives
 * reading, checking and documenting it. Nothing else reads the environment.
 */
@NullMarked
package io.github.pg2adb.config;

import org.jspecify.annotations.NullMarked;
