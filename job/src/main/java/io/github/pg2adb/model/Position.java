package io.github.pg2adb.model;

/**
 * The WAL holds nothing for this task up to here that was not sent before: moves the ledger and the
 * slot when the selected tables are idle.
 *
 * @param lsn the position
 */
public record Position(Lsn lsn) implements Change {

  @Override
  public int writer() {
    return 0;
  }

  @Override
  public <E extends Exception> void accept(Visitor<E> visitor) throws E {
    visitor.visit(this);
  }
}
