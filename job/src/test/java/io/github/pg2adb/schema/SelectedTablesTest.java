package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.SourceSchema.Skipped;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSelection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SelectedTablesTest {

  private static final String HINT =
      " Hint: Names are compared exactly, upper and lower case differ; correct tables and tables.exclude in the task file.";

  private static final List<SourceRelation> RELATIONS =
      List.of(
          relation(1, "public", "users", 'r', false, false, null),
          relation(2, "public", "orders", 'r', false, false, null),
          relation(3, "public", "cache", 'r', true, false, null),
          relation(4, "public", "remote", 'f', false, false, null),
          relation(5, "public", "a_view", 'v', false, false, null),
          relation(6, "public", "spatial_ref_sys", 'r', false, false, "postgis"),
          relation(7, "sales", "events", 'p', false, false, null),
          relation(8, "sales", "events_1", 'r', false, true, null),
          relation(9, "sales", "Invoices", 'r', false, false, null),
          relation(10, "views", "only", 'v', false, false, null));

  private static final Map<Long, TableName> ROOTS = Map.of(8L, new TableName("sales", "events"));

  private static SourceRelation relation(
      long oid,
      String schema,
      String name,
      char kind,
      boolean unlogged,
      boolean partition,
      @Nullable String extension) {
    return new SourceRelation(
        oid,
        new TableName(schema, name),
        kind,
        unlogged,
        partition,
        extension,
        ReplicaIdentity.DEFAULT);
  }

  private static SelectedTables select(List<String> include, List<String> exclude) {
    return SelectedTables.of(TableSelection.parse(include, exclude), RELATIONS, ROOTS);
  }

  private static void assertProblem(List<String> include, List<String> exclude, String message) {
    assertThatThrownBy(() -> select(include, exclude))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OPERATOR))
        .hasMessage(message);
  }

  @Test
  void starTakesTablesInOrderAndListsWhatCannotBeMigrated() {
    SelectedTables selected = select(List.of("*.*"), List.of("public.o*"));

    assertThat(selected.tables().stream().map(table -> table.name().toString()))
        .containsExactly("public.users", "sales.Invoices", "sales.events");
    assertThat(selected.skipped())
        .containsExactly(
            new Skipped(new TableName("public", "cache"), "an unlogged table"),
            new Skipped(new TableName("public", "remote"), "a foreign table"));
  }

  @Test
  void aTableIsTakenOnce() {
    assertThat(select(List.of("public.users", "public.u*"), List.of()).tables()).hasSize(1);
  }

  @Test
  void namesTheNearestNameForEveryPatternThatMatchesNothing() {
    assertProblem(
        List.of("public.user", "sales.invoices", "sale.*", "public.users"),
        List.of("public.oders"),
        "Cannot select tables: \"public.user\" matches no table, the nearest name is \"public.users\";"
            + " \"sales.invoices\" matches no table, the nearest name is \"sales.Invoices\";"
            + " \"sale.*\" matches no table, the nearest name is \"sales.*\";"
            + " \"public.oders\" matches no table, the nearest name is \"public.orders\"."
            + HINT);
  }

  @Test
  void starThatMatchesViewsAloneMatchesNothing() {
    assertProblem(
        List.of("views.*"),
        List.of(),
        "Cannot select tables: \"views.*\" matches no table, the nearest name is \"sales.*\"."
            + HINT);
  }

  @Test
  void refusesWhatIsNamedAndCannotBeMigrated() {
    assertProblem(
        List.of("public.cache", "public.remote", "public.a_view", "public.spatial_ref_sys"),
        List.of(),
        "Cannot select tables: \"public.cache\" is an unlogged table; \"public.remote\" is a foreign table;"
            + " \"public.a_view\" is a view; \"public.spatial_ref_sys\" is a table that extension \"postgis\" owns."
            + HINT);
  }

  @Test
  void namesTheRootOfAPartition() {
    assertProblem(
        List.of("sales.events_1"),
        List.of(),
        "Cannot select tables: \"sales.events_1\" is a partition of \"sales.events\", name that instead."
            + HINT);
    assertProblem(
        List.of("sales.*"),
        List.of("sales.events_1"),
        "Cannot select tables: \"sales.events_1\" is a partition of \"sales.events\" and cannot be excluded by itself."
            + HINT);
  }

  @Test
  void excludedStarMayMatchNothing() {
    assertThat(select(List.of("public.users"), List.of("public.tmp_*")).tables()).hasSize(1);
  }

  @Test
  void refusesToSelectNothing() {
    assertProblem(
        List.of("public.users"),
        List.of("public.*"),
        "Cannot select tables: tables.exclude leaves none of what tables matches."
            + " Hint: Correct tables and tables.exclude in the task file.");
  }
}
