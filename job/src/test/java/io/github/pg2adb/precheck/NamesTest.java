package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.NameFindings;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RouteRecord;
import io.github.pg2adb.model.TableName;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NamesTest {

  private static final TableName ORDERS = new TableName("shop", "orders");
  private static final TableName STORED = new TableName("store", "orders");
  private static final Set<Phase> ALL = EnumSet.allOf(Phase.class);

  private static RouteRecord route(Map<String, String> columns, String constant) {
    return new RouteRecord(ORDERS, STORED, columns, constant);
  }

  private static LedgerState ledger(
      Set<TableName> loaded, @Nullable Lsn position, RouteRecord... routes) {
    return new LedgerState(
        true,
        true,
        LedgerState.TABLES,
        Set.of(),
        Optional.ofNullable(position),
        loaded,
        Set.of(),
        Stream.of(routes).collect(Collectors.toMap(RouteRecord::source, route -> route)),
        Map.of());
  }

  private static List<String> changes(
      RouteRecord now, LedgerState ledger, Set<Phase> phases, TableName... there) {
    return Names.assessChanged(List.of(now), ledger, phases, Set.of(there))
        .map(Finding::objects)
        .orElse(List.of());
  }

  @Test
  void whatIsLoadedMustBeUnderItsName() {
    RouteRecord now = route(Map.of("id", "id"), "");

    assertThat(changes(now, ledger(Set.of(), null), ALL)).isEmpty();
    assertThat(changes(now, ledger(Set.of(ORDERS), null), ALL, STORED)).isEmpty();
    assertThat(changes(now, ledger(Set.of(ORDERS), null), ALL, ORDERS))
        .containsExactly("shop.orders (there is no store.orders)");
  }

  @Test
  void whatIsLoadedKeepsItsColumnsAndItsConstant() {
    RouteRecord before = route(Map.of("id", "id", "v", "w", "gone", "gone"), "shard smallint = 1");
    RouteRecord now =
        route(Map.of("id", "id", "v", RouteRecord.LEFT_OUT, "new", "other"), "shard smallint = 2");
    List<String> changed =
        List.of(
            "shop.orders (column v was w and would be left out,"
                + " had shard smallint = 1 and would have shard smallint = 2)");

    assertThat(changes(now, ledger(Set.of(ORDERS), null, before), ALL, STORED)).isEqualTo(changed);
    assertThat(changes(before, ledger(Set.of(ORDERS), null, before), ALL, STORED)).isEmpty();
    assertThat(changes(now, ledger(Set.of(), Lsn.parse("0/1"), before), ALL, STORED)).isEmpty();
    assertThat(
            changes(
                now, ledger(Set.of(), Lsn.parse("0/1"), before), Set.of(Phase.INCREMENTAL), STORED))
        .isEqualTo(changed);
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
