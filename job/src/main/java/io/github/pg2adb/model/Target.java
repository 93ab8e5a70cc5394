package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * What the destination server is and can do, asked once per connection by {@code TargetProbe}. No
 * other code looks at names or versions.
 *
 * @param kind the product
 * @param version the product's version as it reports itself
 * @param postgresMajor the PostgreSQL release it is based on, such as 12; 9 for 9.x
 * @param distributed whether tables have a distribution key and rows live on segments
 * @param insertOnConflict whether INSERT ... ON CONFLICT exists
 * @param identityColumns whether GENERATED ... AS IDENTITY exists
 * @param generatedColumns whether GENERATED ALWAYS AS (...) STORED exists
 */
public record Target(
    Kind kind,
    String version,
    int postgresMajor,
    boolean distributed,
    boolean insertOnConflict,
    boolean identityColumns,
    boolean generatedColumns)
    implements Serializable {

  /** Whether CREATE INDEX ... INCLUDE and UNIQUE ... INCLUDE exist. */
  public boolean coveringIndexes() {
    return postgresMajor >= 11;
  }

  /** Whether sequences have a type, and the catalog says where one stands. */
  public boolean typedSequences() {
    return postgresMajor >= 10;
  }

  /** Whether CREATE PROCEDURE exists. */
  public boolean procedures() {
    return postgresMajor >= 11;
  }

  /** Whether every range type comes with a multirange type. */
  public boolean multiranges() {
    return postgresMajor >= 14;
  }

  /** Whether unique keys can take NULLs as equal. */
  public boolean nullsNotDistinct() {
    return postgresMajor >= 15;
  }

  /** Whether views can run with the rights of who asks them. */
  public boolean securityInvokerViews() {
    return postgresMajor >= 15;
  }

  /** Whether SET NULL and SET DEFAULT of a foreign key can name columns. */
  public boolean foreignKeyActionColumns() {
    return postgresMajor >= 15;
  }

  /** Whether foreign keys are enforced: on segments they are words alone. */
  public boolean foreignKeys() {
    return !distributed;
  }

  /**
   * Whether exclusion constraints can hold: rows that exclude each other may be on two segments.
   */
  public boolean exclusionConstraints() {
    return !distributed;
  }

  /**
   * Whether tables are cut into partitions by PARTITION BY and PARTITION OF, also by default ones.
   */
  public boolean declarativePartitions() {
    return postgresMajor >= 12;
  }

  /** Whether tables say by USING how they are stored. */
  public boolean accessMethods() {
    return postgresMajor >= 12;
  }

  /** Since when AnalyticDB stores as beam what is migrated to it. */
  private static final int[] BEAM_SINCE = {7, 0, 6, 6};

  /** Whether beam is how tables that change are best stored. */
  public boolean beam() {
    if (kind != Kind.ANALYTICDB) {
      return false;
    }
    String[] parts = version.replaceAll("[^0-9.].*", "").split("\\.", -1);
    for (int i = 0; i < BEAM_SINCE.length; i++) {
      int part = i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0;
      if (part != BEAM_SINCE[i]) {
        return part > BEAM_SINCE[i];
      }
    }
    return true;
  }

  /** The products. */
  public enum Kind {
    ANALYTICDB("analyticdb"),
    GREENPLUM("greenplum"),
    CLOUDBERRY("cloudberry"),
    POSTGRESQL("postgresql");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** The word that the task file uses. */
    public String word() {
      return word;
    }
  }
}
