/**
 * Reads the source's catalog and creates in the destination what it needs to hold the selected
 * tables.
 */
@NullMarked
package io.github.pg2adb.schema;

import org.jspecify.annotations.NullMarked;
