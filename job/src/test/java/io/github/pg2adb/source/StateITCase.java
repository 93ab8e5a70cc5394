package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.testing.HeldSnapshot;
import io.github.pg2adb.testing.RandomWorkload;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.cdc.connectors.base.source.assigner.state.HybridPendingSplitsState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What Flink keeps of a task: how far it lets the slot go, and that later versions read it. */
class StateITCase {

  /**
   * Savepoints of this version. They stay as they are; a version that changes the form of the state
   * adds a folder and reads both.
   */
  private static final Path STORED = Path.of("src/test/resources/state/v1");

  private final TestDatabase source = Servers.source().createDatabase();
  private final TestDatabase target = Servers.target().createDatabase();
  private final TestMigration migration = TestMigration.between(source, target);

  @TempDir Path folder;

  @AfterEach
  void dropDatabases() {
    migration.close();
    source.close();
    target.close();
  }

  @Test
  void slotIsNeverPastTheNewestCompletedCheckpointAndThatNeverPastTheLedger() throws Exception {
    try (RandomWorkload workload = RandomWorkload.prepare(source, 51, 5_000).start(1)) {
      migration
          .pipeline("checkpoint-directory", folder.toUri().toString())
          .source("chunk-size", "128kb")
          .source("wal.transaction-buffer", "64kb")
          .start()
          .awaitStarted();
      Lsn start = StoredState.acknowledged(source);
      Lsn highest = Lsn.NONE;
      int advances = 0;
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      // each is read after the one that must not be past it
      while (advances < 8 && System.nanoTime() < end) {
        Lsn slot = StoredState.acknowledged(source);
        Optional<Lsn> checkpoint = StoredState.newest(folder).flatMap(StoredState::position);
        Lsn ledger = migration.ledgerPosition();
        if (checkpoint.isPresent()) {
          assertThat(slot).isLessThanOrEqualTo(Lsn.max(checkpoint.get(), start));
          assertThat(checkpoint.get()).isLessThanOrEqualTo(ledger);
        }
        assertThat(slot).isLessThanOrEqualTo(ledger).isGreaterThanOrEqualTo(highest);
        advances += slot.isAfter(highest) ? 1 : 0;
        highest = slot;
      }
      assertThat(advances).as("positions that the slot was seen at").isGreaterThanOrEqualTo(8);
      workload.stop();
      migration.awaitCaughtUp().assertEqual();
    }
  }

  @Test
  void goesOnFromAStoredSavepointOfTheSnapshotPhase() throws Exception {
    HeldSnapshot.prepare(source);
    migration.source("chunk-size", "300kb").start().awaitConsistent().stop();
    source.execute("UPDATE aa_bulk SET pad = 'later' WHERE id < 10");
    migration
        .startFrom(STORED.resolve("snapshot").toAbsolutePath().toUri().toString())
        .awaitConsistent()
        .awaitCaughtUp()
        .assertEqual();
  }

  @Test
  void readsTheStoredSavepoints() throws Exception {
    StoredState snapshot = StoredState.read(STORED.resolve("snapshot"));
    assertThat(snapshot.position()).isEmpty();
    assertThat(snapshot.enumerator()).isInstanceOf(HybridPendingSplitsState.class);
    HybridPendingSplitsState state = (HybridPendingSplitsState) snapshot.enumerator();
    assertThat(state.isStreamSplitAssigned()).isFalse();
    assertThat(state.getSnapshotPendingSplits().getSplitFinishedOffsets()).hasSize(3);
    StoredState streaming = StoredState.read(STORED.resolve("streaming"));
    assertThat(streaming.position())
        .contains(Lsn.parse(Files.readString(STORED.resolve("position.txt")).strip()));
    assertThat(((HybridPendingSplitsState) streaming.enumerator()).isStreamSplitAssigned())
        .isTrue();
  }

  /** Stores the savepoints of a new version, after {@link #STORED} was changed. */
  @Test
  @EnabledIfSystemProperty(named = "pg2adb.write-state", matches = "true")
  void storeSavepoints() throws Exception {
    HeldSnapshot.prepare(source);
    migration.pipeline("parallelism", "2").source("chunk-size", "300kb");
    migration.start();
    try (HeldSnapshot held = HeldSnapshot.hold(migration, source, target)) {
      held.awaitLoaded("aa_bulk");
      store(migration.stopWithSavepoint(folder), "snapshot");
    }
    migration.start().awaitConsistent();
    source.execute("INSERT INTO zz_gate VALUES (1)");
    migration.awaitCaughtUp();
    Path streaming = store(migration.stopWithSavepoint(folder), "streaming");
    Files.writeString(
        STORED.resolve("position.txt"),
        StoredState.read(streaming).position().orElseThrow() + "\n");
  }

  private static Path store(String savepoint, String name) throws Exception {
    Path to = Files.createDirectories(STORED.resolve(name));
    try (java.util.stream.Stream<Path> files =
        Files.list(Path.of(java.net.URI.create(savepoint)))) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            to.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }
}
