package io.github.pg2adb.pipeline;

import io.github.pg2adb.testing.RandomWorkload;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TestServer;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every release that can be a source. 12 is the newest without publications of partitioned tables,
 * and always at hand.
 */
class VersionsITCase {

  @ParameterizedTest(name = "PostgreSQL {0}")
  @ValueSource(strings = {"10", "11", "12", "13", "14", "15", "17", "18"})
  void isASource(String version) throws Exception {
    try (TestServer server = Servers.embedded(version);
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        RandomWorkload workload = RandomWorkload.prepare(source, 7, 5_000).start(2);
        TestMigration migration =
            TestMigration.between(source, target).source("chunk-size", "128kb").start()) {
      migration.awaitConsistent();
      long committed = workload.commits();
      Awaitility.await("changes come")
          .atMost(Duration.ofMinutes(1))
          .until(() -> workload.commits() > committed + 300);
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
    }
  }
}
