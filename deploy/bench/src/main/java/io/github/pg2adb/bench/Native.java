package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** PostgreSQL's own logical replication: publication and subscription. */
final class Native implements Loader, Follower {
  private static final String NAME = "bench_native";

  @Override
  public String name() {
    return "native replication";
  }

  @Override
  public Optional<String> absence(Arena arena) {
    return arena.sinkGreenplum()
        ? Optional.of("a subscription needs PostgreSQL as destination")
        : Optional.empty();
  }

  @Override
  public Measurement load(Arena arena, long rows) throws Exception {
    try (Following subscription = subscribe(arena);
        Connection sink = arena.sink().connect()) {
      long begin = System.nanoTime();
      arena.sink().execute("ALTER SUBSCRIPTION " + NAME + " ENABLE");
      long end =
          Waiting.untilAtLast(arena, "the subscription has copied the rows", () -> isCopied(sink));
      subscription.check();
      return Measurement.rate(rows, end - begin);
    }
  }

  @Override
  public Following prepare(Arena arena) throws Exception {
    Following subscription = subscribe(arena);
    try (Connection sink = arena.sink().connect()) {
      arena.sink().execute("ALTER SUBSCRIPTION " + NAME + " ENABLE");
      Waiting.until("the subscription has copied the rows", () -> isCopied(sink));
      arena.sink().execute("ALTER SUBSCRIPTION " + NAME + " DISABLE");
      Waiting.until("the subscription is at rest", () -> !Slots.isActive(arena.source(), NAME));
      return subscription;
    } catch (Exception e) {
      subscription.close();
      throw e;
    }
  }

  /** Creates the subscription without its slot: both servers may be one, which then would wait. */
  private static Following subscribe(Arena arena) throws SQLException {
    arena.createOrders();
    Slots.create(arena.source(), NAME, "TABLE orders");
    arena
        .sink()
        .execute(
            "CREATE SUBSCRIPTION "
                + NAME
                + " CONNECTION '"
                + arena.source().secretConninfo().replace("'", "''")
                + "' PUBLICATION "
                + NAME
                + " WITH (create_slot = false, enabled = false, slot_name = '"
                + NAME
                + "')");
    return new Subscription(arena);
  }

  /** States s and r of a table: copied and caught up, and followed by the main worker. */
  private static boolean isCopied(Connection sink) throws SQLException {
    return "1"
        .equals(
            Db.text(
                sink, "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate IN ('s', 'r')"));
  }

  private record Subscription(Arena arena) implements Following {
    @Override
    public void start(String mark) throws SQLException {
      arena.sink().execute("ALTER SUBSCRIPTION " + NAME + " ENABLE");
    }

    @Override
    public String slot() {
      return NAME;
    }

    @Override
    public boolean isCaughtUp(Connection sink, String mark) throws SQLException {
      return Orders.shows(sink, mark);
    }

    @Override
    public void check() {
      // it has no process of ours
    }

    @Override
    public void close() throws SQLException {
      Db sink = arena.sink();
      sink.execute(
          "ALTER SUBSCRIPTION " + NAME + " DISABLE",
          "ALTER SUBSCRIPTION " + NAME + " SET (slot_name = NONE)",
          "DROP SUBSCRIPTION " + NAME);
      Waiting.until("the subscription is gone", () -> !Slots.isActive(arena.source(), NAME));
      arena
          .source()
          .execute(
              "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                  + " WHERE slot_name = '"
                  + NAME
                  + "'",
              "DROP PUBLICATION " + NAME);
    }
  }
}
