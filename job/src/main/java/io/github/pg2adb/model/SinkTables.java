package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * What a task asks of its tables in the destination.
 *
 * @param onExisting what happens to tables that it did not create
 * @param distribution how rows are spread, for tables that are not to be spread by their key
 * @param storage how rows are stored, for tables that are not to be stored as is the destination's
 *     way
 * @param partitions what becomes of partitioned tables, for those that are not to be partitioned
 * @param grants whether roles get the privileges that they have at the source
 */
public record SinkTables(
    OnExistingTable onExisting,
    ByTable<SinkDistribution> distribution,
    ByTable<SinkStorage> storage,
    ByTable<SinkPartitions> partitions,
    boolean grants)
    implements Serializable {

  /** What holds where a task file says nothing. */
  public static final SinkTables DEFAULT = new SinkTables(OnExistingTable.FAIL);

  /** Tables in the form that the destination has by default. */
  public SinkTables(OnExistingTable onExisting) {
    this(onExisting, ByTable.none(), ByTable.none(), ByTable.none(), false);
  }
}
