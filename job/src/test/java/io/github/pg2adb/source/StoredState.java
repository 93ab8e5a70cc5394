package io.github.pg2adb.source;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.pipeline.ChangeTypeInformation;
import io.github.pg2adb.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.cdc.connectors.base.source.assigner.state.PendingSplitsState;
import org.apache.flink.cdc.connectors.base.source.meta.split.SourceSplitBase;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;

/**
 * What a completed checkpoint or savepoint holds of the source, read from its file with today's
 * serializers.
 *
 * @param enumerator the state of the enumerator
 * @param splits the splits that readers had
 */
record StoredState(PendingSplitsState enumerator, List<SourceSplitBase> splits) {

  /** The serializers ask for no table; the source insists on one. */
  private static final TableSchema TABLE =
      new TableSchema(
          1,
          new TableName("public", "any"),
          TableSchema.Kind.ORDINARY,
          List.of(),
          List.of(),
          ReplicaIdentity.DEFAULT,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          0,
          0);

  private static final String READER_STATE = "SourceReaderState";

  /**
   * @param folder the checkpoint's folder
   */
  static StoredState read(Path folder) throws IOException {
    PostgresChangeSource source = source();
    CheckpointMetadata metadata;
    try (DataInputStream in =
        new DataInputStream(Files.newInputStream(folder.resolve("_metadata")))) {
      metadata =
          Checkpoints.loadCheckpointMetadata(
              in, StoredState.class.getClassLoader(), folder.toUri().toString());
    }
    OperatorState operator =
        metadata.getOperatorStates().stream()
            .filter(state -> state.getCoordinatorState() != null)
            .findFirst()
            .orElseThrow();
    List<SourceSplitBase> splits = new ArrayList<>();
    for (OperatorSubtaskState subtask : operator.getStates()) {
      for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
        OperatorStateHandle.StateMetaInfo info =
            handle.getStateNameToPartitionOffsets().get(READER_STATE);
        if (info != null) {
          splits.addAll(splits(source, handle, info.getOffsets()));
        }
      }
    }
    return new StoredState(enumerator(source, operator.getCoordinatorState().getData()), splits);
  }

  private static List<SourceSplitBase> splits(
      PostgresChangeSource source, OperatorStateHandle handle, long[] offsets) throws IOException {
    List<SourceSplitBase> splits = new ArrayList<>();
    try (FSDataInputStream stream = handle.openInputStream()) {
      for (long offset : offsets) {
        stream.seek(offset);
        DataInputViewStreamWrapper in = new DataInputViewStreamWrapper(stream);
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        splits.add(
            SimpleVersionedSerialization.readVersionAndDeSerialize(
                source.getSplitSerializer(), bytes));
      }
    }
    return splits;
  }

  /** The coordinator writes its own version, then version, length and bytes of the enumerator's. */
  private static PendingSplitsState enumerator(PostgresChangeSource source, byte[] bytes)
      throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    in.readInt();
    int version = in.readInt();
    byte[] state = in.readNBytes(in.readInt());
    return source.getEnumeratorCheckpointSerializer().deserialize(version, state);
  }

  private static PostgresChangeSource source() {
    return PostgresChangeSource.of(
        new SourceOptions(
            "stored",
            new io.github.pg2adb.model.Endpoint(
                "localhost",
                5432,
                "stored",
                "nobody",
                null,
                io.github.pg2adb.model.Endpoint.Tls.PREFER),
            List.of(TABLE),
            1,
            1,
            true,
            true),
        new MemoryLedger("stored"),
        new ChangeTypeInformation());
  }

  /** Where the stream split goes on; empty before there is one. */
  Optional<Lsn> position() {
    return splits.stream()
        .filter(SourceSplitBase::isStreamSplit)
        .map(split -> WalOffsets.lsn(split.asStreamSplit().getStartingOffset()))
        .findFirst();
  }

  /** The newest completed checkpoint below a folder; empty if there is none at the moment. */
  static Optional<StoredState> newest(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      Optional<Path> newest =
          files
              .filter(file -> file.endsWith("_metadata"))
              .map(Path::getParent)
              .max(Comparator.comparingInt(StoredState::number));
      return newest.isEmpty() ? Optional.empty() : Optional.of(read(newest.get()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (UncheckedIOException | IOException e) {
      // Flink removes the older ones while they are looked at
      if (e instanceof java.io.FileNotFoundException
          || e.getCause() instanceof NoSuchFileException) {
        return Optional.empty();
      }
      throw new IllegalStateException(e);
    }
  }

  private static int number(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().replace("chk-", ""));
  }

  /** Up to where the source's server may forget WAL of this database's slot. */
  static Lsn acknowledged(TestDatabase source) {
    String lsn =
        source.single(
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = current_database()");
    return lsn == null ? Lsn.NONE : Lsn.parse(lsn);
  }
}
