package io.github.pg2adb.schema;

import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.Partitioning.Partition;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table's partitions as the destination gets them.
 *
 * @param partitioning how it is cut, null for one plain table
 * @param detail what is said of it
 */
record TablePartitions(@Nullable Partitioning partitioning, String detail) {

  private static final int MAX_IDENTIFIER_BYTES = 63;

  /** Decides for a partitioned table of the source. */
  static TablePartitions of(
      TableSchema table, SinkPartitions wish, Target target, @Nullable Distribution distribution) {
    Partitioning source = table.partitioning();
    String leaves =
        "One plain table holds the rows of all partitions, of which there are "
            + table.leaves().size()
            + " now";
    if (wish == SinkPartitions.PLAIN) {
      return new TablePartitions(null, leaves + ", as sink.partitions says.");
    }
    if (!target.declarativePartitions()) {
      return new TablePartitions(null, leaves + ": the destination has no declarative partitions.");
    }
    if (source == null) {
      return new TablePartitions(
          null,
          leaves
              + ": several tables meet in it, or the columns that decide are called otherwise or replaced.");
    }
    if (Distribution.REPLICATED.equals(distribution)) {
      return new TablePartitions(null, leaves + ": a replicated table has no partitions.");
    }
    if (anyMatch(source, Partitioning::ownObjects)) {
      return new TablePartitions(
          null, leaves + ": the partition key needs something that users of the source made.");
    }
    if (anyMatch(source, TablePartitions::mayLackHash)) {
      return new TablePartitions(
          null, leaves + ": its hash partitions do not cover all rows, and none can be a default.");
    }
    if (wish == SinkPartitions.EXACT) {
      return new TablePartitions(
          source, "Partitioned as it is now: a row without a partition stops the task.");
    }
    Set<TableName> names = new HashSet<>(names(source).toList());
    names.add(table.name());
    List<TableName> added = new ArrayList<>();
    Partitioning complete = withDefaults(source, table.name(), names, added);
    return new TablePartitions(
        complete,
        "Partitioned as it is now."
            + (added.isEmpty()
                ? ""
                : " Rows of partitions that the source gets later go to "
                    + String.join(", ", added.stream().map(TableName::toString).toList())
                    + "."));
  }

  private static boolean anyMatch(
      Partitioning partitioning, java.util.function.Predicate<Partitioning> fact) {
    return fact.test(partitioning)
        || partitioning.partitions().stream()
            .map(Partition::below)
            .anyMatch(below -> below != null && anyMatch(below, fact));
  }

  /** Whether there are rows that no hash partition takes. */
  private static boolean mayLackHash(Partitioning partitioning) {
    if (partitioning.strategy() != 'h') {
      return false;
    }
    double covered =
        partitioning.partitions().stream()
            .mapToDouble(
                partition ->
                    1.0
                        / Integer.parseInt(
                            partition.bound().replaceAll("(?s)^.*modulus (\\d+).*$", "$1")))
            .sum();
    return covered < 1 - 1e-9;
  }

  /** The names of all partitions. */
  static Stream<TableName> names(Partitioning partitioning) {
    return partitioning.partitions().stream()
        .flatMap(
            partition ->
                Stream.concat(
                    Stream.of(partition.name()),
                    partition.below() == null ? Stream.of() : names(partition.below())));
  }

  private static Partitioning withDefaults(
      Partitioning source, TableName table, Set<TableName> names, List<TableName> added) {
    List<Partition> partitions = new ArrayList<>();
    for (Partition partition : source.partitions()) {
      Partitioning below = partition.below();
      partitions.add(
          below == null
              ? partition
              : new Partition(
                  partition.name(),
                  partition.bound(),
                  withDefaults(below, partition.name(), names, added)));
    }
    if (source.strategy() != 'h' && !source.hasDefault()) {
      TableName name = defaultOf(table, names);
      names.add(name);
      added.add(name);
      partitions.add(new Partition(name, "DEFAULT", null));
    }
    return new Partitioning(
        source.key(), source.strategy(), source.columns(), source.ownObjects(), partitions);
  }

  private static TableName defaultOf(TableName table, Set<TableName> names) {
    for (int number = 0; ; number++) {
      String suffix = "_default" + (number == 0 ? "" : number);
      String name = table.name();
      while ((name + suffix).getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES) {
        name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
      }
      TableName candidate = new TableName(table.schema(), name + suffix);
      if (!names.contains(candidate)) {
        return candidate;
      }
    }
  }
}
