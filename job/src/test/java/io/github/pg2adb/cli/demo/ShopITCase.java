package io.github.pg2adb.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShopITCase {

  private TestDatabase database;

  @BeforeEach
  void createShop() throws SQLException {
    database = Servers.source().createDatabase();
    try (Connection connection = database.connection()) {
      Shop.create(connection, 20_000);
    }
  }

  @AfterEach
  void dropShop() {
    database.close();
  }

  @Test
  void hasAsManyRowsAsAskedAndNoEmptyTable() throws SQLException {
    List<Shop.ShopTable> tables;
    try (Connection connection = database.connection()) {
      tables = Shop.tables(connection);
    }

    assertThat(tables).hasSize(10);
    assertThat(tables)
        .contains(
            new Shop.ShopTable(
                new TableName("User", "select"),
                List.of("table", "where", "a \"quoted\" name"),
                List.of("table", "where")),
            new Shop.ShopTable(
                new TableName("shop", "page_views"),
                List.of("viewed_at", "customer_id", "path", "milliseconds"),
                List.of()));
    long total = 0;
    for (Shop.ShopTable table : tables) {
      long rows =
          Long.parseLong(database.single("SELECT count(*) FROM " + Sql.quote(table.name())));
      assertThat(rows).as("rows of %s", table.name()).isPositive();
      total += rows;
    }
    assertThat(total).isEqualTo(20_000);
  }

  @Test
  void showsWhatMatters() {
    assertThat(database.single("SELECT min(pg_column_size(description)) > 8000 FROM shop.products"))
        .isEqualTo("t");
    assertThat(database.single("SELECT count(DISTINCT tableoid) FROM shop.orders")).isEqualTo("3");
    assertThat(database.single("SELECT relreplident FROM pg_class WHERE relname = 'page_views'"))
        .isEqualTo("f");
    assertThat(
            database.single(
                "SELECT count(*) > count(DISTINCT page_views::text) FROM shop.page_views"))
        .isEqualTo("t");
  }

  @Test
  void everyActionWorksMoreThanOnce() throws SQLException {
    try (Connection connection = database.connection()) {
      connection.setAutoCommit(false);
      ShopActions actions = new ShopActions(new Random(1), 1_800, 4_000);
      Map<TableName, Long> changes = new HashMap<>();
      for (int i = 0; i < 400; i++) {
        ShopTransaction transaction = new ShopTransaction(connection);
        actions.any(transaction);
        transaction.commit().forEach((table, rows) -> changes.merge(table, rows, Long::sum));
      }

      assertThat(changes)
          .hasSize(10)
          .allSatisfy((table, rows) -> assertThat(rows).as("%s", table).isPositive());
    }
  }

  @Test
  void workloadRunsUntilStopped() throws Exception {
    try (Workload workload = Workload.start(database.endpoint(), 2, 1_800, 4_000)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> workload.transactions() > 200 || workload.failure().isPresent());
      workload.stop();

      assertThat(workload.failure()).isEmpty();
      long transactions = workload.transactions();
      assertThat(transactions).isGreaterThan(200);
      assertThat(workload.changes()).containsKey(new TableName("shop", "orders"));
      assertThat(
              database.single(
                  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                      + " AND state LIKE 'idle in transaction%'"))
          .isEqualTo("0");
    }
  }
}
