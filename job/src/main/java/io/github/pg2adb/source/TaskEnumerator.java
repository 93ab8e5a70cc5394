package io.github.pg2adb.source;

import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.cdc.connectors.base.source.assigner.SplitAssigner;
import org.apache.flink.cdc.connectors.base.source.assigner.state.HybridPendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.assigner.state.PendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.assigner.state.SnapshotPendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.cdc.connectors.postgres.source.PostgresDialect;
import org.apache.flink.cdc.connectors.postgres.source.config.PostgresSourceConfig;
import org.apache.flink.cdc.connectors.postgres.source.enumerator.PostgresSourceEnumerator;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Flink CDC's enumerator behind our preparation. Preparing may wait for hours, so it runs beside
 * the coordinator's thread: checkpoints pass meanwhile, and what readers ask for is answered when
 * the preparation is done.
 */
final class TaskEnumerator extends PostgresSourceEnumerator {

  private final TaskPreparation preparation;
  private final SplittingGate gate;
  private final TaskObserver observer;
  private final List<Runnable> waiting = new ArrayList<>();
  private boolean prepared;

  TaskEnumerator(
      SplitEnumeratorContext<SourceSplitBase> context,
      PostgresSourceConfig config,
      SplitAssigner assigner,
      PostgresDialect dialect,
      Boundedness boundedness,
      SplittingGate gate,
      TaskPreparation preparation,
      TaskObserver observer) {
    super(context, config, assigner, dialect, boundedness);
    this.preparation = preparation;
    this.gate = gate;
    this.observer = observer;
  }

  @Override
  public void start() {
    context.callAsync(
        () -> {
          preparation.runPatiently(this::lost);
          return true;
        },
        (done, error) -> begin(error));
  }

  private void lost(MigrationException error) {
    context.runInCoordinatorThread(
        () -> {
          throw new FlinkRuntimeException("The task runs twice", Failures.toFlink(error));
        });
  }

  private void begin(@Nullable Throwable error) {
    if (error != null) {
      throw new FlinkRuntimeException("The task cannot start", Failures.toFlink(error));
    }
    super.start();
    gate.start();
    observer.start();
    prepared = true;
    waiting.forEach(Runnable::run);
    waiting.clear();
  }

  private void whenPrepared(Runnable action) {
    if (prepared) {
      action.run();
    } else {
      waiting.add(action);
    }
  }

  @Override
  public void handleSplitRequest(int subtask, @Nullable String hostname) {
    whenPrepared(() -> super.handleSplitRequest(subtask, hostname));
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    whenPrepared(() -> super.handleSourceEvent(subtask, event));
  }

  /**
   * A copy: Flink writes the state after this returns, when the assigner's lists may grow again.
   */
  @Override
  public PendingSplitsState snapshotState(long checkpointId) {
    gate.hold();
    try {
      PendingSplitsState state = super.snapshotState(checkpointId);
      return state instanceof HybridPendingSplitsState hybrid
          ? new HybridPendingSplitsState(
              copy(hybrid.getSnapshotPendingSplits()), hybrid.isStreamSplitAssigned())
          : state;
    } finally {
      gate.release();
    }
  }

  private static SnapshotPendingSplitsState copy(SnapshotPendingSplitsState state) {
    return new SnapshotPendingSplitsState(
        new ArrayList<>(state.getAlreadyProcessedTables()),
        new ArrayList<>(state.getRemainingSplits()),
        new LinkedHashMap<>(state.getAssignedSplits()),
        new LinkedHashMap<>(state.getTableSchemas()),
        new HashMap<>(state.getSplitFinishedOffsets()),
        state.getSnapshotAssignerStatus(),
        new ArrayList<>(state.getRemainingTables()),
        state.isTableIdCaseSensitive(),
        state.isRemainingTablesCheckpointed(),
        new HashMap<>(state.getSplitFinishedCheckpointIds()),
        state.getChunkSplitterState());
  }

  /** Before the start there is nothing that could become final by a checkpoint. */
  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    if (prepared) {
      super.notifyCheckpointComplete(checkpointId);
    }
  }

  @Override
  public void addSplitsBack(List<SourceSplitBase> splits, int subtask) {
    if (!splits.isEmpty()) {
      super.addSplitsBack(splits, subtask);
    }
  }

  @Override
  public void close() throws IOException {
    preparation.cancel();
    observer.close();
    super.close();
  }
}
