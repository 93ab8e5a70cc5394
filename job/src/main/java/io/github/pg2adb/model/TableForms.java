package io.github.pg2adb.model;

import io.github.pg2adb.model.TableSchema.ColumnSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the destination's tables are spread, stored and cut: as the task file asks, else as their
 * keys allow. The schema phase creates them so; the precheck says beforehand what cannot be had.
 * Tables are those of the destination, under its names.
 *
 * @param wishes what the task file asks
 * @param target what the destination can do
 * @param changing whether changes are applied
 * @param hashable the types, as {@code format_type} spells them, by which rows can be spread over
 *     segments
 */
public record TableForms(SinkTables wishes, Target target, boolean changing, Set<String> hashable) {

  public TableForms {
    hashable = Set.copyOf(hashable);
  }

  /** How the table's rows are spread; empty for a destination without segments. */
  public Optional<SinkDistribution> distribution(TableSchema table) {
    return target.distributed()
        ? Optional.of(wishes.distribution().find(table.name()).orElseGet(() -> byKey(table)))
        : Optional.empty();
  }

  private SinkDistribution byKey(TableSchema table) {
    List<String> columns = hashableKey(table);
    return columns.isEmpty() ? SinkDistribution.RANDOM : SinkDistribution.by(columns);
  }

  /** The columns of the primary key by which rows can be spread. */
  private List<String> hashableKey(TableSchema table) {
    Map<String, String> types = types(table);
    return table.primaryKey().stream()
        .filter(column -> hashable.contains(types.getOrDefault(column, "")))
        .toList();
  }

  private static Map<String, String> types(TableSchema table) {
    return table.columns().stream()
        // the precheck looks also where routes give two columns one name
        .collect(Collectors.toMap(ColumnSchema::name, ColumnSchema::type, (first, other) -> first));
  }

  /** The types that must be known to be hashable or not: of keys, and of what the task names. */
  public static Set<String> typesThatMatter(Collection<TableSchema> tables, SinkTables wishes) {
    Set<String> types = new HashSet<>();
    for (TableSchema table : tables) {
      Set<String> columns = new HashSet<>(table.primaryKey());
      wishes
          .distribution()
          .find(table.name())
          .ifPresent(distribution -> columns.addAll(distribution.columns()));
      types(table)
          .forEach(
              (column, type) -> {
                if (columns.contains(column)) {
                  types.add(type);
                }
              });
    }
    return types;
  }

  /**
   * The distribution key if it is a part of the primary key alone since the rest of that has types
   * by which rows cannot be spread.
   */
  public Optional<List<String>> partOfKey(TableSchema table) {
    return distribution(table)
        .filter(distribution -> wishes.distribution().find(table.name()).isEmpty())
        .map(SinkDistribution::columns)
        .filter(key -> !key.isEmpty() && key.size() < table.primaryKey().size());
  }

  /** How the table's rows are stored. */
  public SinkStorage storage(TableSchema table) {
    return wishes
        .storage()
        .find(table.name())
        .orElse(target.beam() ? SinkStorage.BEAM : SinkStorage.HEAP);
  }

  /** What becomes of a partitioned table's partitions. */
  public TablePartitions partitions(TableSchema table) {
    return TablePartitions.of(
        table,
        wishes.partitions().find(table.name()).orElse(SinkPartitions.NATIVE),
        target,
        distribution(table).filter(SinkDistribution.REPLICATED::equals).isPresent());
  }

  /**
   * Why the destination cannot have the source's primary key, empty if it can: a unique index on
   * segments exists only where equal keys meet on one segment.
   */
  public Optional<String> whyNoPrimaryKey(TableSchema table) {
    SinkDistribution distribution = distribution(table).orElse(null);
    if (distribution == null || table.primaryKey().isEmpty()) {
      return Optional.empty();
    }
    if (storage(table).isAppendOptimised()) {
      return Optional.of("Append-optimised tables have no unique keys.");
    }
    if (distribution.keepsTogether(table.primaryKey())) {
      return Optional.empty();
    }
    String key = quoted(table.primaryKey());
    return Optional.of(
        distribution.kind() == SinkDistribution.Kind.BY_COLUMNS
            ? "The rows are distributed by ("
                + quoted(distribution.columns())
                + "), which is not all in ("
                + key
                + "), so that rows of one key may be on several segments."
            : "The rows are distributed randomly, so that rows of one key ("
                + key
                + ") may be on several segments.");
  }

  private static String quoted(List<String> names) {
    return names.stream().map(SequenceNames::quoted).collect(Collectors.joining(", "));
  }

  /** What {@code sink.distribution} asks of the table and it cannot have, as parts of sentences. */
  public List<String> distributionProblems(TableSchema table) {
    SinkDistribution wish = wishes.distribution().find(table.name()).orElse(null);
    if (wish == null) {
      return List.of();
    }
    if (!target.distributed()) {
      return List.of("cannot be distributed: the destination has no segments");
    }
    List<String> problems = new ArrayList<>();
    Map<String, String> types = types(table);
    for (String column : wish.columns()) {
      String type = types.get(column);
      String cannot = "cannot be distributed by \"" + column + "\": ";
      if (type == null) {
        problems.add(cannot + "it has no such column");
      } else if (!hashable.contains(type)) {
        problems.add(cannot + "segments cannot tell rows apart by type " + type);
      }
    }
    if (wish.kind() == SinkDistribution.Kind.REPLICATED
        && changing
        && table.publishesUpdates()
        && table.identityKey().isEmpty()) {
      problems.add(
          "cannot be replicated to all segments: it has no key, and rows of such tables cannot be told apart without one");
    }
    return problems;
  }

  /** The same of {@code sink.storage}. */
  public Optional<String> storageProblem(TableSchema table) {
    SinkStorage wish = wishes.storage().find(table.name()).orElse(null);
    if (wish == null || wish == SinkStorage.HEAP) {
      return Optional.empty();
    }
    String cannot = "cannot be stored as " + wish.word() + ": ";
    if (!target.distributed()) {
      return Optional.of(cannot + "the destination has heap tables only");
    }
    if (wish == SinkStorage.BEAM && !target.beam()) {
      return Optional.of(cannot + "only AnalyticDB from 7.0.6.6 on can");
    }
    return wish.isAppendOptimised() && changing
        ? Optional.of(
            cannot
                + "changes are applied to it, and append-optimised tables lock for each and keep deleted rows")
        : Optional.empty();
  }

  /** The same of {@code sink.partitions}; the table is then created in another form. */
  public Optional<String> partitionsProblem(TableSchema table) {
    SinkPartitions wish = wishes.partitions().find(table.name()).orElse(null);
    if (wish == null) {
      return Optional.empty();
    }
    if (table.kind() != TableSchema.Kind.PARTITIONED) {
      return wishes.partitions().isNamed(table.name())
          ? Optional.of("has no partitions at the source")
          : Optional.empty();
    }
    return wish == SinkPartitions.PLAIN
        ? Optional.empty()
        : partitions(table).whyPlain().map(why -> "is one plain table: " + why);
  }

  /** The rules that are about none of these tables. */
  public List<String> unused(Collection<TableName> tables) {
    return Stream.of(
            unused("distribution", wishes.distribution(), tables),
            unused("storage", wishes.storage(), tables),
            unused("partitions", wishes.partitions(), tables))
        .flatMap(rules -> rules)
        .toList();
  }

  private static Stream<String> unused(
      String option, ByTable<?> rules, Collection<TableName> tables) {
    return rules.rules().stream()
        .map(ByTable.Rule::tables)
        .filter(pattern -> tables.stream().noneMatch(pattern::matches))
        .map(pattern -> "\"" + pattern + "\" of sink." + option);
  }

  /**
   * The names that partitions would have and something else has, too.
   *
   * @param tables the tables that are created
   * @param others everything else that there will be
   */
  public List<String> partitionCollisions(
      Collection<TableSchema> tables, Map<TableName, String> others) {
    Map<TableName, String> taken = new TreeMap<>(others);
    List<String> collisions = new ArrayList<>();
    for (TableSchema table : tables) {
      Partitioning partitioning = partitions(table).partitioning();
      if (partitioning != null) {
        String owner = "a partition of " + table.name();
        TablePartitions.names(partitioning)
            .forEach(
                name -> {
                  String other = taken.putIfAbsent(name, owner);
                  if (other != null) {
                    collisions.add(owner + " and " + other + " would both be " + name);
                  }
                });
      }
    }
    return collisions;
  }
}
