/** Compares tables of two servers by value. */
@NullMarked
package io.github.pg2adb.verify;

import org.jspecify.annotations.NullMarked;
