package io.github.pg2adb.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One inserted, updated or deleted row.
 *
 * <p>{@code oldRow} is null for an insert and for an update that leaves the identity columns as
 * they are under a key identity. Otherwise it has one value per column of the relation: all of them
 * when {@code oldRowIsWhole} (REPLICA IDENTITY FULL), else the identity columns' only and NULL
 * elsewhere. {@code newRow} is null for a delete, else it has one value per column, some of which
 * may be {@link Tuple#UNCHANGED} for an update.
 *
 * @param operation what happened to the row
 * @param relation the shape of both tuples
 * @param oldRow the row before, or its identity columns, or null
 * @param oldRowIsWhole whether {@code oldRow} carries every column
 * @param newRow the row after, null for a delete
 */
public record RowChange(
    Operation operation,
    Relation relation,
    @Nullable Tuple oldRow,
    boolean oldRowIsWhole,
    @Nullable Tuple newRow)
    implements TransactionEvent {

  /** The kinds of row change. */
  public enum Operation {
    INSERT,
    UPDATE,
    DELETE
  }

  public RowChange {
    Objects.requireNonNull(relation, "relation");
    if ((newRow == null) != (operation == Operation.DELETE)) {
      throw new IllegalArgumentException(operation + " with newRow " + newRow);
    }
    if (oldRow == null && operation == Operation.DELETE) {
      throw new IllegalArgumentException("DELETE without an old row");
    }
  }

  public static RowChange insert(Relation relation, Tuple newRow) {
    return new RowChange(Operation.INSERT, relation, null, false, newRow);
  }

  @Override
  public long weight() {
    return 96 + weightOf(oldRow) + weightOf(newRow);
  }

  private static long weightOf(@Nullable Tuple tuple) {
    return tuple == null ? 0 : 48 + 8L * tuple.size() + tuple.byteCount();
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.visit(this);
  }
}
