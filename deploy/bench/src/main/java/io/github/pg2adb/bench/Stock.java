package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** Flink SQL with the stock connectors, {@code postgres-cdc} into {@code jdbc}. */
final class Stock implements Loader, Follower {
  private static final String SLOT = "bench_stock";

  @Override
  public String name() {
    return "Flink SQL, stock";
  }

  @Override
  public Optional<String> absence(Arena arena) {
    return Files.isDirectory(arena.root().resolve("deploy/bench/target/stock-lib"))
        ? Optional.empty()
        : Optional.of("its jars are not there; deploy/bench/run fetches them");
  }

  @Override
  public Measurement load(Arena arena, long rows) throws Exception {
    arena.createOrders();
    // it makes the slot itself, also for rows alone
    arena.source().execute("CREATE PUBLICATION " + SLOT + " FOR TABLE orders");
    long spawned = System.nanoTime();
    try (Child child = run(arena, "snapshot");
        Connection source = arena.source().connect()) {
      long begin = Waiting.until("the stock pipeline reads a row", () -> isReading(child, source));
      long end =
          Waiting.until(
              "the stock pipeline has copied the rows",
              () -> child.hasEnded() || child.output().contains(StockProgram.FINISHED));
      child.awaitSuccess();
      long copied = arena.sink().number("SELECT count(*) FROM orders");
      if (copied != rows) {
        throw new IllegalStateException(
            "The stock pipeline has copied " + copied + " of " + rows + " rows.");
      }
      return Measurement.rate(rows, end - begin)
          .with("start-up s", Measurement.seconds(begin - spawned));
    }
  }

  /** Its chunks are read with a SELECT of all columns between bounds. */
  private static boolean isReading(Child child, Connection source) throws Exception {
    child.checkRunning();
    return Long.parseLong(
            Db.text(
                source,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND query LIKE 'SELECT%FROM \"public\".\"orders\"%' AND pid <> pg_backend_pid()"))
        > 0;
  }

  @Override
  public Following prepare(Arena arena) throws Exception {
    arena.createOrders();
    copy(arena.source(), arena.sink());
    Slots.create(arena.source(), SLOT, "TABLE orders");
    return new Job(arena);
  }

  /** Fills the sink, which is not what is measured. */
  private static void copy(Db from, Db to) throws Exception {
    try (Connection source = from.connect();
        Connection sink = to.connect()) {
      CopyOut out = source.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY orders TO STDOUT");
      CopyIn in = sink.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY orders FROM STDIN");
      for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
        in.writeToCopy(row, 0, row.length);
      }
      in.endCopy();
    }
  }

  private static Child run(Arena arena, String mode) throws IOException {
    Server source = arena.source().server();
    Server sink = arena.sink().server();
    List<String> command = new ArrayList<>(Java.command(arena.heap()));
    command.addAll(
        List.of(
            "-Dlog4j2.configurationFile=" + arena.root().resolve("deploy/log4j2-cli.properties"),
            "-cp",
            String.join(
                File.pathSeparator,
                arena.root().resolve("deploy/bench/target/classes").toString(),
                arena.root().resolve("deploy/bench/target/stock-lib") + "/*",
                arena.root().resolve("job/target/flink-lib") + "/*"),
            StockProgram.class.getName(),
            source.host(),
            String.valueOf(source.port()),
            arena.source().name(),
            source.user(),
            sink.host(),
            String.valueOf(sink.port()),
            arena.sink().name(),
            sink.user(),
            mode,
            SLOT));
    return Child.start(
        arena.log("stock"),
        Map.of("BENCH_SOURCE_PASSWORD", source.password(), "BENCH_SINK_PASSWORD", sink.password()),
        command);
  }

  private static final class Job implements Following {
    private final Arena arena;
    private Optional<Child> child = Optional.empty();

    Job(Arena arena) {
      this.arena = arena;
    }

    @Override
    public void start(String mark) throws IOException {
      child = Optional.of(run(arena, "committed-offset"));
    }

    @Override
    public String slot() {
      return SLOT;
    }

    @Override
    public boolean isCaughtUp(Connection sink, String mark) throws Exception {
      check();
      return Orders.shows(sink, mark);
    }

    @Override
    public void check() {
      child.ifPresent(Child::checkRunning);
    }

    @Override
    public void close() {
      child.ifPresent(Child::close);
    }
  }
}
