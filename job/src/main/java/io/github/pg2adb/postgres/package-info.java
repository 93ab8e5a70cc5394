/**
 * Sessions with PostgreSQL-like servers, SQL text and what errors mean: what every step that talks
 * to a database shares.
 */
@NullMarked
package io.github.pg2adb.postgres;

import org.jspecify.annotations.NullMarked;
