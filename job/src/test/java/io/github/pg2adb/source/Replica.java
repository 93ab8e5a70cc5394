package io.github.pg2adb.source;

import io.github.pg2adb.model.Change;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Position;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.SnapshotBlock;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionBatch;
import io.github.pg2adb.model.TransactionEvent;
import io.github.pg2adb.model.Truncate;
import io.github.pg2adb.model.Tuple;
import io.github.pg2adb.source.copy.CopyText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A destination in memory that applies changes by the rules that the writers follow: chunks once,
 * transactions after the ledger's position, and of those what the chunks' snapshots did not see.
 * Rows are lists of texts; a table without identity columns is matched by whole rows.
 */
final class Replica implements Change.Visitor<RuntimeException> {

  private final MemoryLedger.Content ledger;
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private final Map<TableName, Map<List<@Nullable String>, List<List<@Nullable String>>>> tables =
      new HashMap<>();
  private final Map<Chunk, List<SnapshotBlock>> openChunks = new HashMap<>();
  private final List<Transaction> pieces = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final Map<TableName, List<String>> keys;

  /**
   * @param keys the key columns of the tables whose rows have a key
   */
  Replica(MemoryLedger ledger, Map<TableName, List<String>> keys) {
    this.ledger = ledger.content();
    this.keys = keys;
  }

  /** Lets nothing in until {@link #resume}. */
  void pause() {
    gate = new CountDownLatch(1);
  }

  void resume() {
    gate.countDown();
  }

  void take(Change change) throws InterruptedException {
    gate.await();
    apply(change);
  }

  private synchronized void apply(Change change) {
    changes.add(change);
    change.accept(this);
  }

  /** Everything that came, applied or not. */
  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  /** The rows in a fixed order, as text. */
  synchronized List<String> rows(String schema, String table) {
    List<String> rows = new ArrayList<>();
    tables
        .getOrDefault(new TableName(schema, table), Map.of())
        .values()
        .forEach(copies -> copies.forEach(row -> rows.add(String.valueOf(row))));
    rows.sort(null);
    return rows;
  }

  @Override
  public void visit(SnapshotBlock block) {
    List<SnapshotBlock> blocks =
        openChunks.computeIfAbsent(block.chunk(), chunk -> new ArrayList<>());
    if (block.first()) {
      blocks.clear();
    }
    blocks.add(block);
    boolean known =
        ledger.loadedChunks().stream().anyMatch(loaded -> loaded.chunk().equals(block.chunk()));
    if (block.last() && !known) {
      load(blocks);
    }
  }

  private void load(List<SnapshotBlock> blocks) {
    long rows = 0;
    long bytes = 0;
    SnapshotBlock last = blocks.get(blocks.size() - 1);
    for (SnapshotBlock block : blocks) {
      int from = 0;
      int count = 0;
      for (int i = 0; i < block.data().length; i++) {
        if (block.data()[i] == '\n') {
          Tuple tuple =
              CopyText.parse(Arrays.copyOfRange(block.data(), from, i + 1), block.columns().size());
          insert(block.chunk().table(), block.columns(), row(tuple, null));
          from = i + 1;
          count++;
        }
      }
      if (count != block.rows()) {
        throw new IllegalStateException(block + " has " + count + " rows");
      }
      rows += count;
      bytes += block.data().length;
    }
    ledger.load(new LoadedChunk(last.chunk(), last.snapshot(), last.snapshotLsn(), rows, bytes));
  }

  @Override
  public void visit(TransactionBatch batch) {
    for (Transaction transaction : batch.transactions()) {
      if (transaction.first()) {
        pieces.clear();
      }
      pieces.add(transaction);
      if (transaction.last()) {
        apply();
      }
    }
  }

  private void apply() {
    Transaction last = pieces.get(pieces.size() - 1);
    if (last.commitLsn().isBefore(ledger.position().orElseThrow())) {
      return;
    }
    for (Transaction piece : pieces) {
      for (TransactionEvent event : piece.events()) {
        event.accept(new Application(piece.xid()));
      }
    }
    ledger.advance(last.endLsn());
  }

  @Override
  public void visit(Position position) {
    Lsn present = ledger.position().orElseThrow();
    ledger.advance(Lsn.max(present, position.lsn()));
  }

  private void insert(TableName table, List<String> columns, List<@Nullable String> row) {
    List<@Nullable String> key = key(table, columns, row);
    Map<List<@Nullable String>, List<List<@Nullable String>>> rows =
        tables.computeIfAbsent(
            table, name -> new TreeMap<>((a, b) -> a.toString().compareTo(b.toString())));
    if (keys.containsKey(table)) {
      rows.put(key, new ArrayList<>(List.of(row)));
    } else {
      rows.computeIfAbsent(key, any -> new ArrayList<>()).add(row);
    }
  }

  private void delete(TableName table, List<String> columns, List<@Nullable String> row) {
    Map<List<@Nullable String>, List<List<@Nullable String>>> rows = tables.get(table);
    List<@Nullable String> key = key(table, columns, row);
    if (rows == null || !rows.containsKey(key)) {
      return;
    }
    List<List<@Nullable String>> copies = rows.get(key);
    copies.remove(copies.size() - 1);
    if (copies.isEmpty()) {
      rows.remove(key);
    }
  }

  private List<@Nullable String> key(
      TableName table, List<String> columns, List<@Nullable String> row) {
    List<String> names = keys.getOrDefault(table, columns);
    List<@Nullable String> key = new ArrayList<>();
    names.forEach(name -> key.add(row.get(columns.indexOf(name))));
    return key;
  }

  /** The tuple's texts; a value that the WAL left out is taken from the old row. */
  private static List<@Nullable String> row(Tuple tuple, @Nullable List<@Nullable String> old) {
    List<@Nullable String> row = new ArrayList<>();
    for (int i = 0; i < tuple.size(); i++) {
      row.add(tuple.isUnchanged(i) ? old == null ? "unknown" : old.get(i) : tuple.text(i));
    }
    return row;
  }

  /** One transaction's events. */
  private final class Application implements TransactionEvent.Visitor<@Nullable Void> {

    private final int xid;

    Application(int xid) {
      this.xid = xid;
    }

    private boolean isInSnapshot(TableName table) {
      List<LoadedChunk> chunks =
          ledger.loadedChunks().stream()
              .filter(loaded -> loaded.chunk().table().equals(table))
              .toList();
      if (chunks.size() == 1) {
        return chunks.get(0).snapshot().sees(xid);
      }
      return !chunks.isEmpty()
          && chunks.stream()
              .allMatch(loaded -> loaded.snapshot().widen(xid) < loaded.snapshot().xmin());
    }

    @Override
    public @Nullable Void visit(RowChange change) {
      TableName table = change.relation().table();
      if (isInSnapshot(table)) {
        return null;
      }
      List<String> columns =
          change.relation().columns().stream().map(Relation.Column::name).toList();
      List<@Nullable String> old = null;
      if (change.operation() != RowChange.Operation.INSERT) {
        Tuple oldTuple = change.oldRow() == null ? change.newRow() : change.oldRow();
        List<@Nullable String> named = row(oldTuple, null);
        old = present(table, columns, named);
        delete(table, columns, named);
      }
      if (change.newRow() != null) {
        insert(table, columns, row(change.newRow(), old));
      }
      return null;
    }

    private @Nullable List<@Nullable String> present(
        TableName table, List<String> columns, List<@Nullable String> named) {
      List<List<@Nullable String>> copies =
          tables.getOrDefault(table, Map.of()).get(key(table, columns, named));
      return copies == null ? null : copies.get(0);
    }

    @Override
    public @Nullable Void visit(Truncate truncate) {
      truncate.tables().stream().filter(table -> !isInSnapshot(table)).forEach(tables::remove);
      return null;
    }
  }
}
