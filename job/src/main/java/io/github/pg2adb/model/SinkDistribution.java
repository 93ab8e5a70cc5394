package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;

/**
 * How a task file wants a table's rows spread over segments.
 *
 * @param kind the way
 * @param columns the columns whose values decide, empty for the other ways
 */
public record SinkDistribution(Kind kind, List<String> columns) implements Serializable {

  public SinkDistribution {
    columns = List.copyOf(columns);
  }

  /** The ways. */
  public enum Kind {
    BY_COLUMNS,
    RANDOMLY,
    REPLICATED
  }
}
