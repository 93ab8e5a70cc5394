package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Route.Constant;
import io.github.pg2adb.model.SourceSchema.Needs;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NameFindingsTest {

  /** A table whose first column is its key; a column is written {@code name type}. */
  private static TableSchema table(String schema, String name, String... columns) {
    List<ColumnSchema> described = new ArrayList<>();
    for (String column : columns) {
      String[] parts = column.split(" ", 2);
      described.add(
          new ColumnSchema(
              described.size() + 1, parts[0], parts[1], true, null, null, Generation.NONE));
    }
    List<String> key = List.of(described.get(0).name());
    return new TableSchema(
        1,
        new TableName(schema, name),
        TableSchema.Kind.ORDINARY,
        described,
        key,
        ReplicaIdentity.DEFAULT,
        key,
        key,
        List.of(),
        List.of(),
        0,
        0);
  }

  private static Route route(
      String source,
      String target,
      List<String> excluded,
      List<String> renamed,
      @Nullable Constant constant) {
    return new Route(source, target, null, List.of(), excluded, renamed, constant, "");
  }

  private static Route shards(String source, String target, @Nullable String value) {
    return route(
        source, target, List.of(), List.of(), new Constant("shard", Constant.Type.INTEGER, value));
  }

  private static SourceSchema schema(TableSchema... tables) {
    return new SourceSchema(
        List.of(tables),
        List.of(),
        List.of(),
        new Needs(List.of(), List.of(), List.of()),
        List.of(),
        List.of());
  }

  private static NameFindings find(NameCase nameCase, List<Route> routes, TableSchema... tables) {
    return NameFindings.of(schema(tables), Routes.of(routes, nameCase));
  }

  @Test
  void namesThatDifferAreFine() {
    NameFindings findings =
        find(
            NameCase.DEFAULT,
            List.of(
                route("a.t", "b.t", List.of("w"), List.of("v AS w"), null),
                route("b.t", "a.t", List.of(), List.of(), null)),
            table("a", "t", "id int", "v text", "w text"),
            table("b", "t", "id int"));

    assertThat(findings).isEqualTo(new NameFindings(List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void theCasePolicyMayMakeTwoNamesOne() {
    TableSchema[] tables = {table("a", "T", "Id int", "id int"), table("A", "t", "id int")};

    assertThat(find(NameCase.AS_SOURCE, List.of(), tables).collisions()).isEmpty();
    assertThat(find(NameCase.DEFAULT, List.of(), tables).collisions())
        .containsExactly(
            "a.T, A.t would all be a.t; tables that meet in one need a constant column each");
    assertThat(find(NameCase.LOWER, List.of(), tables).collisions())
        .containsExactly(
            "columns \"Id\" and \"id\" of a.T would both be \"id\"",
            "a.T, A.t would all be a.t; tables that meet in one need a constant column each");
  }

  @Test
  void shardsMustBeAlikeAndHaveConstantsOfTheirOwn() {
    assertThat(
            find(
                    NameCase.DEFAULT,
                    List.of(shards("a.t(\\d)", "a.t", "$1")),
                    table("a", "t1", "id int", "v text"),
                    table("a", "t2", "id int", "v text"))
                .collisions())
        .isEmpty();
    assertThat(
            find(
                    NameCase.DEFAULT,
                    List.of(shards("a.t(\\d)", "a.t", "7")),
                    table("a", "t1", "id int"),
                    table("a", "t2", "id int"))
                .collisions())
        .containsExactly("a.t1 and a.t2 have the same constant \"7\" in a.t");
    assertThat(
            find(
                    NameCase.DEFAULT,
                    List.of(shards("a.t(\\d)", "a.t", "$1")),
                    table("a", "t1", "id int", "v text", "x int"),
                    table("a", "t2", "id int", "v int"))
                .collisions())
        .containsExactly("a.t1 and a.t2 cannot meet in a.t: they differ in the columns [v, x]");
    assertThat(
            find(
                    NameCase.DEFAULT,
                    List.of(shards("a.t(\\d)", "a.t", "$1")),
                    table("a", "t1", "id int", "v int"),
                    table("a", "t2", "v int", "id int"))
                .collisions())
        .containsExactly("a.t1 and a.t2 cannot meet in a.t: their keys are [id] and [v]");
  }

  @Test
  void constantsMustFit() {
    NameFindings findings =
        find(
            NameCase.DEFAULT,
            List.of(shards("a.t", "a.t", null), shards("a.u", "a.u", "5")),
            table("a", "t", "id int"),
            table("a", "u", "id int", "shard int"));

    assertThat(findings.columns())
        .containsExactly("the constant \"a.t\" of a.t is not of type integer");
    assertThat(findings.collisions())
        .containsExactly("the constant column \"shard\" of a.u has the name of another");
  }

  @Test
  void keysStayAndSomethingIsLeft() {
    assertThat(
            find(
                    NameCase.DEFAULT,
                    List.of(route("a.t", "a.t", List.of("*"), List.of(), null)),
                    table("a", "t", "id int", "v int"))
                .columns())
        .containsExactly(
            "column \"id\" of a.t belongs to its key and cannot be left out",
            "no column of a.t is left");
  }

  @Test
  void namesHaveAtMost63Bytes() {
    String longest = "ä".repeat(31);
    List<Route> routes =
        List.of(
            route(
                "a.(.*)",
                "a." + longest + "$1",
                List.of(),
                List.of("v AS " + longest + "xy"),
                null));

    assertThat(find(NameCase.DEFAULT, routes, table("a", "t", "id int", "v int")).tooLong())
        .containsExactly("\"" + longest + "xy\" for column a.t.v has 64 bytes and may have 63");
    assertThat(find(NameCase.DEFAULT, routes, table("a", "tu", "id int", "v int")).tooLong())
        .containsExactly(
            "\"" + longest + "xy\" for column a.tu.v has 64 bytes and may have 63",
            "\"" + longest + "tu\" for table a.tu has 64 bytes and may have 63");
  }

  @Test
  void whatMatchesNothingIsNamed() {
    NameFindings findings =
        find(
            NameCase.DEFAULT,
            List.of(
                route("a.*", "b.$0", List.of("nothing"), List.of("id AS key", "no AS yes"), null),
                route("a.t", "c.t", List.of(), List.of(), null),
                route("A.t", "c.t", List.of(), List.of(), null)),
            table("a", "t", "id int", "v int"));

    assertThat(findings.unused())
        .containsExactly(
            "column \"nothing\" of route \"a.*\" matches no column",
            "column \"no\" of route \"a.*\" matches no column",
            "route \"a.t\" decides about no table: routes before it match all of its own",
            "route \"A.t\" matches no selected table");
    assertThatThrownBy(findings::throwIfAny)
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OPERATOR))
        .hasMessage(
            "Cannot name the destination's tables: "
                + String.join("; ", findings.unused())
                + ". Hint: Correct route and sink.name-case in the task file.");
  }

  @Test
  void sequencesFollowTheirTablesAndDefaultsFollowThem() {
    TableSchema orders = table("Shop", "Orders", "id int");
    TableSchema withDefault =
        new TableSchema(
            1,
            orders.name(),
            orders.kind(),
            List.of(
                new ColumnSchema(
                    1,
                    "id",
                    "\"Shop\".\"Orders\"[]",
                    true,
                    null,
                    "nextval('\"Shop\".\"Orders_id_seq\"'::regclass)",
                    Generation.NONE)),
            orders.primaryKey(),
            orders.replicaIdentity(),
            orders.identityKey(),
            orders.chunkKey(),
            List.of(),
            List.of(),
            0,
            0);
    SequenceSchema sequence =
        new SequenceSchema(
            new TableName("Shop", "Orders_id_seq"),
            "bigint",
            1,
            1,
            1,
            9,
            1,
            false,
            new SourceSchema.ColumnName(orders.name(), "id"),
            false);
    SourceSchema source =
        new SourceSchema(
            List.of(withDefault),
            List.of(),
            List.of(),
            new Needs(List.of(), List.of(), List.of(sequence)),
            List.of(),
            List.of());

    RoutedSchema routed =
        RoutedSchema.of(
            source,
            Routes.of(
                List.of(route("Shop.Orders", "Store.mine", List.of(), List.of("id AS key"), null)),
                NameCase.DEFAULT));

    assertThat(routed.target().needs().sequences().get(0).name())
        .isEqualTo(new TableName("Store", "orders_id_seq"));
    assertThat(routed.target().needs().sequences().get(0).owner())
        .isEqualTo(new SourceSchema.ColumnName(new TableName("Store", "mine"), "key"));
    ColumnSchema column = routed.target().tables().get(0).columns().get(0);
    assertThat(column.defaultExpression())
        .isEqualTo("nextval('\"Store\".\"orders_id_seq\"'::regclass)");
    assertThat(column.type()).isEqualTo("\"Store\".\"mine\"[]");
    assertThat(routed.notes())
        .containsExactly(
            new RoutedSchema.Note(
                false,
                "table Shop.Orders",
                "It is Store.mine in the destination; it has id as key."));
  }

  @Test
  void functionsThatMayMeanSomethingElseAreLeftOut() {
    RenamedWords words =
        RoutedSchema.of(
                schema(
                    table("shop", "order lines", "id int", "v int"),
                    table("shop", "language", "id int")),
                Routes.of(
                    List.of(route("shop.*", "store.<>$0", List.of(), List.of("v AS w"), null)),
                    NameCase.DEFAULT))
            .renamedWords();

    assertThat(words.in(routine(" LANGUAGE sql\nAS $function$SELECT shop.plus(1)$function$")))
        .isEmpty();
    assertThat(words.in(routine(" LANGUAGE sql\nAS $function$SELECT V+1$function$")))
        .contains(
            "Its text has \"v\", which is called otherwise in the destination; create it there by hand.");
    assertThat(words.in(routine(" LANGUAGE sql\nAS $function$TABLE language$function$")))
        .isPresent();
    assertThat(words.in(routine(" LANGUAGE sql\nAS $function$TABLE \"Order Lines\"$function$")))
        .isPresent();
    assertThat(words.in(routine(" LANGUAGE plpgsql\nAS $$BEGIN EXECUTE x; END$$")))
        .contains(
            "It executes texts, in which names may be that are others in the destination; create it there by hand.");
  }

  private static RoutineSchema routine(String text) {
    return new RoutineSchema(
        1,
        RoutineSchema.Kind.FUNCTION,
        new TableName("shop", "f"),
        "shop.f()",
        "CREATE OR REPLACE FUNCTION shop.f()\n RETURNS int\n" + text);
  }
}
