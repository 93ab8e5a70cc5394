package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Lets contestants take turns: every round has one turn of each, and begins with another one. Each
 * turn has a copy of the line's data of its own, and an empty destination.
 */
final class Rounds {
  private static final String SEED = "bench_seed";
  private static final String SOURCE = "bench_source";
  private static final String SINK = "bench_sink";

  /** Since when CREATE DATABASE otherwise writes the copy into the WAL. */
  private static final int COPIES_THROUGH_WAL = 150_000;

  private final Server source;
  private final Server sink;
  private final Arena arena;
  private final PrintWriter progress;
  private final Predicate<String> takesPart;

  /**
   * @param takesPart which contestants do, by name
   */
  Rounds(
      Server source,
      Server sink,
      Path root,
      Path work,
      String heap,
      List<String> javaOptions,
      Predicate<String> takesPart,
      PrintWriter progress)
      throws SQLException {
    this.source = source;
    this.sink = sink;
    this.takesPart = takesPart;
    this.progress = progress;
    this.arena =
        new Arena(
            source.database(SEED),
            sink.database(SINK),
            sink.isGreenplum(),
            root,
            work,
            heap,
            List.copyOf(javaOptions));
  }

  Report.LineResult run(Line line, int rounds) throws Exception {
    say("%s: %s", line.name(), line.work());
    Db seed = source.database(SEED);
    seed.recreate("");
    try {
      line.prepare(arena);
      List<Line.Turn> turns =
          line.turns().stream().filter(turn -> takesPart.test(turn.name())).toList();
      List<Result> results = turns.stream().map(turn -> new Result(turn.name())).toList();
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < turns.size(); i++) {
          int next = (i + round) % turns.size();
          take(turns.get(next), results.get(next), line);
        }
      }
      return new Report.LineResult(line, results);
    } finally {
      seed.drop();
    }
  }

  private void take(Line.Turn turn, Result result, Line line) throws SQLException {
    Optional<String> absence = turn.absence(arena);
    if (absence.isPresent()) {
      result.remark("not there: " + absence.get());
      say("  %s is not there: %s", turn.name(), absence.get());
      return;
    }
    Db copy = copyOfSeed();
    try {
      arena.sink().recreate("");
      try {
        settle();
        Measurement measurement = turn.take(arena.withSource(copy));
        result.add(measurement);
        say("  %s: %,.2f %s", turn.name(), measurement.value(), line.unit());
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        String why = Objects.requireNonNullElse(e.getMessage(), e.getClass().getName());
        result.remark("failed: " + why.lines().findFirst().orElse(why));
        say("  %s failed: %s", turn.name(), why);
      } finally {
        dropSubscriptions();
      }
    } finally {
      copy.drop();
      arena.sink().drop();
    }
  }

  private Db copyOfSeed() throws SQLException {
    Db copy = source.database(SOURCE);
    boolean strategies =
        copy.server().database("postgres").number("SHOW server_version_num") >= COPIES_THROUGH_WAL;
    source
        .database("postgres")
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                + SEED
                + "'");
    copy.recreate(" TEMPLATE " + SEED + (strategies ? " STRATEGY file_copy" : ""));
    return copy;
  }

  /** What one turn has left to be written is not the next one's work. */
  private void settle() throws SQLException {
    source.database("postgres").execute("CHECKPOINT");
    sink.database("postgres").execute("CHECKPOINT");
  }

  /** A turn that failed may have left one, and a database with it cannot be dropped. */
  private void dropSubscriptions() throws SQLException {
    if (arena.sinkGreenplum()) {
      return;
    }
    Db database = arena.sink();
    String name =
        database.text(
            "SELECT coalesce(max(subname), '') FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
                + " WHERE d.datname = current_database()");
    if (!name.isEmpty()) {
      database.execute(
          "ALTER SUBSCRIPTION " + name + " DISABLE",
          "ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)",
          "DROP SUBSCRIPTION " + name);
    }
  }

  private void say(String format, Object... values) {
    progress.println(String.format(Locale.ROOT, format, values));
    progress.flush();
  }

  /** The names of a list, for messages. */
  static List<String> names(List<Line> lines) {
    List<String> names = new ArrayList<>();
    lines.forEach(line -> names.add(line.name()));
    return names;
  }
}
