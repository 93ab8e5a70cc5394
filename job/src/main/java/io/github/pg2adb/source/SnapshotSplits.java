package io.github.pg2adb.source;

import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.history.TableChanges.TableChange;
import io.debezium.relational.history.TableChanges.TableChangeType;
import io.github.pg2adb.model.Chunk;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.cdc.connectors.base.source.meta.split.SnapshotSplit;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.jspecify.annotations.Nullable;

/** Chunks as Flink CDC's splits carry them. */
final class SnapshotSplits {

  /** Nothing compares keys, so nothing needs their type; the serializer wants one. */
  private static final RowType KEY_TYPE = RowType.of(new VarCharType(VarCharType.MAX_LENGTH));

  private SnapshotSplits() {}

  /**
   * The split of a chunk.
   *
   * @param loaded whether the destination has the chunk: a reader then reports the split as
   *     finished without reading it
   */
  static SnapshotSplit of(String database, Chunk chunk, boolean loaded) {
    TableId id = TableIds.of(database, chunk.table());
    return new SnapshotSplit(
        id,
        chunk.id(),
        KEY_TYPE,
        bound(chunk.lower()),
        bound(chunk.upper()),
        loaded ? WalOffsets.UNUSED : null,
        Map.of(id, tableChange(id)));
  }

  static Chunk chunk(SnapshotSplit split) {
    return new Chunk(
        TableIds.tableName(split.getTableId()),
        SnapshotSplit.extractChunkId(split.splitId()),
        bound(split.getSplitStart()),
        bound(split.getSplitEnd()));
  }

  /** The state's serializer wants a schema; the real one comes with the options. */
  private static TableChange tableChange(TableId id) {
    return new TableChange(
        TableChangeType.CREATE, Table.editor().tableId(id).setPrimaryKeyNames(List.of()).create());
  }

  private static Object @Nullable [] bound(@Nullable List<String> values) {
    return values == null ? null : values.toArray();
  }

  private static @Nullable List<String> bound(Object @Nullable [] values) {
    return values == null ? null : Arrays.stream(values).map(String.class::cast).toList();
  }
}
