package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Follower.Following;
import io.github.pg2adb.bench.Scale.Size;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** All lines of the report, in its order. */
final class Lines {
  private static final Pg2Adb PG2ADB = new Pg2Adb();
  private static final String ORDERS = "public.orders";

  private final Scale scale;

  Lines(Scale scale) {
    this.scale = scale;
  }

  List<Line> all() {
    return List.of(
        full(),
        bulk(),
        oltp(),
        fresh(),
        hot(),
        start(),
        startMany(),
        tables(),
        growth(),
        memoryOfTable(),
        memoryOfWal());
  }

  private Line full() {
    long rows = scale.of(Size.ROWS);
    return new SimpleLine(
        "full",
        text("Full load of %,d orders, key in place", rows),
        "rows/s",
        true,
        source -> Orders.fill(source, "orders", rows),
        Stream.of(
                PG2ADB,
                new PsqlPipe(false),
                new PsqlPipe(true),
                new PgCopyDb(),
                new Native(),
                new Stock())
            .map(loader -> Line.turn(loader, arena -> loader.load(arena, rows)))
            .toList());
  }

  private Line bulk() {
    long rows = scale.of(Size.BULK_ROWS);
    return new SimpleLine(
        "bulk",
        text("Catch-up of one UPDATE of %,d orders", rows),
        "changes/s",
        true,
        source -> Orders.fill(source, "orders", rows),
        followers()
            .map(
                follower ->
                    Line.turn(
                        follower,
                        arena ->
                            catchUp(
                                follower, arena, rows, () -> Orders.bulkUpdate(arena.source()))))
            .toList());
  }

  private Line oltp() {
    long rows = scale.of(Size.BULK_ROWS);
    long transactions = scale.of(Size.TRANSACTIONS);
    return new SimpleLine(
        "oltp",
        text("Catch-up of %,d transactions of 4 statements", transactions),
        "changes/s",
        true,
        source -> Orders.fill(source, "orders", rows),
        followers()
            .map(
                follower ->
                    Line.turn(
                        follower,
                        arena ->
                            catchUp(
                                follower,
                                arena,
                                transactions * Orders.STATEMENTS,
                                () -> Orders.transactions(arena.source(), rows, transactions))))
            .toList());
  }

  private static Stream<Follower> followers() {
    return Stream.of(PG2ADB, new Native(), new Stock(), new Walsender());
  }

  /** Writes what is to be applied. */
  @FunctionalInterface
  private interface Backlog {
    void write() throws Exception;
  }

  /** From the moment that the slot is read until the destination shows the last commit. */
  private static Measurement catchUp(Follower follower, Arena arena, long changes, Backlog backlog)
      throws Exception {
    try (Following following = follower.prepare(arena);
        Connection source = arena.source().connect();
        Connection sink = arena.sink().connect()) {
      backlog.write();
      String mark = "caught up";
      Orders.mark(arena.source(), mark);
      long spawned = System.nanoTime();
      following.start(mark);
      long begin =
          Waiting.until(
              follower.name() + " reads its slot",
              () -> Slots.isActive(source, following.slot()) || following.isCaughtUp(sink, mark));
      long end =
          Waiting.untilAtLast(
              arena,
              follower.name() + " has applied the backlog",
              () -> following.isCaughtUp(sink, mark));
      return Measurement.rate(changes, end - begin)
          .with("start-up s", Measurement.seconds(begin - spawned));
    }
  }

  private Line fresh() {
    return new SimpleLine(
        "fresh",
        text("Freshness at %,d changes/s: median from commit to commit", scale.of(Size.CHANGES)),
        "ms",
        false,
        source -> Orders.fill(source, "orders", scale.of(Size.BULK_ROWS)),
        Stream.of(PG2ADB, new Native(), new Stock())
            .map(
                follower ->
                    Line.turn(
                        follower,
                        arena -> {
                          try (Following following = follower.prepare(arena)) {
                            return steady(List.of("orders"), scale.of(Size.BULK_ROWS))
                                .measure(arena, following);
                          }
                        }))
            .toList());
  }

  private Line hot() {
    int tables = scale.intOf(Size.HOT_TABLES);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < tables; i++) {
      names.add("hot_" + i);
    }
    return new SimpleLine(
        "hot",
        text(
            "The same with %,d tables that change at once at %,d changes/s",
            tables, scale.of(Size.CHANGES)),
        "ms",
        false,
        source -> {
          Orders.fill(source, "orders", 1);
          Orders.fillMany(source, "hot_", tables, 1_000);
        },
        List.of(
            Line.turn(
                PG2ADB,
                arena -> {
                  try (Following following = PG2ADB.prepare(arena, "public.*")) {
                    return steady(names, 1_000).measure(arena, following);
                  }
                })));
  }

  private SteadyLoad steady(List<String> tables, long rows) {
    return new SteadyLoad(tables, rows, scale.intOf(Size.CHANGES), scale.intOf(Size.SECONDS));
  }

  private static Line start() {
    return new SimpleLine(
        "start",
        "From `run` to the first rows committed in the destination",
        "s",
        false,
        source -> Orders.fill(source, "orders", 1_000),
        List.of(Line.turn(PG2ADB, arena -> PG2ADB.start(arena, ORDERS))));
  }

  private Line startMany() {
    int tables = scale.intOf(Size.START_TABLES);
    return new SimpleLine(
        "start-many",
        text("The same with %,d tables", tables),
        "s",
        false,
        source -> Orders.fillMany(source, "t", tables, 1),
        List.of(Line.turn(PG2ADB, arena -> PG2ADB.start(arena, "public.*"))));
  }

  private Line tables() {
    int tables = scale.intOf(Size.TABLES);
    return new SimpleLine(
        "tables",
        text("%,d tables of 100 rows, schema and rows, from `run` to its end", tables),
        "s",
        false,
        source -> Orders.fillMany(source, "t", tables, 100),
        List.of(Line.turn(PG2ADB, arena -> PG2ADB.whole(arena, "public.*"))));
  }

  private Line growth() {
    long smallest = scale.of(Size.GROWTH_ROWS);
    List<Long> sizes = List.of(smallest, 5 * smallest, 20 * smallest);
    List<Line.Turn> turns = new ArrayList<>();
    for (long rows : sizes) {
      turns.add(
          Line.turn(
              text("%,d rows, %d chunks in parallel", rows, PG2ADB.parallelism()),
              PG2ADB,
              arena -> PG2ADB.load(arena, "public.orders_" + rows, rows, "64mb")));
    }
    long middle = sizes.get(1);
    for (int parallelism : List.of(2, 4, 8)) {
      Pg2Adb others = new Pg2Adb(parallelism);
      turns.add(
          Line.turn(
              text("%,d rows, %d chunks in parallel", middle, parallelism),
              others,
              arena -> others.load(arena, "public.orders_" + middle, middle, "64mb")));
    }
    return new SimpleLine(
        "growth",
        "Full load of more rows, and of more chunks in parallel",
        "rows/s",
        true,
        source -> {
          for (long rows : sizes) {
            Orders.fill(source, "orders_" + rows, rows);
          }
        },
        turns);
  }

  private Line memoryOfTable() {
    long rows = scale.of(Size.MEMORY_ROWS);
    return new SimpleLine(
        "memory-table",
        text("Full load of %,d orders with a heap of 1 GB: the process' most memory", rows),
        "MB",
        false,
        source -> Orders.fill(source, "orders", rows),
        List.of(
            Line.turn(
                PG2ADB,
                arena -> memoryOf(PG2ADB.load(arena.withHeap("1g"), ORDERS, rows, "64mb")))));
  }

  private Line memoryOfWal() {
    long changes = scale.of(Size.MEMORY_CHANGES);
    int mebibytes = scale.intOf(Size.MEMORY_VALUE);
    return new SimpleLine(
        "memory-wal",
        "Large things with a heap of 1 GB: the process' most memory",
        "MB",
        false,
        source -> {
          Orders.fill(source, "orders", 1_000);
          LargeValues.fill(source, mebibytes);
        },
        List.of(
            Line.turn(
                text("transaction of %,d rows", changes),
                PG2ADB,
                arena ->
                    follow(
                        arena.withHeap("1g"),
                        ORDERS,
                        () -> Orders.insertMore(arena.source(), changes))),
            Line.turn(
                text("8 values of %d MiB, loaded and changed", mebibytes),
                PG2ADB,
                arena ->
                    follow(
                        arena.withHeap("1g"),
                        "public.*",
                        () -> LargeValues.change(arena.source())))));
  }

  private static Measurement memoryOf(Measurement load) {
    double memory = load.details().getOrDefault("peak memory MB", 0.0);
    return new Measurement(memory, load.details()).with("rows/s", load.value());
  }

  /** The most memory of a run that loads the tables, stops, and then applies the backlog. */
  private static Measurement follow(Arena arena, String tables, Backlog backlog) throws Exception {
    try (Pg2Adb.Running following = PG2ADB.prepare(arena, tables);
        Connection sink = arena.sink().connect()) {
      backlog.write();
      String mark = "caught up";
      Orders.mark(arena.source(), mark);
      following.start(mark);
      long begin = System.nanoTime();
      long end =
          Waiting.untilAtLast(
              arena, "pg2adb has applied the backlog", () -> following.isCaughtUp(sink, mark));
      return Measurement.of(following.peakMemoryMb())
          .with("with start s", Measurement.seconds(end - begin));
    }
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
