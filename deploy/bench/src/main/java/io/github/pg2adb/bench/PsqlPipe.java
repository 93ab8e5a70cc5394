package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code psql COPY TO STDOUT | psql COPY FROM STDIN}: what there is to reach. */
final class PsqlPipe implements Loader {
  private final boolean binary;

  PsqlPipe(boolean binary) {
    this.binary = binary;
  }

  @Override
  public String name() {
    return binary ? "psql pipe, binary" : "psql pipe, text";
  }

  @Override
  public Optional<String> absence(Arena arena) {
    return Child.isInstalled("psql") ? Optional.empty() : Optional.of("psql is not installed");
  }

  @Override
  public Measurement load(Arena arena, long rows) throws Exception {
    arena.createOrders();
    String options = binary ? " (FORMAT binary)" : "";
    File log = arena.log("psql").toFile();
    ProcessBuilder out = psql(arena.source(), "COPY orders TO STDOUT" + options, log);
    ProcessBuilder in = psql(arena.sink(), "COPY orders FROM STDIN" + options, log);
    in.redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    long begin = System.nanoTime();
    for (Process process : ProcessBuilder.startPipeline(List.of(out, in))) {
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new IllegalStateException("psql ended with exit code " + exitCode + ": see " + log);
      }
    }
    return Measurement.rate(rows, System.nanoTime() - begin);
  }

  private static ProcessBuilder psql(Db database, String statement, File log) {
    ProcessBuilder builder =
        new ProcessBuilder(
            new ArrayList<>(List.of("psql", "-X", "-q", database.conninfo(), "-c", statement)));
    builder.environment().put("PGPASSWORD", database.server().password());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log));
    return builder;
  }
}
