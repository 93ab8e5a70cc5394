package io.github.pg2adb.model;

import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.SourceSchema.Needs;
import io.github.pg2adb.model.TableRoute.ConstantColumn;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The selected part of the source's catalog under the destination's names: one table for those that
 * meet in it, without the columns that are not migrated, with the constant ones. Types, functions
 * and extensions keep their schemas and names, so that columns find their types.
 *
 * @param source the catalog as it is
 * @param target the same with the destination's names
 * @param routes what decided about them
 * @param sources the source's tables by the destination's that they are written to
 * @param notes what is other than at the source, in order
 */
public record RoutedSchema(
    SourceSchema source,
    SourceSchema target,
    Routes routes,
    Map<TableName, List<TableSchema>> sources,
    List<Note> notes) {

  public RoutedSchema {
    sources = Map.copyOf(sources);
    notes = List.copyOf(notes);
  }

  /**
   * Something that routes change.
   *
   * @param leftOut whether the destination goes without it, rather than having it otherwise
   * @param object what it is, as in {@code table shop.orders}
   * @param detail a sentence for people
   */
  public record Note(boolean leftOut, String object, String detail) {}

  /**
   * Applies the routes.
   *
   * @throws MigrationException if names collide or are otherwise wrong; everything at once
   */
  public static RoutedSchema of(SourceSchema source, Routes routes) {
    NameFindings.of(source, routes).throwIfAny();
    return new Router(source, routes).route();
  }

  /** As {@link #of}, also where names are wrong: for those who look at other things. */
  public static RoutedSchema unchecked(SourceSchema source, Routes routes) {
    return new Router(source, routes).route();
  }

  /** What becomes of a table of the source. */
  public TableRoute route(TableName table) {
    return routes.of(table);
  }

  /** What sequences of the source are called in the destination. */
  public Function<TableName, TableName> sequences() {
    return RoutedSequences.of(source, routes)::target;
  }

  /**
   * What has which name in the destination: tables and their primary keys, views, types and
   * sequences.
   */
  public Map<TableName, String> takenNames() {
    Map<TableName, String> taken = new HashMap<>(TakenNames.of(source, routes).owners());
    for (TableSchema table : target.tables()) {
      if (!table.primaryKey().isEmpty()) {
        // what a server calls it
        taken.putIfAbsent(
            new TableName(table.name().schema(), table.name().name() + "_pkey"),
            "the primary key of " + table.name());
      }
    }
    return taken;
  }

  /** The names that functions cannot be created with. */
  public RenamedWords renamedWords() {
    return RenamedWords.of(source, routes);
  }

  /** Whether everything is called as at the source and all columns are migrated. */
  public boolean changesNothing() {
    Function<TableName, TableName> renamed = sequences();
    return notes.isEmpty()
        && source.views().stream().allMatch(view -> routes.of(view).target().equals(view))
        && source.needs().sequences().stream()
            .map(SequenceSchema::name)
            .allMatch(sequence -> renamed.apply(sequence).equals(sequence))
        && routes.nameCase() != NameCase.LOWER
        && routes.nameCase() != NameCase.UPPER;
  }

  /** Whether a column of the source is not migrated. */
  public boolean leavesOutColumns() {
    return source.tables().stream()
        .anyMatch(
            table -> {
              TableRoute route = routes.of(table.name());
              return table.columns().stream()
                  .anyMatch(column -> route.column(column.name()).isEmpty());
            });
  }

  /** Whether several tables of the source meet in this one of the destination. */
  public boolean isMerged(TableName target) {
    return sources.getOrDefault(target, List.of()).size() > 1;
  }

  /**
   * The source's names of the columns of a table of the destination, where they differ; those of
   * the first table if several meet in it.
   */
  public Map<String, String> renamedColumns(TableName target) {
    Map<String, String> renamed = new TreeMap<>();
    for (TableSchema table : sources.getOrDefault(target, List.of()).stream().limit(1).toList()) {
      TableRoute route = routes.of(table.name());
      for (ColumnSchema column : table.columns()) {
        route
            .column(column.name())
            .filter(name -> !name.equals(column.name()))
            .ifPresent(name -> renamed.put(name, column.name()));
      }
    }
    return renamed;
  }

  private static final class Router {
    private final SourceSchema source;
    private final Routes routes;
    private final RoutedSequences sequences;
    private final RenamedWords words;
    private final Map<TableName, TableRoute> routed = new HashMap<>();
    private final Set<TableName> ownSequences = new HashSet<>();
    private final List<Note> notes = new ArrayList<>();

    Router(SourceSchema source, Routes routes) {
      this.source = source;
      this.routes = routes;
      this.sequences = RoutedSequences.of(source, routes);
      this.words = RenamedWords.of(source, routes);
      source.needs().sequences().stream()
          .filter(sequence -> !sequences.isMigrated(sequence))
          .forEach(sequence -> ownSequences.add(sequence.name()));
      source.tables().forEach(table -> routed.put(table.name(), routes.of(table.name())));
    }

    RoutedSchema route() {
      Map<TableName, List<TableSchema>> sources = new HashMap<>();
      Map<TableName, List<TableSchema>> byTarget = new TreeMap<>();
      for (TableSchema table : source.tables()) {
        TableRoute route = routeOf(table.name());
        report(table, route);
        sources.computeIfAbsent(route.target(), target -> new ArrayList<>()).add(table);
        byTarget
            .computeIfAbsent(route.target(), target -> new ArrayList<>())
            .add(table(table, route));
      }
      SourceSchema target =
          new SourceSchema(
              byTarget.values().stream().map(this::merged).toList(),
              source.types().stream().map(this::type).toList(),
              source.extensions().stream().map(this::extension).toList(),
              needs(),
              source.skipped(),
              source.views());
      return new RoutedSchema(source, target, routes, sources, notes);
    }

    private TableRoute routeOf(TableName table) {
      TableRoute route = routed.get(table);
      return route == null ? routes.of(table) : route;
    }

    private void report(TableSchema table, TableRoute route) {
      List<String> changes = new ArrayList<>();
      if (!route.source().equals(route.target())) {
        changes.add("It is " + route.target() + " in the destination");
      }
      String renamed =
          table.columns().stream()
              .flatMap(
                  column ->
                      route
                          .column(column.name())
                          .filter(name -> !name.equals(column.name()))
                          .map(name -> column.name() + " as " + name)
                          .stream())
              .collect(Collectors.joining(", "));
      if (!renamed.isEmpty()) {
        changes.add("it has " + renamed);
      }
      route
          .constant()
          .ifPresent(
              constant ->
                  changes.add("its rows have \"" + constant.value() + "\" as " + constant.name()));
      if (!changes.isEmpty()) {
        String sentence = String.join("; ", changes);
        notes.add(
            new Note(
                false,
                "table " + table.name(),
                Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1) + "."));
      }
      for (ColumnSchema column : table.columns()) {
        if (route.column(column.name()).isEmpty()) {
          leaveOut("column " + table.name() + "." + column.name(), "A route leaves it out.");
        }
      }
    }

    private void leaveOut(String object, String detail) {
      notes.add(new Note(true, object, detail));
    }

    private TableSchema table(TableSchema table, TableRoute route) {
      List<ColumnSchema> columns = new ArrayList<>();
      Set<String> absent = new HashSet<>();
      for (ColumnSchema column : table.columns()) {
        if (route.column(column.name()).isEmpty()) {
          absent.add(column.name());
        }
      }
      for (ColumnSchema column : table.columns()) {
        route
            .column(column.name())
            .flatMap(name -> column(table, column, name, absent))
            .ifPresent(columns::add);
      }
      Optional<ConstantColumn> constant = route.constant();
      constant.ifPresent(
          added ->
              columns.add(
                  new ColumnSchema(
                      table.columns().stream().mapToInt(ColumnSchema::attnum).max().orElse(0) + 1,
                      added.name(),
                      added.type().word(),
                      true,
                      null,
                      null,
                      ColumnSchema.Generation.NONE)));
      return new TableSchema(
          table.oid(),
          route.target(),
          table.kind(),
          columns,
          key(table.primaryKey(), route),
          table.replicaIdentity(),
          key(table.identityKey(), route),
          key(table.chunkKey(), route),
          table.uniqueKeys().stream()
              .map(key -> key(key, route))
              .filter(key -> !key.isEmpty())
              .toList(),
          table.leaves(),
          table.bytes(),
          table.estimatedRows(),
          partitioning(table, route));
    }

    /**
     * The partitions under the destination's names; null for one plain table, where rows of several
     * tables meet or the columns that decide are called otherwise.
     */
    private @Nullable Partitioning partitioning(TableSchema table, TableRoute route) {
      Partitioning partitioning = table.partitioning();
      return partitioning == null
              || route.constant().isPresent()
              || !hasColumns(partitioning, table, route)
          ? null
          : named(partitioning, route);
    }

    /** Whether the key's columns, or all where it has expressions, are called as in the source. */
    private static boolean hasColumns(
        Partitioning partitioning, TableSchema table, TableRoute route) {
      List<String> columns =
          partitioning.columns().isEmpty()
              ? table.columns().stream().map(ColumnSchema::name).toList()
              : partitioning.columns();
      return route.columns(columns).equals(columns)
          && partitioning.partitions().stream()
              .map(Partitioning.Partition::below)
              .allMatch(below -> below == null || hasColumns(below, table, route));
    }

    /** Partitions beside their root stay beside it. */
    private Partitioning named(Partitioning partitioning, TableRoute route) {
      return new Partitioning(
          partitioning.key(),
          partitioning.strategy(),
          partitioning.columns(),
          partitioning.ownObjects(),
          partitioning.partitions().stream()
              .map(
                  partition -> {
                    TableName spelled = routes.spelled(partition.name());
                    Partitioning below = partition.below();
                    return new Partitioning.Partition(
                        partition.name().schema().equals(route.source().schema())
                            ? new TableName(route.target().schema(), spelled.name())
                            : spelled,
                        partition.bound(),
                        below == null ? null : named(below, route));
                  })
              .toList());
    }

    /** The key in the destination, empty if it has a column that is not migrated. */
    private static List<String> key(List<String> columns, TableRoute route) {
      List<String> names = new ArrayList<>(route.columns(columns));
      if (names.isEmpty() || names.size() < columns.size()) {
        return List.of();
      }
      route.constant().ifPresent(constant -> names.add(constant.name()));
      return names;
    }

    private Optional<ColumnSchema> column(
        TableSchema table, ColumnSchema column, String name, Set<String> absent) {
      String object = "column " + table.name() + "." + column.name();
      String expression = column.defaultExpression();
      boolean generated =
          column.generation() == ColumnSchema.Generation.STORED
              || column.generation() == ColumnSchema.Generation.VIRTUAL;
      if (generated && expression != null && RenamedWords.mention(expression, absent)) {
        leaveOut(object, "It is generated from a column that is not migrated.");
        return Optional.empty();
      }
      if (!generated && expression != null) {
        expression = defaultOf(table, object, expression);
      }
      return Optional.of(
          new ColumnSchema(
              column.attnum(),
              name,
              type(column.type()),
              column.notNull(),
              column.collation(),
              expression,
              column.generation()));
    }

    private @Nullable String defaultOf(TableSchema table, String object, String expression) {
      if (SequenceNames.in(expression).stream().anyMatch(ownSequences::contains)) {
        leaveOut(
            object,
            "Default "
                + expression
                + ": the sequence is "
                + table.name()
                + "'s alone, and the destination's table has rows of others.");
        return null;
      }
      if (!words.isEmpty() && SequenceNames.namesOtherRelations(expression)) {
        leaveOut(
            object, "Default " + expression + ": it names a relation, which may be another there.");
        return null;
      }
      return SequenceNames.renamed(expression, sequences::target);
    }

    /** One table that several meet in; what they do not have in common it has not. */
    private TableSchema merged(List<TableSchema> tables) {
      TableSchema first = tables.get(0);
      if (tables.size() == 1) {
        return first;
      }
      Map<String, List<ColumnSchema>> byName =
          tables.stream()
              .flatMap(table -> table.columns().stream())
              .collect(Collectors.groupingBy(ColumnSchema::name));
      List<ColumnSchema> columns =
          first.columns().stream()
              .map(column -> common(first, column, byName.getOrDefault(column.name(), List.of())))
              .toList();
      return new TableSchema(
          first.oid(),
          first.name(),
          first.kind(),
          columns,
          first.primaryKey(),
          first.replicaIdentity(),
          first.identityKey(),
          first.chunkKey(),
          first.uniqueKeys(),
          first.leaves(),
          tables.stream().mapToLong(TableSchema::bytes).sum(),
          tables.stream().mapToLong(table -> Math.max(0, table.estimatedRows())).sum());
    }

    private ColumnSchema common(
        TableSchema table, ColumnSchema column, Collection<ColumnSchema> like) {
      boolean notNull = like.stream().allMatch(ColumnSchema::notNull);
      Set<String> defaults =
          like.stream()
              .map(other -> String.valueOf(other.defaultExpression()))
              .collect(Collectors.toSet());
      boolean sameDefault = defaults.size() == 1;
      if (!sameDefault) {
        leaveOut(
            "default of " + table.name() + "." + column.name(),
            "The tables that meet there have different ones.");
      }
      return new ColumnSchema(
          column.attnum(),
          column.name(),
          column.type(),
          notNull,
          column.collation(),
          sameDefault ? column.defaultExpression() : null,
          column.generation());
    }

    private Needs needs() {
      List<RoutineSchema> routines = new ArrayList<>();
      for (RoutineSchema routine : source.needs().routines()) {
        Optional<String> reason = words.in(routine);
        if (reason.isPresent()) {
          leaveOut(routine.kind().word() + " " + routine.signature(), reason.get());
        } else {
          routines.add(routine);
        }
      }
      List<SequenceSchema> renamed = new ArrayList<>();
      for (SequenceSchema sequence : source.needs().sequences()) {
        if (sequences.isMigrated(sequence)) {
          renamed.add(sequence(sequence));
        }
      }
      return new Needs(source.needs().extensions(), routines, renamed);
    }

    private SequenceSchema sequence(SequenceSchema sequence) {
      return new SequenceSchema(
          sequences.target(sequence.name()),
          sequence.type(),
          sequence.start(),
          sequence.increment(),
          sequence.minimum(),
          sequence.maximum(),
          sequence.cache(),
          sequence.cycle(),
          sequence.owner() == null ? null : column(sequence.owner()).orElse(null),
          sequence.identity());
    }

    private Optional<ColumnName> column(ColumnName column) {
      TableRoute route = routeOf(column.table());
      return route.column(column.column()).map(name -> new ColumnName(route.target(), name));
    }

    private Extension extension(Extension extension) {
      return new Extension(
          extension.name(),
          extension.schema(),
          extension.columns().stream()
              .flatMap(column -> column(column).stream())
              .distinct()
              .toList());
    }

    private TypeSchema type(TypeSchema type) {
      if (type instanceof CompositeType composite) {
        return new CompositeType(
            composite.name(),
            composite.attributes().stream()
                .map(
                    attribute ->
                        new CompositeType.Attribute(
                            attribute.name(), type(attribute.type()), attribute.collation()))
                .toList());
      }
      if (type instanceof DomainType domain) {
        return new DomainType(
            domain.name(),
            type(domain.baseType()),
            domain.collation(),
            domain.notNull(),
            domain.defaultExpression() == null
                ? null
                : SequenceNames.renamed(domain.defaultExpression(), sequences::target),
            domain.checks());
      }
      return type;
    }

    /** A table's row type has the table's name. */
    private String type(String text) {
      TableRoute route = SequenceNames.type(text).map(routed::get).orElse(null);
      if (route == null || route.source().equals(route.target())) {
        return text;
      }
      String name =
          SequenceNames.quoted(route.target().schema())
              + "."
              + SequenceNames.quoted(route.target().name());
      return text.endsWith("[]") ? name + "[]" : name;
    }
  }
}
