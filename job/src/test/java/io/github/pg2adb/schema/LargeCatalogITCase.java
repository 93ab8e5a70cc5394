package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 5,000 tables with 100,000 columns: catalogs are read as a whole, not table by table. */
@Tag("slow")
class LargeCatalogITCase {

  private static final int TABLES = 5_000;
  private static final int COLUMNS = 20;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void isReadInSeconds() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase()) {
      createTables(source);
      TableSelection selection = TableSelection.parse(List.of("public.*"), List.of());
      try (Connection connection = source.connection()) {
        long started = System.nanoTime();
        SourceSchema schema = SourceCatalog.read(connection, selection);
        Duration tables = Duration.ofNanos(System.nanoTime() - started);
        SourceObjects objects =
            SourceObjects.read(
                CatalogSession.of(connection),
                selection,
                RoutedSchema.of(schema, Routes.AS_SOURCE));
        Duration all = Duration.ofNanos(System.nanoTime() - started);
        System.out.println(
            "[pg2adb tests] read "
                + TABLES
                + " tables in "
                + tables.toMillis()
                + " ms, with indexes, constraints and comments in "
                + all.toMillis()
                + " ms");

        assertThat(schema.tables()).hasSize(TABLES);
        assertThat(schema.tables()).allMatch(table -> table.columns().size() == COLUMNS);
        assertThat(objects.indexes()).hasSize(TABLES);
        assertThat(objects.constraints()).hasSize(TABLES);
        assertThat(objects.sequences()).hasSize(TABLES);
        assertThat(all).isLessThan(LIMIT);
      }
    }
  }

  private static void createTables(TestDatabase source) {
    String columns =
        IntStream.range(1, COLUMNS)
            .mapToObj(i -> "c" + i + " int")
            .collect(Collectors.joining(", "));
    for (int from = 0; from < TABLES; from += 500) {
      source.execute(
          "DO $$ BEGIN FOR i IN "
              + from
              + " .. "
              + (from + 499)
              + " LOOP EXECUTE format('CREATE TABLE t%s (id bigserial PRIMARY KEY, "
              + columns
              + ", CHECK (c1 > 0))', i); EXECUTE format('CREATE INDEX ON t%s (c2)', i);"
              + " EXECUTE format('COMMENT ON TABLE t%s IS %L', i, 'table ' || i); END LOOP; END $$");
    }
  }
}
