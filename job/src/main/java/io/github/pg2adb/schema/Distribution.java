package io.github.pg2adb.schema;

import io.github.pg2adb.postgres.Sql;
import java.util.Collection;
import java.util.List;

/**
 * How a table's rows are spread over segments.
 *
 * @param kind the way
 * @param columns the columns whose values decide, empty for the other ways
 */
record Distribution(Kind kind, List<String> columns) {

  static final Distribution RANDOM = new Distribution(Kind.RANDOMLY, List.of());
  static final Distribution REPLICATED = new Distribution(Kind.REPLICATED, List.of());

  Distribution {
    columns = List.copyOf(columns);
  }

  /** The ways. */
  enum Kind {
    BY_COLUMNS,
    RANDOMLY,
    REPLICATED
  }

  static Distribution by(List<String> columns) {
    return new Distribution(Kind.BY_COLUMNS, columns);
  }

  /** Whether rows that are equal in these columns are always on one segment. */
  boolean keepsTogether(Collection<String> keyColumns) {
    return switch (kind) {
      case BY_COLUMNS -> keyColumns.containsAll(columns);
      case RANDOMLY -> false;
      case REPLICATED -> true;
    };
  }

  /** The DISTRIBUTED clause. */
  String clause() {
    return switch (kind) {
      case BY_COLUMNS -> "DISTRIBUTED BY (" + Sql.quoteAll(columns) + ")";
      case RANDOMLY -> "DISTRIBUTED RANDOMLY";
      case REPLICATED -> "DISTRIBUTED REPLICATED";
    };
  }
}
