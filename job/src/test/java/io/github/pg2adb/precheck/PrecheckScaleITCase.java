package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long a precheck of many tables takes. */
@Tag("slow")
class PrecheckScaleITCase {

  private static final int TABLES = 5_000;
  private static final int AT_ONCE = 500;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Test
  void looksAtFiveThousandTablesInHalfAMinute() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      create(source, "UNIQUE");
      long absent = millis(source, sink, Set.of());
      // segments cannot enforce it, and Greenplum refuses it
      create(sink, Servers.target().product().distributed() ? "" : "UNIQUE");
      long present = millis(source, sink, Set.of(PrecheckCode.SINK_TABLE_EXISTS));

      System.out.printf(
          "[pg2adb tests] precheck of %d tables: %d ms if the destination has none, %d ms if it has all%n",
          TABLES, absent, present);
      assertThat(Duration.ofMillis(absent)).isLessThan(LIMIT);
      assertThat(Duration.ofMillis(present)).isLessThan(LIMIT);
    }
  }

  private static void create(TestDatabase database, String unique) {
    for (int first = 0; first < TABLES; first += AT_ONCE) {
      database.execute(
          IntStream.range(first, first + AT_ONCE)
              .mapToObj(
                  table ->
                      "CREATE TABLE t%04d (id bigint PRIMARY KEY, code text %s, v text, n numeric(12,2) CHECK (n > 0), at timestamptz)"
                          .formatted(table, unique))
              .reduce((one, other) -> one + ";" + other)
              .orElseThrow());
    }
  }

  private static long millis(TestDatabase source, TestDatabase sink, Set<PrecheckCode> errors) {
    long start = System.nanoTime();
    PrecheckReport report =
        Precheck.run(Probe.options(source.endpoint(), sink.endpoint()), Probe.READER);
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    assertThat(report.of(Result.ERROR)).extracting(Finding::code).containsExactlyElementsOf(errors);
    return millis;
  }
}
