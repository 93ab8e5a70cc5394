package io.github.pg2adb.model;

import io.github.pg2adb.model.Partitioning.Partition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table's partitions as the destination gets them.
 *
 * @param partitioning how it is cut, null for one plain table
 * @param whyPlain why it is one plain table although it was not to be, as a part of a sentence
 * @param detail what is said of it
 */
public record TablePartitions(
    @Nullable Partitioning partitioning, Optional<String> whyPlain, String detail) {

  /** Decides for a partitioned table of the source. */
  static TablePartitions of(
      TableSchema table, SinkPartitions wish, Target target, boolean replicated) {
    String leaves =
        "One plain table holds the rows of all partitions, of which there are "
            + table.leaves().size()
            + " now";
    if (wish == SinkPartitions.PLAIN) {
      return new TablePartitions(null, Optional.empty(), leaves + ", as sink.partitions says.");
    }
    Optional<String> whyPlain = whyPlain(table, target, replicated);
    Partitioning source = table.partitioning();
    if (source == null || whyPlain.isPresent()) {
      return new TablePartitions(
          null, whyPlain, leaves + whyPlain.map(": "::concat).orElse("") + ".");
    }
    if (wish == SinkPartitions.EXACT) {
      return new TablePartitions(
          source,
          Optional.empty(),
          "Partitioned as it is now: a row without a partition stops the task.");
    }
    Set<TableName> names = new HashSet<>(names(source).toList());
    names.add(table.name());
    List<TableName> added = new ArrayList<>();
    Partitioning complete = withDefaults(source, table.name(), names, added);
    return new TablePartitions(
        complete,
        Optional.empty(),
        "Partitioned as it is now."
            + (added.isEmpty()
                ? ""
                : " Rows of partitions that the source gets later go to "
                    + String.join(", ", added.stream().map(TableName::toString).toList())
                    + "."));
  }

  private static Optional<String> whyPlain(TableSchema table, Target target, boolean replicated) {
    Partitioning source = table.partitioning();
    if (!target.declarativePartitions()) {
      return Optional.of("the destination has no declarative partitions");
    }
    if (source == null) {
      return Optional.of(
          "several tables meet in it, or the columns that decide are called otherwise or replaced");
    }
    if (replicated) {
      return Optional.of("a replicated table has no partitions");
    }
    if (anyMatch(source, Partitioning::ownObjects)) {
      return Optional.of("the partition key needs something that users of the source made");
    }
    return anyMatch(source, TablePartitions::mayLackHash)
        ? Optional.of("its hash partitions do not cover all rows, and none can be a default")
        : Optional.empty();
  }

  private static boolean anyMatch(Partitioning partitioning, Predicate<Partitioning> fact) {
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
  public static Stream<TableName> names(Partitioning partitioning) {
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
      while (NameFindings.isTooLong(name + suffix)) {
        name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
      }
      TableName candidate = new TableName(table.schema(), name + suffix);
      if (!names.contains(candidate)) {
        return candidate;
      }
    }
  }
}
