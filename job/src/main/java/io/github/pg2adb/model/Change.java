package io.github.pg2adb.model;

/** What flows from the source to the writers. */
public sealed interface Change permits SnapshotBlock, TransactionBatch, Position {

  /**
   * The index of the writer subtask that must get this, before it is taken modulo the number of
   * writers.
   */
  int writer();

  /** Calls the visitor's method for this kind of change. */
  <E extends Exception> void accept(Visitor<E> visitor) throws E;

  /** One method per kind of change, so that a new kind cannot be overlooked. */
  interface Visitor<E extends Exception> {
    void visit(SnapshotBlock block) throws E;

    void visit(TransactionBatch batch) throws E;

    void visit(Position position) throws E;
  }
}
