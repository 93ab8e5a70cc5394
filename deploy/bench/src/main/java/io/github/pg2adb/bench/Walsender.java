package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code pg_recvlogical} into nothing: how fast the source's server can tell its changes. */
final class Walsender implements Follower {
  private static final String SLOT = "bench_walsender";

  @Override
  public String name() {
    return "walsender's limit";
  }

  @Override
  public Optional<String> absence(Arena arena) {
    return Child.isInstalled("pg_recvlogical")
        ? Optional.empty()
        : Optional.of("pg_recvlogical is not on the PATH");
  }

  @Override
  public Following prepare(Arena arena) throws Exception {
    Slots.create(arena.source(), SLOT, "TABLE orders");
    return new Receiver(arena);
  }

  private static final class Receiver implements Following {
    private final Arena arena;
    private Optional<Child> child = Optional.empty();

    Receiver(Arena arena) {
      this.arena = arena;
    }

    @Override
    public void start(String mark) throws Exception {
      Db source = arena.source();
      List<String> command =
          new ArrayList<>(
              List.of(
                  "pg_recvlogical",
                  "-d",
                  source.conninfo(),
                  "--slot",
                  SLOT,
                  "--start",
                  "--no-loop",
                  "-o",
                  "proto_version=1",
                  "-o",
                  "publication_names=" + SLOT,
                  "--endpos",
                  source.text("SELECT pg_current_wal_lsn()"),
                  "-f",
                  "/dev/null"));
      child =
          Optional.of(
              Child.start(
                  arena.log("pg_recvlogical"),
                  Map.of("PGPASSWORD", source.server().password()),
                  command));
    }

    @Override
    public String slot() {
      return SLOT;
    }

    @Override
    public boolean isCaughtUp(Connection sink, String mark) throws Exception {
      return child.isPresent() && child.get().hasSucceeded();
    }

    @Override
    public void check() {
      // it ends when it has caught up
    }

    @Override
    public void close() {
      child.ifPresent(Child::close);
    }
  }
}
