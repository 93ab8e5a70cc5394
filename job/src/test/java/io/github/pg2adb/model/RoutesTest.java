package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

  private static Route route(String source, String target) {
    return new Route(source, target, "<>", List.of(), List.of(), List.of(), null, "");
  }

  private static Routes routes(NameCase nameCase, Route... routes) {
    return Routes.of(List.of(routes), nameCase);
  }

  private static TableName name(String text) {
    int dot = text.indexOf('/');
    return new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        // exact names
        "shop.orders ; store.purchases ; shop/orders ; store/purchases",
        "shop.orders ; store.purchases ; shop/orders_1 ; shop/orders_1",
        "shop.orders ; store.purchases ; shopxorders/a ; shopxorders/a",
        // patterns and groups
        "shop.orders_\\d+ ; store.orders ; shop/orders_17 ; store/orders",
        "shop.orders_\\d+ ; store.orders ; shop/orders_x ; shop/orders_x",
        "shop_(\\d).o(.*) ; s$1.${2}$$$2 ; shop_3/orders ; s3/${2}$rders",
        "(a|b).(c|d) ; $2.$1 ; b/c ; c/b",
        "a.b|c ; x.$0 ; a/c ; x/c",
        "a.b|c ; x.$0 ; c/c ; c/c",
        // Flink CDC's dots and symbol
        "shop.\\.* ; store.<> ; shop/any ; store/any",
        "shop.a\\.c ; store.<>_x ; shop/abc ; store/abc_x",
        "shop.o.* ; store.$0 ; shop/orders ; store/orders",
        "shop.* ; store.<> ; shop/any ; store/any",
        "*.t ; store.<> ; shop/t ; store/t",
        "s[.]p.t ; store.<> ; s.p/t ; store/t",
        // quotes
        "\"we.ird\".\"A(\" ; \"to.o\".\"B\"\"\" ; we.ird/A( ; to.o/B\"",
        "\"a*\".t ; x.y ; a/t ; a/t",
      })
  void aTableIsCalledAsTheFirstRouteSays(
      String source, String target, String table, String expected) {
    assertThat(routes(NameCase.AS_SOURCE, route(source, target)).of(name(table)).target())
        .isEqualTo(name(expected));
  }

  @Test
  void theFirstRouteDecides() {
    Routes routes = routes(NameCase.AS_SOURCE, route("a.b", "x.y"), route("a.*", "z.<>"));

    assertThat(routes.of(new TableName("a", "b")).target()).isEqualTo(new TableName("x", "y"));
    assertThat(routes.of(new TableName("a", "c")).target()).isEqualTo(new TableName("z", "c"));
  }

  @ParameterizedTest
  @CsvSource({
    "DEFAULT, app/orders, Total, x_Orders",
    "AS_SOURCE, App/Orders, Total, x_Orders",
    "LOWER, app/orders, total, x_orders",
    "UPPER, APP/ORDERS, TOTAL, x_ORDERS",
  })
  void theCasePolicySpellsWhatComesFromTheSourceAlone(
      NameCase nameCase, String table, String column, String renamed) {
    TableName source = new TableName("App", "Orders");

    assertThat(routes(nameCase).of(source).target()).isEqualTo(name(table));
    assertThat(routes(nameCase).of(source).column("Total")).contains(column);
    assertThat(
            routes(nameCase, route("App.(.*)", "Store.x_$1"))
                .of(source)
                .target()
                .name()
                .replace("orders", nameCase == NameCase.DEFAULT ? "Orders" : "orders"))
        .isEqualTo(renamed);
    assertThat(routes(nameCase, route("App.*", "Store.Mine")).of(source).target())
        .isEqualTo(name("Store/Mine"));
  }

  @Test
  void onlyTheLettersThatServersFoldChange() {
    assertThat(NameCase.LOWER.relation("ÄÉİ_AZ[`{@")).isEqualTo("ÄÉİ_az[`{@");
    assertThat(NameCase.UPPER.part("äßı_az[`{@")).isEqualTo("äßı_AZ[`{@");
  }

  @Test
  void columnsAreChosenAndRenamed() {
    TableRoute route =
        Routes.of(
                List.of(
                    new Route(
                        "a.b",
                        null,
                        null,
                        List.of("id", "in_.*", "\"x.y\""),
                        List.of("in_secret"),
                        List.of("in_(.*) AS $1", "id as \"The Id\"", "x.y AS never"),
                        null,
                        "")),
                NameCase.UPPER)
            .of(new TableName("a", "b"));

    assertThat(route.column("id")).contains("The Id");
    assertThat(route.column("in_price")).contains("PRICE");
    assertThat(route.column("in_secret")).isEmpty();
    assertThat(route.column("other")).isEmpty();
    assertThat(route.column("x.y")).contains("never");
    assertThat(route.column("xzy")).isEmpty();
    assertThat(route.migrated(List.of("other", "id"))).containsExactly("id");
  }

  @Test
  void constantsComeFromGroupsOrTheName() {
    Route shards =
        new Route(
            "shop.orders_(\\d+)",
            "store.orders",
            null,
            List.of(),
            List.of(),
            List.of(),
            new Route.Constant("shard", Route.Constant.Type.INTEGER, "$1"),
            "");
    Route named =
        new Route(
            "Shop.*",
            "store.all",
            null,
            List.of(),
            List.of(),
            List.of(),
            new Route.Constant("origin", Route.Constant.Type.TEXT, null),
            "");
    Routes routes = routes(NameCase.DEFAULT, shards, named);

    assertThat(routes.of(new TableName("shop", "orders_7")).constant())
        .contains(new TableRoute.ConstantColumn("shard", Route.Constant.Type.INTEGER, "7"));
    assertThat(routes.of(new TableName("Shop", "T")).constant())
        .contains(new TableRoute.ConstantColumn("origin", Route.Constant.Type.TEXT, "Shop.T"));
    assertThat(routes.of(new TableName("x", "y")).constant()).isEqualTo(Optional.empty());
  }

  @Test
  void malformedPatternsAreRefused() {
    assertThatThrownBy(() -> NamePattern.table("orders"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"orders\" must be schema.table");
    assertThatThrownBy(() -> NamePattern.table("a.\"b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"a.\"b\" has no closing double quote");
    assertThatThrownBy(() -> NameTemplate.table("a.b.c", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"a.b.c\" must be schema.table, with names that have dots in double quotes");
    assertThatThrownBy(() -> Route.Renaming.parse("a AS $1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"a AS $1\" takes up a group that its pattern has not");
  }

  @Test
  void messagesNameBothTables() {
    Routes routes = routes(NameCase.AS_SOURCE, route("a.b", "x.y"));

    assertThat(routes.of(new TableName("a", "b"))).hasToString("a.b -> x.y");
    assertThat(routes.of(new TableName("a", "c"))).hasToString("a.c");
  }
}
