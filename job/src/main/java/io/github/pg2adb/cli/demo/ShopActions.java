package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** What happens in the shop: each action is one transaction. For one thread. */
final class ShopActions {

  private static final TableName CUSTOMERS = new TableName("shop", "customers");
  private static final TableName PRODUCTS = new TableName("shop", "products");
  private static final TableName ORDERS = new TableName("shop", "orders");
  private static final TableName ITEMS = new TableName("shop", "order_items");
  private static final TableName VIEWS = new TableName("shop", "page_views");
  private static final TableName LOG = new TableName("shop", "audit_log");
  private static final TableName CARTS = new TableName("shop", "carts");
  private static final TableName SHIPMENTS = new TableName("shop", "shipments");
  private static final TableName MIXED_CASE = new TableName("shop", "Order");
  private static final TableName RESERVED = new TableName("User", "select");

  private final Random random;
  private final int customers;
  private final int orders;

  /** Each as often as it stands here. */
  private final List<ShopTransaction.Step> actions =
      List.of(
          this::order,
          this::order,
          this::order,
          this::pay,
          this::pay,
          this::viewPages,
          this::viewPages,
          this::changePrices,
          this::changePrices,
          this::rewriteDescription,
          this::renameProduct,
          this::moveOrder,
          this::renumberItems,
          this::cancelOrder,
          this::forgetViews,
          this::refillCarts,
          this::ship,
          this::changeOddNames,
          this::changeMind,
          this::abandon);

  /**
   * @param random what decides
   * @param customers how many customers the shop started with
   * @param orders how many orders the shop started with
   */
  ShopActions(Random random, int customers, int orders) {
    this.random = random;
    this.customers = customers;
    this.orders = orders;
  }

  /** Does one of them, and leaves the transaction to be committed. */
  void any(ShopTransaction transaction) throws SQLException {
    actions.get(random.nextInt(actions.size())).run(transaction);
  }

  /** Several tables at once. */
  private void order(ShopTransaction shop) throws SQLException {
    shop.change(
        ORDERS,
        "INSERT INTO shop.orders (id, ordered_on, customer_id, total, note) SELECT"
            + " nextval('shop.order_number'), DATE '2024-01-01' + "
            + random.nextInt(600)
            + ", "
            + customer()
            + ", "
            + random.nextInt(100_000) / 8.0
            + ", repeat(E'\\t\\\\N ☃', "
            + random.nextInt(4)
            + ")");
    shop.change(
        ITEMS,
        "INSERT INTO shop.order_items (order_id, line, product_id, quantity, price)"
            + " SELECT currval('shop.order_number'), -n, gen_random_uuid(), n, n / 3.0"
            + " FROM generate_series(1, "
            + (1 + random.nextInt(5))
            + ") n");
    shop.change(
        CUSTOMERS, "UPDATE shop.customers SET balance = balance + 0.25 WHERE id = " + customer());
    shop.change(
        LOG,
        "INSERT INTO shop.audit_log (who, what) VALUES ('10.1.2.3', 'order ' || currval('shop.order_number'))");
  }

  private void pay(ShopTransaction shop) throws SQLException {
    String id = anOrder();
    shop.change(ORDERS, "UPDATE shop.orders SET status = 'paid', note = NULL WHERE id = " + id);
    shop.change(
        CUSTOMERS,
        "UPDATE shop.customers SET tags = array_append(tags[1:3], '{\"' || "
            + id
            + "), tier = 'gold ✓' WHERE id = "
            + customer());
  }

  private void viewPages(ShopTransaction shop) throws SQLException {
    shop.change(
        VIEWS,
        "INSERT INTO shop.page_views SELECT TIMESTAMPTZ '2025-01-01 00:00Z', "
            + random.nextInt(50)
            + ", '/', n / 2 / 7.0 FROM generate_series(1, "
            + (1 + random.nextInt(20))
            + ") n");
  }

  /** Rows without a key, of which others are copies. */
  private void forgetViews(ShopTransaction shop) throws SQLException {
    String anyViews =
        " WHERE ctid = ANY (ARRAY(SELECT ctid FROM shop.page_views WHERE customer_id = "
            + random.nextInt(50)
            + " LIMIT 3))";
    shop.change(VIEWS, "DELETE FROM shop.page_views" + anyViews);
    shop.change(VIEWS, "UPDATE shop.page_views SET milliseconds = 'NaN'" + anyViews);
  }

  /** Leaves the long description where it is: the WAL does not carry it. */
  private void changePrices(ShopTransaction shop) throws SQLException {
    shop.change(
        PRODUCTS,
        "UPDATE shop.products SET price = price + 0.01, attributes = attributes || '{\"sale\": 1.50}'"
            + someProducts(5));
  }

  private void rewriteDescription(ShopTransaction shop) throws SQLException {
    shop.change(
        PRODUCTS,
        "UPDATE shop.products SET description = (SELECT string_agg(md5(random()::text), E'\\\\')"
            + " FROM generate_series(1, 270)), picture = decode(md5(random()::text), 'hex')"
            + someProducts(1));
  }

  /** A new key, with the description unchanged. */
  private void renameProduct(ShopTransaction shop) throws SQLException {
    shop.change(PRODUCTS, "UPDATE shop.products SET id = gen_random_uuid()" + someProducts(1));
  }

  /** A new key, and often another partition. */
  private void moveOrder(ShopTransaction shop) throws SQLException {
    shop.change(
        ORDERS,
        "UPDATE shop.orders SET ordered_on = DATE '2024-01-01' + "
            + random.nextInt(600)
            + " WHERE id = "
            + anOrder());
  }

  /** New keys that other rows had just before. */
  private void renumberItems(ShopTransaction shop) throws SQLException {
    String where = " WHERE order_id = " + anOrder();
    shop.change(ITEMS, "UPDATE shop.order_items SET line = line + 1000" + where);
    shop.change(ITEMS, "UPDATE shop.order_items SET line = line - 999" + where);
  }

  private void cancelOrder(ShopTransaction shop) throws SQLException {
    String id = anOrder();
    shop.change(ITEMS, "DELETE FROM shop.order_items WHERE order_id = " + id);
    shop.change(ORDERS, "DELETE FROM shop.orders WHERE id = " + id);
  }

  private void refillCarts(ShopTransaction shop) throws SQLException {
    boolean isEmptied = random.nextInt(4) == 0;
    if (isEmptied) {
      shop.change(CARTS, "TRUNCATE shop.carts");
    }
    shop.change(
        CARTS,
        "INSERT INTO shop.carts SELECT n, ARRAY[gen_random_uuid()], n * INTERVAL '1 day' FROM generate_series("
            + customer()
            + ", "
            + customer()
            + ") n LIMIT 10 ON CONFLICT (customer_id) DO UPDATE SET expires_in = INTERVAL '-1 mon 1 day'");
  }

  private void ship(ShopTransaction shop) throws SQLException {
    shop.change(
        SHIPMENTS,
        "INSERT INTO shop.shipments (id, carrier, weight, pickup, flags, parts) VALUES ("
            + random.nextInt(100_000)
            + ", 'x ', "
            + random.nextDouble() * 1e-300
            + ", '23:59:59.999999-12', B'"
            + Integer.toBinaryString(random.nextInt(2048))
            + "', '[1.0,  null]') ON CONFLICT (id) DO UPDATE SET weight = -shipments.weight,"
            + " delivery = 'empty', route = shipments.route || point(0.1, 'Infinity')");
  }

  private void changeOddNames(ShopTransaction shop) throws SQLException {
    shop.change(
        MIXED_CASE,
        "UPDATE shop.\"Order\" SET \"Group\" = -1, \"Größe ☃\" = E'\\\\N' WHERE \"Id\" = "
            + (1 + random.nextInt(1000)));
    shop.change(
        RESERVED,
        "INSERT INTO \"User\".\"select\" VALUES ('Ä', "
            + random.nextInt(1000)
            + ", NULL) ON CONFLICT DO NOTHING");
    shop.change(
        RESERVED, "DELETE FROM \"User\".\"select\" WHERE \"where\" = " + random.nextInt(1000));
  }

  /** Nothing of what a savepoint takes back may arrive. */
  private void changeMind(ShopTransaction shop) throws SQLException {
    viewPages(shop);
    shop.undo(this::cancelOrder);
    shop.undo(this::changePrices);
    order(shop);
  }

  /** Nothing of this may arrive. */
  private void abandon(ShopTransaction shop) throws SQLException {
    order(shop);
    viewPages(shop);
    shop.abandon();
  }

  private int customer() {
    return 1 + random.nextInt(customers);
  }

  /** An order that may be gone; new ones have higher numbers. */
  private String anOrder() {
    return Integer.toString(1 + random.nextInt(orders + orders / 10 + 1));
  }

  private static String someProducts(int limit) {
    return " WHERE id = ANY (ARRAY(SELECT id FROM shop.products WHERE id >= gen_random_uuid()"
        + " ORDER BY id LIMIT "
        + limit
        + "))";
  }
}
