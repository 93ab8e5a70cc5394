/** Tables as COPY writes them: chunks of keys, blocks of rows and the text format. */
@NullMarked
package io.github.pg2adb.source.copy;

import org.jspecify.annotations.NullMarked;
