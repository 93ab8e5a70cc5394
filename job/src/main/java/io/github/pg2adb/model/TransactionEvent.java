package io.github.pg2adb.model;

/** What a source transaction does, one event after the other, in WAL order. */
public sealed interface TransactionEvent permits RowChange, Truncate {

  /** About how many bytes of memory the event holds; a bound for buffers, not an exact figure. */
  long weight();

  /** Calls the visitor's method for this kind of event. */
  <R> R accept(Visitor<R> visitor);

  /** One method per kind of event, so that a new kind cannot be overlooked. */
  interface Visitor<R> {
    R visit(RowChange change);

    R visit(Truncate truncate);
  }
}
