package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.RowLookup;
import io.github.pg2adb.model.Tuple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one net effect into one table, within the open transaction. What is read from the target
 * is read before anything of the net effect is deleted or inserted, so chains and swaps of keys
 * need no order.
 */
final class TableMerge {

  private static final Logger LOG = LoggerFactory.getLogger(TableMerge.class);

  /** The rows of a table are not what the changes say they were. */
  static final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DivergedException(String message) {
      super(message);
    }
  }

  /** Rows whose unknown columns are the same and which are treated alike. */
  private record Shape(BitSet unknown, boolean moved) {}

  /** Where a table's rows may come from besides changes. */
  enum Rows {
    /** From the source's snapshot. */
    COPIED,
    /** Some were read again, so that the target may hold rows of a later time. */
    READ_AGAIN,
    /** Some were there before the task: they are none of the source's. */
    KEPT
  }

  private record Part(Tuple image, Tuple origin) {}

  private static final String UNIQUE_VIOLATION = "23505";

  private final Connection connection;
  private final RowLookup lookup;
  private final TablePlan plan;
  private final Staging staging;
  private final TableChanges changes;
  private final boolean distributed;
  private final Rows rowsBefore;
  private final int newRowsWorthAStream;
  private final List<Tuple> unknown = new ArrayList<>();
  private final Map<Shape, List<Part>> parts = new LinkedHashMap<>();
  private final List<Tuple> newRows = new ArrayList<>();
  private boolean stagedRows;
  private boolean readAgain;

  /**
   * @param rowsBefore where rows of this table may come from
   * @param newRowsWorthAStream with fewer new rows a stream of their own takes longer than the way
   *     over the stage
   */
  TableMerge(
      DestinationSession session,
      RowLookup lookup,
      TablePlan plan,
      Staging staging,
      TableChanges changes,
      Rows rowsBefore,
      int newRowsWorthAStream) {
    this.connection = session.connection();
    this.distributed = session.target().distributed();
    this.lookup = lookup;
    this.plan = plan;
    this.staging = staging;
    this.changes = changes;
    this.rowsBefore = rowsBefore;
    this.newRowsWorthAStream = newRowsWorthAStream;
  }

  TableChanges changes() {
    return changes;
  }

  /** Whether {@link #run} read rows from the source. */
  boolean readAgain() {
    return readAgain;
  }

  /** Sends the rows to their stages. A stream may stay open. */
  void stage() throws SQLException {
    if (changes instanceof KeyedChanges keyed) {
      staging.begin();
      stage(keyed);
    } else if (changes instanceof KeylessChanges keyless && removed(keyless) > 0) {
      staging.begin();
      fill(
          filling -> {
            each(keyless, -1, filling::row);
            filling.release();
          });
    }
  }

  /** Merges the staged rows. No stream may be open. */
  void run() throws SQLException {
    if (changes instanceof KeyedChanges keyed) {
      run(keyed);
    } else if (changes instanceof KeylessChanges keyless) {
      run(keyless);
    }
  }

  private void stage(KeyedChanges keyed) throws SQLException {
    // neighbours one after the other: the server finds most of a large batch's pages in its memory
    List<Map.Entry<RowKey, KeyedChanges.Row>> rows =
        keyed.rows().entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    rows.forEach(entry -> sortOut(entry.getKey(), entry.getValue()));
    List<Tuple> whole = new ArrayList<>();
    for (Map.Entry<RowKey, KeyedChanges.Row> entry : rows) {
      KeyedChanges.Row row = entry.getValue();
      Tuple image = row.image();
      if (image != null && row.origin() == null) {
        (row.isNew() ? newRows : whole).add(image);
      }
    }
    if (!takesNewRows()) {
      whole.addAll(newRows);
      newRows.clear();
    }
    stagedRows = !whole.isEmpty();
    fill(
        filling -> {
          for (Tuple image : whole) {
            filling.row(image);
          }
          for (Map.Entry<RowKey, KeyedChanges.Row> entry : rows) {
            if (entry.getValue().image() == null) {
              filling.key(entry.getKey().tuple());
            }
          }
          stageParts(filling);
          filling.release();
        });
  }

  /**
   * Whether the new rows are worth a stream into the target, where nothing but the source's rows of
   * the batch's beginning can be.
   */
  private boolean takesNewRows() {
    return newRows.size() >= newRowsWorthAStream
        && rowsBefore == Rows.COPIED
        && plan.insertsDirectly()
        && staging instanceof OwnStaging;
  }

  /** Puts a row with unknown values to its like, or to those that are read again. */
  private void sortOut(RowKey key, KeyedChanges.Row row) {
    Tuple image = row.image();
    RowKey origin = row.origin();
    if (image != null && origin != null) {
      boolean moved = !origin.equals(key);
      if (mustReadAgain(row, moved)) {
        unknown.add(image);
      } else {
        parts
            .computeIfAbsent(new Shape(unknownColumns(image), moved), shape -> new ArrayList<>())
            .add(new Part(image, origin.tuple()));
      }
    }
  }

  /**
   * The target's row under the old key is the one meant only if the target is as of the position
   * before the batch. In a replay, or after rows were read again, it may be a later row that took
   * the key.
   */
  private boolean mustReadAgain(KeyedChanges.Row row, boolean moved) {
    return !plan.stagesParts()
        || rowsBefore == Rows.KEPT
        || (moved && (row.replay() || rowsBefore == Rows.READ_AGAIN));
  }

  private static BitSet unknownColumns(Tuple image) {
    BitSet columns = new BitSet(image.size());
    for (int i = 0; i < image.size(); i++) {
      if (image.isUnchanged(i)) {
        columns.set(i);
      }
    }
    return columns;
  }

  private void stageParts(Staging.Filling filling) throws SQLException {
    int group = 0;
    int number = 0;
    for (List<Part> like : parts.values()) {
      for (Part part : like) {
        filling.part(number++, group, part.origin(), part.image());
      }
      group++;
    }
  }

  private void run(KeyedChanges keyed) throws SQLException {
    boolean rows = stagedRows;
    if (!parts.isEmpty()) {
      rows |= resolveParts();
    }
    if (!unknown.isEmpty()) {
      rows |= readUnknown();
    }
    if (keyed.rows().values().stream().anyMatch(row -> row.image() == null)) {
      update(plan.deleteKeys(staging.keys()));
    }
    if (rows) {
      insert(keyed.replay() || readAgain);
    }
    if (!newRows.isEmpty()) {
      insertNewRows();
    }
  }

  /** A row that somebody else has put there is overwritten, as it is by way of the stage. */
  private void insertNewRows() throws SQLException {
    execute("SAVEPOINT pg2adb_new_rows");
    try (CopyStream copy = CopyStream.into(connection, plan.copyTarget())) {
      for (Tuple image : newRows) {
        insert(copy, image);
      }
      copy.finish();
    } catch (SQLException e) {
      if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
      LOG.warn(
          "Table {} has rows that the source inserts now; they are overwritten: {}",
          plan.target().name(),
          e.getSQLState());
      execute("ROLLBACK TO SAVEPOINT pg2adb_new_rows");
      fill(
          filling -> {
            for (Tuple image : newRows) {
              filling.row(image);
            }
            filling.finish();
          });
      insert(true);
    }
    execute("RELEASE SAVEPOINT pg2adb_new_rows");
  }

  /**
   * Updates incomplete rows in place or completes them in the stage; adds to {@code unknown} those
   * that the target has not got.
   *
   * @return whether any was completed
   */
  private boolean resolveParts() throws SQLException {
    long staged = 0;
    long matched = 0;
    boolean completed = false;
    int group = 0;
    for (Map.Entry<Shape, List<Part>> entry : parts.entrySet()) {
      Shape shape = entry.getKey();
      long found = 0;
      if (shape.moved() || plan.rewrites()) {
        String complete = plan.completeParts(staging, group, shape.unknown());
        found = update(staging.insertRows(connection) + complete);
        completed |= found > 0;
      } else if (plan.sets(shape.unknown())) {
        found = update(plan.updateParts(staging.parts(), group, shape.unknown()));
      }
      if (found > entry.getValue().size()) {
        throw new DivergedException("several rows have the key of one row of the source");
      }
      staged += entry.getValue().size();
      matched += found;
      group++;
    }
    if (matched < staged) {
      findMissing();
    }
    return completed;
  }

  private void findMissing() throws SQLException {
    List<Part> all = parts.values().stream().flatMap(List::stream).toList();
    try (Statement statement = connection.createStatement();
        ResultSet missing = statement.executeQuery(plan.missingParts(staging.parts()))) {
      while (missing.next()) {
        unknown.add(all.get(missing.getInt(1)).image());
      }
    }
  }

  private boolean readUnknown() throws SQLException {
    readAgain = true;
    List<String> columns = plan.relation().columns().stream().map(Relation.Column::name).toList();
    List<String> keyColumns = IntStream.of(plan.key()).mapToObj(columns::get).toList();
    List<Tuple> keys = unknown.stream().map(image -> keyOf(image, plan.key())).toList();
    List<Tuple> found = lookup.read(plan.relation().table(), columns, keyColumns, keys);
    fill(
        filling -> {
          for (Tuple row : found) {
            filling.row(row);
          }
          filling.finish();
        });
    return !found.isEmpty();
  }

  private static Tuple keyOf(Tuple image, int[] key) {
    int[] starts = new int[key.length];
    int[] lengths = new int[key.length];
    for (int i = 0; i < key.length; i++) {
      starts[i] = image.start(key[i]);
      lengths[i] = image.length(key[i]);
    }
    return new Tuple(image.buffer(), starts, lengths);
  }

  private void insert(boolean mayHaveRivals) throws SQLException {
    Staging.Staged rows = staging.rows();
    if (!plan.upserts()) {
      update(plan.deleteRows(rows));
      if (mayHaveRivals) {
        for (String delete : plan.deleteRivals(rows)) {
          update(delete);
        }
      }
    }
    update(plan.insertRows(rows));
  }

  private void run(KeylessChanges keyless) throws SQLException {
    long expected = removed(keyless);
    if (expected > 0) {
      long deleted = update(plan.deleteImages(staging.rows(), distributed));
      if (deleted != expected) {
        throw new DivergedException(
            "of " + expected + " rows to be removed, found by all columns, it has " + deleted);
      }
    }
    if (keyless.counts().values().stream().anyMatch(count -> count > 0)) {
      try (CopyStream copy = CopyStream.into(connection, plan.copyTarget())) {
        each(keyless, 1, image -> insert(copy, image));
        copy.finish();
      }
    }
  }

  private void insert(CopyStream copy, Tuple image) throws SQLException {
    copy.values(image, plan.written());
    if (plan.constantText() != null) {
      copy.value(plan.constantText());
    }
    copy.endRow();
  }

  private static long removed(KeylessChanges keyless) {
    return keyless.counts().values().stream().mapToLong(count -> Math.max(0, -count)).sum();
  }

  private interface RowAction {
    void take(Tuple image) throws SQLException;
  }

  /** The images whose count has this sign, each as often as counted. */
  private static void each(KeylessChanges keyless, int sign, RowAction action) throws SQLException {
    for (Map.Entry<Tuple, Integer> entry : keyless.counts().entrySet()) {
      for (int i = entry.getValue() * sign; i > 0; i--) {
        action.take(entry.getKey());
      }
    }
  }

  private interface FillAction {
    void run(Staging.Filling filling) throws SQLException;
  }

  private void fill(FillAction action) throws SQLException {
    Staging.Filling filling = staging.fill(connection);
    boolean filled = false;
    try {
      action.run(filling);
      filled = true;
    } finally {
      if (!filled) {
        filling.cancel();
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }
}
