package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.NameFindings;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NamesTest {

  private static final TableName ORDERS = new TableName("shop", "orders");
  private static final TableName ITEMS = new TableName("shop", "items");
  private static final Routes ROUTES =
      Routes.of(
          List.of(
              new Route(
                  "shop.*", "store.$0", null, List.of(), List.of(), List.of(), null, "all of it")),
          NameCase.DEFAULT);

  @Test
  void whatIsLoadedMustBeUnderItsName() {
    List<TableName> selected = List.of(ITEMS, ORDERS);

    assertThat(Names.assessLoaded(selected, Set.of(), ROUTES, Set.of())).isEmpty();
    assertThat(
            Names.assessLoaded(
                selected, Set.of(ORDERS), ROUTES, Set.of(new TableName("store", "orders"))))
        .isEmpty();
    assertThat(Names.assessLoaded(selected, Set.of(ORDERS), ROUTES, Set.of(ORDERS)))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.code()).isEqualTo(PrecheckCode.ROUTE_CHANGED);
              assertThat(finding.objects()).containsExactly("shop.orders -> store.orders");
              assertThat(finding.result()).isEqualTo(Finding.Result.ERROR);
            });
  }

  @Test
  void everyKindOfProblemHasItsCode() {
    List<Finding> findings =
        Names.assess(new NameFindings(List.of("a"), List.of("b"), List.of("c"), List.of("d", "e")));

    assertThat(findings)
        .extracting(Finding::code)
        .containsExactly(
            PrecheckCode.NAMES_COLLIDE,
            PrecheckCode.NAME_LENGTH,
            PrecheckCode.ROUTE_COLUMNS,
            PrecheckCode.ROUTE_UNUSED);
    assertThat(findings.get(2).objects()).containsExactly("d", "e");
    assertThat(Names.assess(new NameFindings(List.of(), List.of(), List.of(), List.of())))
        .isEmpty();
  }
}
