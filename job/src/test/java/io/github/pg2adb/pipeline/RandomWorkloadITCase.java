package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.RandomWorkload;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomWorkloadITCase {

  @ParameterizedTest(name = "seed {0}, parallelism {1}")
  @CsvSource({"1, 1", "2, 2", "3, 3"})
  void sourceAndDestinationAreEqualAfterwards(long seed, int parallelism) throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        RandomWorkload workload = RandomWorkload.prepare(source, seed, 20_000).start(2);
        TestMigration migration =
            TestMigration.between(source, target)
                .pipeline("parallelism", String.valueOf(parallelism))
                // several chunks per larger table, so that the hand-off has something to hand off
                .source("chunk-size", "256kb")
                .source("wal.transaction-buffer", "64kb")
                .start()) {
      migration.awaitConsistent();
      long committedBefore = workload.commits();
      Awaitility.await("the workload goes on during the incremental phase")
          .atMost(Duration.ofMinutes(1))
          .until(() -> workload.commits() > committedBefore + 500);
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
      assertThat(migration.tables()).hasSize(9);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @CsvSource({"11", "12"})
  void goesOnFromTheLedgerAfterEveryStop(long seed) throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        RandomWorkload workload = RandomWorkload.prepare(source, seed, 20_000).start(2);
        TestMigration migration =
            TestMigration.between(source, target).source("chunk-size", "256kb").start()) {
      Awaitility.await("some chunks are loaded")
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !migration.ledgerPosition().equals(io.github.pg2adb.model.Lsn.NONE));
      migration.stop().start();
      migration.awaitConsistent();
      migration.stop().start();
      migration.awaitCaughtUp();
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
    }
  }
}
