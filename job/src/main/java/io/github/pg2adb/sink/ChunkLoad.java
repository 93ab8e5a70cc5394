package io.github.pg2adb.sink;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One chunk on its way: a COPY straight into the table with the source's bytes, and the ledger's
 * row, in one transaction; where rows of the destination stay, a COPY into a stage and an INSERT of
 * what is not there. It may stay open across checkpoints. The blocks of a chunk that the ledger has
 * are dropped.
 */
final class ChunkLoad implements AutoCloseable {

  private final Chunk chunk;
  private final DestinationSession session;
  private final @Nullable CopyStream copy;
  private final @Nullable KeptRows kept;
  private boolean begun;
  private long rows;
  private long bytes;

  private ChunkLoad(
      Chunk chunk, DestinationSession session, @Nullable CopyStream copy, @Nullable KeptRows kept) {
    this.chunk = chunk;
    this.session = session;
    this.copy = copy;
    this.kept = kept;
  }

  /**
   * Starts with the chunk's first block, which is still to be added.
   *
   * @param keptKey what identifies a row if rows that are there stay; empty if there are none, or
   *     rows have nothing that identifies them
   */
  static ChunkLoad start(
      DestinationSession session,
      Ledger ledger,
      TableRoute route,
      SnapshotBlock first,
      List<String> keptKey)
      throws SQLException {
    if (!first.first()) {
      throw unexpected(first, "its first block did not come");
    }
    if (ledger.isLoaded(session.connection(), first.chunk())) {
      return new ChunkLoad(first.chunk(), session, null, null);
    }
    List<String> columns = new ArrayList<>(route.columns(first.columns()));
    route.constant().ifPresent(constant -> columns.add(constant.name()));
    if (!keptKey.isEmpty()) {
      KeptRows kept = session.keptRows(route, columns, keptKey);
      kept.prepare(session.connection());
      session.begin();
      return new ChunkLoad(first.chunk(), session, copy(session, route, first, kept), kept);
    }
    session.begin();
    String target = Sql.quote(route.target()) + " (" + Sql.quoteAll(columns) + ")";
    return new ChunkLoad(first.chunk(), session, copy(session, route, first, target), null);
  }

  private static CopyStream copy(
      DestinationSession session, TableRoute route, SnapshotBlock first, KeptRows kept)
      throws SQLException {
    if (first.binaryTypes().isEmpty()) {
      return kept.fill(session.connection());
    }
    requireTypes(session.describe(route), route, first);
    return kept.fillBinary(session.connection());
  }

  private static CopyStream copy(
      DestinationSession session, TableRoute route, SnapshotBlock first, String target)
      throws SQLException {
    if (first.binaryTypes().isEmpty()) {
      return CopyStream.into(session.connection(), target);
    }
    requireTypes(session.describe(route), route, first);
    return CopyStream.ofBinary(session.connection(), target);
  }

  /** The binary form of another type could be taken for a value of this one. */
  private static void requireTypes(TargetTable target, TableRoute route, SnapshotBlock first) {
    Map<String, String> types =
        target.columns().stream()
            .collect(Collectors.toMap(TargetTable.Column::name, TargetTable.Column::stageType));
    List<String> columns = route.columns(first.columns());
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      String type = first.binaryTypes().get(i);
      if (!type.equals(types.get(column))) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot load chunk \""
                + first.chunk()
                + "\": column \""
                + column
                + "\" is of type "
                + type
                + " at the source and "
                + types.get(column)
                + " in the destination, which was otherwise when the task started",
            "Start the task again.");
      }
    }
  }

  static MigrationException unexpected(SnapshotBlock block, String why) {
    return new MigrationException(
        ErrorKind.FAIL, "Cannot load chunk \"" + block.chunk() + "\": " + why, "");
  }

  Chunk chunk() {
    return chunk;
  }

  /** Whether the destination has the chunk already. */
  boolean isDropped() {
    return copy == null;
  }

  long rows() {
    return rows;
  }

  long bytes() {
    return bytes;
  }

  void add(SnapshotBlock block) throws SQLException {
    if (!block.chunk().equals(chunk) || block.first() == begun) {
      throw unexpected(block, "chunk \"" + chunk + "\" is not at its end");
    }
    begun = true;
    rows += block.rows();
    bytes += block.data().length;
    if (copy != null) {
      copy.raw(block.data());
    }
  }

  /** Makes the chunk durable. */
  void finish(Ledger ledger, SnapshotBlock last) throws SQLException {
    if (copy == null) {
      return;
    }
    long taken = copy.finish();
    if (taken != rows) {
      throw unexpected(last, "the source sent " + rows + " rows and the destination took " + taken);
    }
    if (kept != null) {
      long inserted = kept.insert(session.connection());
      if (inserted < rows) {
        ledger.recordEvent(
            session.connection(),
            MigrationLedger.ROWS_KEPT,
            chunk.table().toString(),
            (rows - inserted)
                + " of "
                + rows
                + " rows of chunk "
                + chunk.id()
                + " were there and stay as they are.");
      }
    }
    ledger.recordChunk(session.connection(), last, rows, bytes);
    session.commit();
  }

  @Override
  public void close() throws SQLException {
    if (copy != null) {
      copy.close();
    }
  }
}
