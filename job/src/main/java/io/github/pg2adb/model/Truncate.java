package io.github.pg2adb.model;

import java.util.List;

/**
 * Tables emptied by one TRUNCATE statement; tables that CASCADE reached are named like the others.
 *
 * @param tables the emptied tables that the task replicates
 * @param restartIdentity whether the statement said RESTART IDENTITY
 */
public record Truncate(List<TableName> tables, boolean restartIdentity)
    implements TransactionEvent {

  public Truncate {
    tables = List.copyOf(tables);
  }

  @Override
  public long weight() {
    return 64 + 64L * tables.size();
  }

  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.visit(this);
  }
}
