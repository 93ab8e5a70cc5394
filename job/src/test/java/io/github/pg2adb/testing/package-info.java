/**
 * Real servers for tests, each test with databases of its own:
 *
 * <pre>{@code
 * try (TestDatabase source = Servers.source().createDatabase();
 *     TestDatabase target = Servers.target().createDatabase()) {
 *   source.execute("CREATE TABLE t (id int PRIMARY KEY)");
 *   assertThat(source.single("SELECT count(*) FROM t")).isEqualTo("0");
 * }
 * }</pre>
 */
@NullMarked
package io.github.pg2adb.testing;

import org.jspecify.annotations.NullMarked;
