package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Scale.Size;
import io.github.pg2adb.cli.demo.EmbeddedServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code deploy/bench/run}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures pg2adb next to its peers, on the same work, in turns. Without options it starts two PostgreSQL servers of"
            + " its own and takes hours; see --quick and --lines.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:measured", "1:a turn of pg2adb failed", "2:wrong use"})
public final class Bench implements Callable<Integer> {

  /** The system property that names the checkout. */
  static final String ROOT = "pg2adb.root";

  private static final Map<String, String> SOURCE_SETTINGS =
      Map.of(
          "wal_level", "logical",
          "max_wal_senders", "20",
          "max_replication_slots", "20",
          "shared_buffers", "512MB",
          "max_wal_size", "8GB",
          "wal_sender_timeout", "10min");

  private static final Map<String, String> SINK_SETTINGS =
      Map.of(
          "shared_buffers", "512MB", "max_wal_size", "8GB", "max_logical_replication_workers", "8");

  @Spec private CommandSpec spec;

  @Option(
      names = "--lines",
      split = ",",
      paramLabel = "LINE",
      description =
          "What to measure, separated by commas: full, bulk, oltp, fresh, hot, start, start-many, tables, growth,"
              + " memory-table, memory-wal. Default: all.")
  private List<String> lines = List.of();

  @Option(
      names = "--without",
      split = ",",
      paramLabel = "PEER",
      description =
          "Who does not take part: a part of the name in the report, such as stock or \"psql pipe, binary\".")
  private List<String> without = List.of();

  @Option(names = "--rounds", description = "Turns of each contestant, default ${DEFAULT-VALUE}.")
  private int rounds = 3;

  @Option(
      names = "--quick",
      description = "Little data and one round: a few minutes, which say little about speed.")
  private boolean quick;

  @Option(
      names = "--set",
      paramLabel = "SIZE=NUMBER",
      description = "Changes how much there is to do; --sizes lists what can be set.")
  private Map<String, Long> sizes = Map.of();

  @Option(names = "--sizes", description = "Lists the sizes and ends.")
  private boolean listSizes;

  @Option(
      names = "--source",
      paramLabel = "ADDRESS",
      description =
          "A PostgreSQL server with wal_level = logical and a superuser of it, postgresql://USER:PASSWORD@HOST:PORT."
              + " Databases bench_seed and bench_source are dropped and created there.")
  private @Nullable String source;

  @Option(
      names = "--sink",
      paramLabel = "ADDRESS",
      description =
          "A PostgreSQL or Greenplum server likewise. Database bench_sink is dropped and created there.")
  private @Nullable String sink;

  @Option(
      names = "--source-version",
      paramLabel = "VERSION",
      description = "The source's release without --source, default ${DEFAULT-VALUE}.")
  private String sourceVersion = "16";

  @Option(
      names = "--sink-version",
      paramLabel = "VERSION",
      description =
          "The destination's release without --sink, default ${DEFAULT-VALUE}, the oldest that is published for the machine.")
  private String sinkVersion = EmbeddedServer.isAvailable("12") ? "12" : "14";

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      description = "The most heap of each Java contestant, default ${DEFAULT-VALUE}.")
  private String heap = "2g";

  @Option(
      names = "--java-option",
      paramLabel = "OPTION",
      description =
          "One more option of pg2adb's JVM, such as -XX:StartFlightRecording=filename=/tmp/bench.jfr; may be repeated.")
  private List<String> javaOptions = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "Where the report goes as JSON.")
  private @Nullable Path json;

  private Bench() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Bench());
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    if (listSizes) {
      for (Size size : Size.values()) {
        out.printf(
            "%-16s %,13d (quick: %,9d)  %s%n",
            size.word(), size.usual(), size.quick(), size.meaning());
      }
      out.flush();
      return 0;
    }
    Scale scale = new Scale(quick, changedSizes());
    List<Line> chosen = chosen(new Lines(scale).all());
    Path root = Path.of(System.getProperty(ROOT, ".")).toRealPath();
    Path work = Files.createTempDirectory("pg2adb-bench-");
    Report report;
    try (Ground ground = Ground.of(source, sink, sourceVersion, sinkVersion)) {
      Map<String, String> facts = new LinkedHashMap<>(Machine.facts());
      facts.put("source", ground.source().version());
      facts.put("destination", ground.sink().version());
      facts.put("heap", heap);
      Rounds turns =
          new Rounds(
              ground.source(),
              ground.sink(),
              root,
              work,
              heap,
              javaOptions,
              this::takesPart,
              progress);
      int times = quick ? 1 : rounds;
      List<Report.LineResult> results = new ArrayList<>();
      for (Line line : chosen) {
        results.add(turns.run(line, times));
      }
      report = new Report(facts, scale.byName(), times, results);
    }
    out.print(report.text());
    out.flush();
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (report.hasSubjectFailed()) {
      progress.println("bench: pg2adb's output is in " + work);
      progress.flush();
      return 1;
    }
    delete(work);
    return 0;
  }

  private boolean takesPart(String contestant) {
    return without.stream().noneMatch(contestant::contains);
  }

  private Map<Size, Long> changedSizes() {
    Map<Size, Long> changed = new EnumMap<>(Size.class);
    sizes.forEach(
        (word, number) -> {
          try {
            changed.put(Size.parse(word), number);
          } catch (IllegalArgumentException e) {
            throw new ParameterException(
                spec.commandLine(), "--set: " + e.getMessage() + ". Hint: --sizes lists them.", e);
          }
        });
    return changed;
  }

  private List<Line> chosen(List<Line> all) {
    List<String> names = Rounds.names(all);
    for (String name : lines) {
      if (!names.contains(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "--lines: no line is called \"" + name + "\". Hint: there are " + names + ".");
      }
    }
    return lines.isEmpty()
        ? all
        : all.stream().filter(line -> lines.contains(line.name())).toList();
  }

  private static void delete(Path folder) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Both servers, with those that were started for it.
   *
   * @param own what is to be stopped
   */
  private record Ground(Server source, Server sink, List<EmbeddedServer> own)
      implements AutoCloseable {

    static Ground of(
        @Nullable String source, @Nullable String sink, String sourceVersion, String sinkVersion) {
      List<EmbeddedServer> own = new ArrayList<>();
      try {
        return new Ground(
            server(source, sourceVersion, SOURCE_SETTINGS, own),
            server(sink, sinkVersion, SINK_SETTINGS, own),
            own);
      } catch (RuntimeException e) {
        own.forEach(EmbeddedServer::close);
        throw e;
      }
    }

    private static Server server(
        @Nullable String address,
        String version,
        Map<String, String> settings,
        List<EmbeddedServer> own) {
      if (address != null) {
        return Server.parse(address);
      }
      EmbeddedServer server = EmbeddedServer.start(version, settings);
      own.add(server);
      return Server.of(server.endpoint());
    }

    @Override
    public void close() {
      own.forEach(EmbeddedServer::close);
    }
  }
}
