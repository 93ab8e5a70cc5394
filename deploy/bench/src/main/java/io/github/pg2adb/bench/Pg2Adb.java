package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** pg2adb's own {@code run} in a process of its own. */
final class Pg2Adb implements Loader, Follower {
  private static final String TASK = "bench";

  private static final String FOLLOWS = "[schema, full, incremental]";
  private static final String LOADS = "[schema, full]";

  private final int parallelism;

  /** Both servers and Flink share the machine, so half of its processors write. */
  Pg2Adb() {
    this(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  Pg2Adb(int parallelism) {
    this.parallelism = parallelism;
  }

  /** How many chunks are read and written at the same time. */
  int parallelism() {
    return parallelism;
  }

  @Override
  public String name() {
    return Report.SUBJECT;
  }

  @Override
  public Optional<String> absence(Arena arena) {
    return Optional.empty();
  }

  @Override
  public Measurement load(Arena arena, long rows) throws Exception {
    return load(arena, "public.orders", rows, "64mb");
  }

  /**
   * Creates and loads the tables.
   *
   * @param tables a pattern as in a task file
   * @param rows how many rows they have together
   * @param chunkSize the option's value
   */
  Measurement load(Arena arena, String tables, long rows, String chunkSize) throws Exception {
    long spawned = System.nanoTime();
    try (Child run = run(arena, LOADS, tables, chunkSize);
        Connection source = arena.source().connect();
        Connection sink = arena.sink().connect()) {
      long begin =
          Waiting.until(
              "pg2adb reads the first row", () -> isReading(run, source) || isLoading(run, sink));
      long end =
          Waiting.untilAtLast(arena, "pg2adb has loaded all rows", () -> loaded(run, sink) >= rows);
      double memory = run.peakMemoryMb();
      run.awaitSuccess();
      return Measurement.rate(rows, end - begin)
          .with("start-up s", Measurement.seconds(begin - spawned))
          .with("with start and end s", Measurement.seconds(System.nanoTime() - spawned))
          .with("peak memory MB", memory);
    }
  }

  /** Seconds from the start of the process until the first rows are committed in the sink. */
  Measurement start(Arena arena, String tables) throws Exception {
    long spawned = System.nanoTime();
    try (Child run = run(arena, FOLLOWS, tables, "64mb");
        Connection source = arena.source().connect();
        Connection sink = arena.sink().connect()) {
      long reading =
          Waiting.until(
              "pg2adb reads the first row", () -> isReading(run, source) || isLoading(run, sink));
      long committed = Waiting.until("the first chunk is there", () -> isLoading(run, sink));
      return Measurement.of(Measurement.seconds(committed - spawned))
          .with("first COPY seen s", Measurement.seconds(reading - spawned));
    }
  }

  /** Seconds from the start of the process to its end, with schema and rows. */
  Measurement whole(Arena arena, String tables) throws Exception {
    long spawned = System.nanoTime();
    try (Child run = run(arena, LOADS, tables, "64mb")) {
      run.awaitSuccess();
      return Measurement.of(Measurement.seconds(System.nanoTime() - spawned));
    }
  }

  @Override
  public Following prepare(Arena arena) throws Exception {
    return prepare(arena, "public.orders");
  }

  /** The same for other tables, of which {@code orders} must be one. */
  Running prepare(Arena arena, String tables) throws Exception {
    Running running = new Running(arena, tables);
    try (Connection sink = arena.sink().connect()) {
      String mark = "prepared";
      running.start(mark);
      Waiting.until("pg2adb reads the slot", () -> running.isReadingSlot());
      Orders.mark(arena.source(), mark);
      Waiting.until("pg2adb has copied the rows", () -> running.isCaughtUp(sink, mark));
      running.stop();
      return running;
    } catch (Exception e) {
      running.close();
      throw e;
    }
  }

  /** A task that goes on where it stopped. */
  final class Running implements Following {
    private final Arena arena;
    private final String tables;
    private boolean created;
    private Optional<Child> child = Optional.empty();

    private Running(Arena arena, String tables) {
      this.arena = arena;
      this.tables = tables;
    }

    @Override
    public void start(String mark) throws Exception {
      child = Optional.of(run(arena, FOLLOWS, tables, "64mb"));
    }

    void stop() throws Exception {
      child.ifPresent(Child::close);
      child = Optional.empty();
      Waiting.until("slot " + slot() + " is free", () -> !isReadingSlot());
    }

    boolean isReadingSlot() throws Exception {
      check();
      return Slots.isActive(arena.source(), slot());
    }

    double peakMemoryMb() {
      return child.map(Child::peakMemoryMb).orElse(0.0);
    }

    @Override
    public String slot() {
      return "pg2adb_" + TASK;
    }

    @Override
    public boolean isCaughtUp(Connection sink, String mark) throws Exception {
      check();
      created = created || "t".equals(Db.text(sink, "SELECT to_regclass('orders') IS NOT NULL"));
      return created
          && "1"
              .equals(
                  Db.text(
                      sink, "SELECT count(*) FROM orders WHERE id = 1 AND note = '" + mark + "'"));
    }

    @Override
    public void check() {
      child.ifPresent(Child::checkRunning);
    }

    @Override
    public void close() {
      child.ifPresent(Child::close);
      child = Optional.empty();
    }
  }

  private static boolean isReading(Child run, Connection source) throws Exception {
    checkAlive(run);
    return Long.parseLong(
            Db.text(
                source,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND query LIKE 'COPY %' AND pid <> pg_backend_pid()"))
        > 0;
  }

  private static boolean isLoading(Child run, Connection sink) throws Exception {
    return loaded(run, sink) > 0;
  }

  private static long loaded(Child run, Connection sink) throws Exception {
    checkAlive(run);
    String there = Db.text(sink, "SELECT to_regclass('pg2adb.chunk') IS NOT NULL");
    return "t".equals(there)
        ? Long.parseLong(Db.text(sink, "SELECT coalesce(sum(\"rows\"), 0) FROM pg2adb.chunk"))
        : 0;
  }

  /** A run that has ended well may have done so since the last look. */
  private static void checkAlive(Child run) throws InterruptedException {
    if (run.hasEnded()) {
      run.awaitSuccess();
    }
  }

  private Child run(Arena arena, String phases, String tables, String chunkSize)
      throws IOException, SQLException {
    Path task = Files.createTempFile(arena.work(), "task-", ".yaml");
    Files.writeString(task, task(arena, phases, tables, chunkSize));
    List<String> command = new ArrayList<>(Java.command(arena.heap()));
    command.addAll(arena.javaOptions());
    command.addAll(
        List.of(
            "-Dlog4j2.configurationFile=" + arena.root().resolve("deploy/log4j2-cli.properties"),
            "-cp",
            classPath(arena.root()),
            "io.github.pg2adb.cli.Pg2Adb",
            "run",
            "--port",
            "0",
            "-f",
            task.toString()));
    return Child.start(
        arena.log("pg2adb"),
        Map.of(
            "BENCH_SOURCE_PASSWORD",
            arena.source().server().password(),
            "BENCH_SINK_PASSWORD",
            arena.sink().server().password()),
        command);
  }

  /** The newest job jar and the Flink beside it. */
  private static String classPath(Path root) throws IOException {
    Path target = root.resolve("job/target");
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "pg2adb-job-*.jar")) {
      for (Path jar : jars) {
        return jar + java.io.File.pathSeparator + target.resolve("flink-lib") + "/*";
      }
    }
    throw new IllegalStateException("No job jar in " + target + ". Hint: ./mvnw package makes it.");
  }

  private String task(Arena arena, String phases, String tables, String chunkSize)
      throws SQLException {
    return """
        pipeline:
          name: %s
          phases: %s
          parallelism: %d
        source:
          type: postgres
          chunk-size: %s
          tables: ["%s"]
        %s
        sink:
          type: %s
        %s
        """
        .formatted(
            TASK,
            phases,
            parallelism,
            chunkSize,
            tables,
            login(arena.source(), "BENCH_SOURCE_PASSWORD"),
            arena.sinkGreenplum() ? "greenplum" : "postgresql",
            login(arena.sink(), "BENCH_SINK_PASSWORD"));
  }

  private static String login(Db database, String passwordVariable) {
    Server server = database.server();
    String login =
        "  hostname: %s%n  port: %d%n  database: %s%n  username: %s"
            .formatted(server.host(), server.port(), database.name(), server.user());
    return server.password().isEmpty()
        ? login
        : login + "%n  password: ${%s}".formatted(passwordVariable);
  }
}
