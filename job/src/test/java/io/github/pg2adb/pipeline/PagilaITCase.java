package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Pagila;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A whole sample database with its rows, under another schema's name. */
class PagilaITCase {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Its own partitions are from the days of inheritance and rules. */
  private static final String[] PARTITIONED = {
    "CREATE TABLE payment_by_month (LIKE payment, PRIMARY KEY (payment_id, payment_date)) PARTITION BY RANGE (payment_date)",
    "CREATE TABLE payment_by_month_01 PARTITION OF payment_by_month FOR VALUES FROM ('2007-01-01') TO ('2007-02-01')",
    "CREATE TABLE payment_by_month_02 PARTITION OF payment_by_month FOR VALUES FROM ('2007-02-01') TO ('2007-03-01')",
    "CREATE TABLE payment_by_month_later PARTITION OF payment_by_month FOR VALUES FROM ('2007-03-01') TO ('2008-01-01')",
    "CREATE INDEX payment_by_month_rental ON payment_by_month (rental_id)",
    "INSERT INTO payment_by_month SELECT * FROM payment",
  };

  private static final String WHOLE_ROWS =
      "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class c WHERE relkind = 'r'"
          + " AND relnamespace = 'public'::regnamespace AND NOT relispartition"
          + " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND indisprimary)"
          + " LOOP EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', t); END LOOP; END $$";

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final String clerk = target.name() + "_clerk";

  @AfterEach
  void dropDatabases() {
    for (TestDatabase database : List.of(source, target)) {
      if (database.single("SELECT 1 FROM pg_roles WHERE rolname = '" + clerk + "'") != null) {
        database.execute("DROP OWNED BY " + clerk, "DROP ROLE " + clerk);
      }
      database.close();
    }
  }

  @Test
  void movesWithRowsPartitionsPrivilegesAndChangesIntoAnotherSchema() throws Exception {
    Pagila.create(source);
    Pagila.load(source);
    source.execute(PARTITIONED);
    source.execute(
        WHOLE_ROWS,
        "CREATE ROLE " + clerk,
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + clerk,
        "GRANT UPDATE (return_date) ON rental TO " + clerk);
    target.execute("CREATE ROLE " + clerk);
    try (TestMigration migration =
        TestMigration.between(source, target)
            .source("tables", "['public.*']")
            .source("chunk-size", "256kb")
            .sink("partitions", "native")
            .sink("grants", "true")
            .route(
                "source-table: public.(.*), sink-table: store.$1, columns.rename: [last_update AS changed_at]")
            .start()) {
      migration.awaitConsistent();
      source.execute(
          "UPDATE film SET rental_rate = rental_rate + 1 WHERE film_id % 3 = 0",
          "UPDATE payment SET amount = amount * 2 WHERE customer_id < 50",
          "DELETE FROM payment_by_month WHERE payment_id % 5 = 0",
          "INSERT INTO payment_by_month VALUES (1, 1, 1, 1, 9.99, '2007-02-03')",
          "UPDATE payment_by_month SET payment_date = '2007-01-20' WHERE payment_id = 1",
          "DELETE FROM film_actor WHERE film_id < 20",
          "UPDATE film_category SET category_id = 1 + category_id % 16 WHERE film_id < 100");
      migration.awaitCaughtUp().assertEqual();
      Awaitility.await("the schema is complete")
          .atMost(LIMIT)
          .until(
              () ->
                  target.single("SELECT 1 FROM pg2adb.event WHERE kind = 'schema-complete'")
                      != null);
      assertThat(migration.tables()).hasSize(22);
    }

    assertThat(target.single("SELECT count(*) FROM store.rental"))
        .isEqualTo(source.single("SELECT count(*) FROM rental"))
        .isEqualTo("16044");
    assertThat(
            target.query(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'store.payment_by_month'::regclass ORDER BY 1"))
        .containsExactly(
            List.of("store.payment_by_month_01"),
            List.of("store.payment_by_month_02"),
            List.of("store.payment_by_month_default"),
            List.of("store.payment_by_month_later"));
    for (String right :
        List.of(
            "has_table_privilege('%s', 'store.payment_by_month', 'SELECT')",
            "has_table_privilege('%s', 'store.film_list', 'SELECT')",
            "has_column_privilege('%s', 'store.rental', 'return_date', 'UPDATE')",
            "NOT has_column_privilege('%s', 'store.rental', 'rental_date', 'UPDATE')")) {
      assertThat(target.single("SELECT " + right.formatted(clerk))).as(right).isEqualTo("t");
    }
    String customers = "SELECT count(*), sum(id) FROM %s.customer_list";
    assertThat(target.query(customers.formatted("store")))
        .isEqualTo(source.query(customers.formatted("public")));
  }
}
