package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;

/**
 * How a table's rows are spread over segments.
 *
 * @param kind the way
 * @param columns the columns whose values decide, empty for the other ways
 */
public record SinkDistribution(Kind kind, List<String> columns) implements Serializable {

  public static final SinkDistribution RANDOM = new SinkDistribution(Kind.RANDOMLY, List.of());
  public static final SinkDistribution REPLICATED =
      new SinkDistribution(Kind.REPLICATED, List.of());

  public SinkDistribution {
    columns = List.copyOf(columns);
  }

  /** The ways. */
  public enum Kind {
    BY_COLUMNS,
    RANDOMLY,
    REPLICATED
  }

  /** By the values of these columns. */
  public static SinkDistribution by(List<String> columns) {
    return new SinkDistribution(Kind.BY_COLUMNS, columns);
  }

  /** Whether rows that are equal in these columns are always on one segment. */
  public boolean keepsTogether(Collection<String> keyColumns) {
    return switch (kind) {
      case BY_COLUMNS -> keyColumns.containsAll(columns);
      case RANDOMLY -> false;
      case REPLICATED -> true;
    };
  }
}
