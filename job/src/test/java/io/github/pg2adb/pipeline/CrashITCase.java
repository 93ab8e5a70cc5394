package io.github.pg2adb.pipeline;

import io.github.pg2adb.testing.CrashBench;
import io.github.pg2adb.testing.CrashBench.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kills and breaks everything that a migration is made of, on real processes. Afterwards the job
 * must be back by itself, source and destination equal, and the bank's sum never wrong. {@code
 * -Dpg2adb.crash.seed} repeats a run, as far as processes can be repeated.
 */
class CrashITCase {

  private static final int ROUNDS = Integer.getInteger("pg2adb.crash.rounds", 60);

  private final long seed = Long.getLong("pg2adb.crash.seed", System.nanoTime() % 1_000_000);
  private final Random random = new Random(seed * 0x9E3779B97F4A7C15L);

  @Test
  void comesBackAfterEveryKindOfCrash() throws Exception {
    try (CrashBench bench = CrashBench.start(seed, 20_000)) {
      throughTheSnapshot(bench);
      List<Fault> faults = new ArrayList<>(bench.possibleFaults());
      Collections.shuffle(faults, random);
      for (Fault fault : faults) {
        bench.strike(fault);
        bench.awaitRecovered(fault.name());
      }
      bench.assertEqual();
      bench.report();
    }
  }

  @Test
  @Tag("slow")
  void comesBackAfterManyCrashes() throws Exception {
    for (int start = 0; start < 3; start++) {
      try (CrashBench bench = CrashBench.start(seed + start, 60_000)) {
        throughTheSnapshot(bench);
        for (int round = 0; round < ROUNDS / 3; round++) {
          Fault fault = any(bench);
          bench.strike(fault);
          if (random.nextInt(4) == 0) {
            Fault second = any(bench);
            bench.strike(second);
          }
          bench.awaitRecovered(fault.name());
          if (round % 4 == 3) {
            bench.assertEqual();
          }
        }
        bench.assertEqual();
        bench.report();
      }
    }
  }

  private Fault any(CrashBench bench) {
    List<Fault> faults = bench.possibleFaults();
    return faults.get(random.nextInt(faults.size()));
  }

  private static void throughTheSnapshot(CrashBench bench) throws Exception {
    bench.killClientWithinSchemaCreation();
    bench.startWorkload();
    bench.killJobManagerWithinSlotCreation();
    bench.killBetweenRowsAndChunk();
    bench.killWithinCopy();
    bench.awaitConsistent();
    bench.watchBank();
    bench.assertEqual();
  }
}
