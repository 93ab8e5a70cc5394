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

/**
 * Brings one net effect into one table, within the open transaction. What is read from the target
 * is read before anything of the net effect is deleted or inserted, so chains and swaps of keys
 * need no order.
 */
final class TableMerge {

  /** The rows of a table are not what the changes say they were. */
  static final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DivergedException(String message) {
      super(message);
    }
  }

  /** Rows whose unknown columns are the same and which are treated alike. */
  private record Shape(BitSet unknown, boolean moved) {}

  private record Part(Tuple image, Tuple origin) {}

  private final Connection connection;
  private final RowLookup lookup;
  private final TablePlan plan;
  private final boolean distributed;
  private final boolean readAgainBefore;
  private boolean readAgain;

  /**
   * @param readAgainBefore whether rows of this table were ever read again from the source, so that
   *     the target may hold rows of a later time
   */
  TableMerge(
      Connection connection,
      RowLookup lookup,
      TablePlan plan,
      boolean distributed,
      boolean readAgainBefore) {
    this.connection = connection;
    this.lookup = lookup;
    this.plan = plan;
    this.distributed = distributed;
    this.readAgainBefore = readAgainBefore;
  }

  /** Whether {@link #apply} read rows from the source. */
  boolean readAgain() {
    return readAgain;
  }

  void apply(TableChanges changes) throws SQLException {
    if (changes instanceof KeyedChanges keyed) {
      apply(keyed);
    } else if (changes instanceof KeylessChanges keyless) {
      apply(keyless);
    }
  }

  private void apply(KeyedChanges changes) throws SQLException {
    List<Tuple> whole = new ArrayList<>();
    List<Tuple> gone = new ArrayList<>();
    List<Tuple> unknown = new ArrayList<>();
    Map<Shape, List<Part>> parts = new LinkedHashMap<>();
    changes
        .rows()
        .forEach(
            (key, row) -> {
              Tuple image = row.image();
              RowKey origin = row.origin();
              if (image == null) {
                gone.add(key.tuple());
              } else if (origin == null) {
                whole.add(image);
              } else {
                boolean moved = !origin.equals(key);
                if (mustReadAgain(row, moved)) {
                  unknown.add(image);
                } else {
                  parts
                      .computeIfAbsent(
                          new Shape(unknownColumns(image), moved), shape -> new ArrayList<>())
                      .add(new Part(image, origin.tuple()));
                }
              }
            });
    plan.rows().clear(connection);
    boolean rows = !whole.isEmpty();
    if (rows) {
      stage(whole);
    }
    if (!parts.isEmpty()) {
      rows |= resolve(parts, unknown);
    }
    if (!unknown.isEmpty()) {
      rows |= readAgain(unknown);
    }
    if (!gone.isEmpty()) {
      delete(gone);
    }
    if (rows) {
      insert(changes.replay() || readAgain);
    }
  }

  /**
   * The target's row under the old key is the one meant only if the target is as of the position
   * before the batch. In a replay, or after rows were read again, it may be a later row that took
   * the key.
   */
  private boolean mustReadAgain(KeyedChanges.Row row, boolean moved) {
    return !plan.stagesParts() || (moved && (row.replay() || readAgainBefore));
  }

  private static BitSet unknownColumns(Tuple image) {
    BitSet unknown = new BitSet(image.size());
    for (int i = 0; i < image.size(); i++) {
      if (image.isUnchanged(i)) {
        unknown.set(i);
      }
    }
    return unknown;
  }

  private void stage(List<Tuple> images) throws SQLException {
    try (CopyStream copy = plan.rows().fill(connection)) {
      for (Tuple image : images) {
        copy.row(image, plan.written());
      }
      copy.finish();
    }
  }

  /**
   * Updates incomplete rows in place or completes them into the stage; adds to {@code unknown}
   * those that the target has not got.
   */
  private boolean resolve(Map<Shape, List<Part>> groups, List<Tuple> unknown) throws SQLException {
    List<Part> all = stageParts(groups);
    long matched = 0;
    boolean completed = false;
    int group = 0;
    for (Map.Entry<Shape, List<Part>> entry : groups.entrySet()) {
      Shape shape = entry.getKey();
      long found = 0;
      if (shape.moved() || plan.rewrites()) {
        plan.rows().filledBySql();
        found = update(plan.completeParts(group, shape.unknown()));
        completed |= found > 0;
      } else if (plan.sets(shape.unknown())) {
        found = update(plan.updateParts(group, shape.unknown()));
      }
      if (found > entry.getValue().size()) {
        throw new DivergedException("several rows have the key of one row of the source");
      }
      matched += found;
      group++;
    }
    if (matched < all.size()) {
      try (Statement statement = connection.createStatement();
          ResultSet missing = statement.executeQuery(plan.missingParts())) {
        while (missing.next()) {
          unknown.add(all.get(missing.getInt(1)).image());
        }
      }
    }
    return completed;
  }

  private List<Part> stageParts(Map<Shape, List<Part>> groups) throws SQLException {
    List<Part> all = new ArrayList<>();
    plan.parts().clear(connection);
    try (CopyStream copy = plan.parts().fill(connection)) {
      int group = 0;
      for (List<Part> parts : groups.values()) {
        for (Part part : parts) {
          copy.value(Integer.toString(all.size()));
          copy.value(Integer.toString(group));
          for (int column : plan.key()) {
            copy.value(part.origin(), column);
          }
          copy.row(part.image(), plan.written());
          all.add(part);
        }
        group++;
      }
      copy.finish();
    }
    return all;
  }

  private boolean readAgain(List<Tuple> images) throws SQLException {
    readAgain = true;
    List<String> columns = plan.relation().columns().stream().map(Relation.Column::name).toList();
    List<String> keyColumns = new ArrayList<>();
    for (int column : plan.key()) {
      keyColumns.add(columns.get(column));
    }
    List<Tuple> keys = images.stream().map(image -> keyOf(image, plan.key())).toList();
    List<Tuple> found = lookup.read(plan.relation().table(), columns, keyColumns, keys);
    stage(found);
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

  private void delete(List<Tuple> gone) throws SQLException {
    plan.keys().clear(connection);
    try (CopyStream copy = plan.keys().fill(connection)) {
      for (Tuple key : gone) {
        copy.row(key, plan.key());
      }
      copy.finish();
    }
    update(plan.deleteKeys());
  }

  private void insert(boolean mayHaveRivals) throws SQLException {
    if (!plan.upserts()) {
      update(plan.deleteRows());
      if (mayHaveRivals) {
        for (String delete : plan.deleteRivals()) {
          update(delete);
        }
      }
    }
    update(plan.insertRows());
  }

  private void apply(KeylessChanges changes) throws SQLException {
    long expected = -changes.counts().values().stream().filter(n -> n < 0).mapToLong(n -> n).sum();
    if (expected > 0) {
      plan.rows().clear(connection);
      copy(plan.rows().fill(connection), changes, -1);
      long deleted = update(plan.deleteImages(distributed));
      if (deleted != expected) {
        throw new DivergedException(
            "of " + expected + " rows to be removed, found by all columns, it has " + deleted);
      }
    }
    if (changes.counts().values().stream().anyMatch(n -> n > 0)) {
      copy(CopyStream.into(connection, plan.copyTarget()), changes, 1);
    }
  }

  /** Writes the images whose count has this sign, each as often as counted. */
  private void copy(CopyStream stream, KeylessChanges changes, int sign) throws SQLException {
    try (stream) {
      for (Map.Entry<Tuple, Integer> entry : changes.counts().entrySet()) {
        for (int i = entry.getValue() * sign; i > 0; i--) {
          stream.row(entry.getKey(), plan.written());
        }
      }
      stream.finish();
    }
  }

  private long update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }
}
