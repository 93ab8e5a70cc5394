/** How far a task is, read from both servers and shown to a person. */
@NullMarked
package io.github.pg2adb.cli.progress;

import org.jspecify.annotations.NullMarked;
