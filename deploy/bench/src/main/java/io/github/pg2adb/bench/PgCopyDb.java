package io.github.pg2adb.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code pgcopydb copy table-data} with two jobs. */
final class PgCopyDb implements Loader {

  @Override
  public String name() {
    return "pgcopydb";
  }

  @Override
  public Optional<String> absence(Arena arena) {
    if (!Child.isInstalled("pgcopydb")) {
      return Optional.of("pgcopydb is not installed");
    }
    return arena.sinkGreenplum()
        ? Optional.of("pgcopydb writes PostgreSQL alone")
        : Optional.empty();
  }

  @Override
  public Measurement load(Arena arena, long rows) throws Exception {
    arena.createOrders();
    Path folder = Files.createTempDirectory(arena.work(), "pgcopydb-");
    List<String> command =
        List.of(
            "pgcopydb",
            "copy",
            "table-data",
            "--source",
            arena.source().secretConninfo(),
            "--target",
            arena.sink().secretConninfo(),
            "--dir",
            folder.resolve("state").toString(),
            "--table-jobs",
            "2");
    long begin = System.nanoTime();
    try (Child child = Child.start(arena.log("pgcopydb"), Map.of(), command)) {
      child.awaitSuccess();
      return Measurement.rate(rows, System.nanoTime() - begin);
    }
  }
}
