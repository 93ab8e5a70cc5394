package io.github.pg2adb.model;

/** What flows from the source to the writers. */
public sealed interface Change permits SnapshotBlock, TransactionBatch, Position {

  /** The index of the writer subtask that must get this, before it is taken modulo the number of writers. */
  int writer();

  /** Calls the visitor's method for this kind of change. */
  <R, E extends Exception> R accept(Visitor<R, E> visitor) throws E;

  /** One method per kind of change, so that a new kind cannot be overlooked. */
  interface Visitor<R, E extends Exception> {
    R visit(SnapshotBlock block) throws E;

    R visit(TransactionBatch batch) throws E;

    R visit(Position position) throws E;
  }
}
