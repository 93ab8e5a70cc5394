package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table is cut into partitions.
 *
 * @param key the PARTITION BY clause's text, as in {@code RANGE (at)}
 * @param strategy {@code r}ange, {@code l}ist or {@code h}ash
 * @param columns the columns that the key is made of, empty if there is an expression among them
 * @param ownObjects whether the key needs something that users made, such as a function
 * @param partitions the partitions, by name
 */
public record Partitioning(
    String key, char strategy, List<String> columns, boolean ownObjects, List<Partition> partitions)
    implements Serializable {

  public Partitioning {
    columns = List.copyOf(columns);
    partitions = List.copyOf(partitions);
  }

  /**
   * A partition.
   *
   * @param name its name
   * @param bound what it holds, as in {@code FOR VALUES IN (1)} or {@code DEFAULT}
   * @param below how it is cut itself, null if it holds rows
   */
  public record Partition(TableName name, String bound, @Nullable Partitioning below)
      implements Serializable {

    /** Whether it takes what no other takes. */
    public boolean isDefault() {
      return bound.equals("DEFAULT");
    }
  }

  /** Whether there is a partition for what no other takes. */
  public boolean hasDefault() {
    return partitions.stream().anyMatch(Partition::isDefault);
  }
}
