package io.github.pg2adb.schema;

import io.github.pg2adb.model.NameFindings;
import io.github.pg2adb.model.RenamedWords;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.RoutineSchema;
import io.github.pg2adb.model.SequenceNames;
import io.github.pg2adb.model.SequenceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives what comes after the rows the destination's names, and leaves out by name what cannot be
 * the same there: what needs a column or a function that is not migrated, and what is about one of
 * several tables that meet in one. Texts of expressions and views stay as they are: whoever creates
 * them sees to it that they mean the right tables and columns.
 */
final class ObjectRouter {

  /** How the server writes a row as a whole. */
  private static final String WHOLE_ROW = ".*";

  private final SourceObjects source;
  private final RoutedSchema routed;
  private final Map<TableName, TableSchema> tables = new HashMap<>();
  private final Map<TableName, TableName> views = new HashMap<>();

  /** What is left out of the views, and why. */
  private final Map<TableName, String> viewsLeftOut = new HashMap<>();

  private final Map<Long, RoutineSchema> routinesLeftOut = new HashMap<>();
  private final Set<TableName> taken = new HashSet<>();
  private final Map<TableName, TableName> indexes = new HashMap<>();
  private final Map<CatalogRef, String> constraintNames = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Function<TableName, TableName> sequences;
  private final RenamedWords words;

  private ObjectRouter(SourceObjects source, RoutedSchema routed) {
    this.source = source;
    this.routed = routed;
    this.sequences = routed.sequences();
    this.words = routed.renamedWords();
    routed.source().tables().forEach(table -> tables.put(table.name(), table));
    taken.addAll(routed.takenNames().keySet());
  }

  /** The objects under the destination's names. */
  static SourceObjects route(SourceObjects source, RoutedSchema routed) {
    return routed.changesNothing() ? source : new ObjectRouter(source, routed).route();
  }

  private SourceObjects route() {
    List<RoutineQuery.Found> routines = source.routines().stream().filter(this::keeps).toList();
    List<SourceView> routedViews =
        source.views().stream().flatMap(view -> view(view).stream()).toList();
    List<SourceIndex> routedIndexes =
        source.indexes().stream().flatMap(index -> index(index).stream()).toList();
    List<SourceConstraint> routedConstraints =
        source.constraints().stream()
            .flatMap(constraint -> constraint(constraint).stream())
            .toList();
    List<SequenceQuery.Found> routedSequences =
        source.sequences().stream().flatMap(sequence -> sequence(sequence).stream()).toList();
    List<SourceComment> comments =
        source.comments().stream().flatMap(comment -> comment(comment).stream()).toList();
    List<Entry> leftOut = new ArrayList<>(source.leftOut());
    leftOut.addAll(entries);
    return new SourceObjects(
        source.extensions(),
        routines,
        routedIndexes,
        routedConstraints,
        routedViews,
        routedSequences,
        comments,
        leftOut,
        source.uses());
  }

  private void leaveOut(String object, String reason) {
    entries.add(new Entry(Outcome.LEFT_OUT, object, reason));
  }

  private boolean keeps(RoutineQuery.Found found) {
    RoutineSchema routine = found.schema();
    Optional<String> reason = words.in(routine);
    if (reason.isPresent()) {
      routinesLeftOut.put(routine.oid(), routine);
      boolean told =
          routed.source().needs().routines().stream().anyMatch(need -> need.oid() == routine.oid());
      if (!told) {
        leaveOut(routine.kind().word() + " " + routine.signature(), reason.get());
      }
    }
    return reason.isEmpty();
  }

  /** Why something cannot be without what it uses, null if it can. */
  private @Nullable String missing(CatalogRef object) {
    for (ColumnName column : source.uses().columns().getOrDefault(object, Set.of())) {
      if (routed.route(column.table()).column(column.column()).isEmpty()) {
        return "It needs column " + column + ", which is not migrated.";
      }
    }
    for (Long routine : source.uses().routines().getOrDefault(object, Set.of())) {
      RoutineSchema absent = routinesLeftOut.get(routine);
      if (absent != null) {
        return "It needs "
            + absent.kind().word()
            + " "
            + absent.signature()
            + ", which is left out.";
      }
    }
    return null;
  }

  private Optional<SourceView> view(SourceView view) {
    String reason = whyNot(view);
    if (reason != null) {
      viewsLeftOut.put(view.name(), reason);
      leaveOut(view.words() + " " + view.name(), reason);
      return Optional.empty();
    }
    TableName target = routed.route(view.name()).target();
    views.put(view.name(), target);
    return Optional.of(
        new SourceView(
            view.oid(), target, view.materialized(), view.columns(), view.options(), view.query()));
  }

  private @Nullable String whyNot(SourceView view) {
    String missing = missing(view.ref());
    if (missing != null) {
      return missing;
    }
    if (isNamedInText(view.query())) {
      return "It takes values from a sequence that is called otherwise.";
    }
    for (TableName shown : source.uses().relations().getOrDefault(view.ref(), List.of())) {
      TableSchema table = tables.get(shown);
      TableRoute route = routed.route(shown);
      if (viewsLeftOut.containsKey(shown)) {
        return "It needs view " + shown + ", which is left out.";
      }
      if (table != null && route.constant().isPresent()) {
        return "It shows table "
            + shown
            + ", whose rows are among others in "
            + route.target()
            + ".";
      }
      if (table != null && leavesOut(table, route) && view.query().contains(WHOLE_ROW)) {
        return "It shows whole rows, and not all columns of " + shown + " are migrated.";
      }
    }
    return null;
  }

  private boolean isNamedInText(String text) {
    return SequenceNames.in(text).stream().anyMatch(name -> !sequences.apply(name).equals(name));
  }

  private boolean namesRelations(String text) {
    return !words.isEmpty() && (isNamedInText(text) || SequenceNames.namesOtherRelations(text));
  }

  private static boolean leavesOut(TableSchema table, TableRoute route) {
    return table.columns().stream().anyMatch(column -> route.column(column.name()).isEmpty());
  }

  private static boolean isChanged(TableSchema table, TableRoute route) {
    return !route.source().equals(route.target())
        || route.constant().isPresent()
        || table.columns().stream()
            .anyMatch(column -> !route.column(column.name()).equals(Optional.of(column.name())));
  }

  private Optional<SourceIndex> index(SourceIndex index) {
    String object = "index " + index.qualifiedName();
    TableSchema table = tables.get(index.table());
    if (table == null) {
      TableName view = views.get(index.table());
      if (view == null) {
        leaveOut(object, "Its materialized view is left out.");
        return Optional.empty();
      }
      return Optional.of(
          named(index, view, index.keys(), index.included(), name(object, view, index.name())));
    }
    TableRoute route = routed.route(index.table());
    String reason = whyNot(index, table, route);
    if (reason != null) {
      leaveOut(object, reason);
      return Optional.empty();
    }
    List<SourceIndex.Key> keys =
        index.keys().stream()
            .map(
                key ->
                    new SourceIndex.Key(
                        key.column() == null ? null : route.column(key.column()).orElse(null),
                        key.expression(),
                        key.collation(),
                        key.operatorClass(),
                        key.descending(),
                        key.nullsFirst()))
            .toList();
    return Optional.of(
        named(
            index,
            route.target(),
            keys,
            route.columns(index.included()),
            name(object, route.target(), index.name())));
  }

  private SourceIndex named(
      SourceIndex index,
      TableName table,
      List<SourceIndex.Key> keys,
      List<String> included,
      String name) {
    indexes.put(index.qualifiedName(), new TableName(table.schema(), name));
    return new SourceIndex(
        index.oid(),
        index.tableOid(),
        table,
        name,
        index.method(),
        index.unique(),
        index.nullsNotDistinct(),
        index.valid(),
        keys,
        included,
        index.predicate(),
        index.options());
  }

  private @Nullable String whyNot(SourceIndex index, TableSchema table, TableRoute route) {
    List<String> columns = new ArrayList<>(index.keyColumns());
    columns.addAll(index.included());
    for (String column : columns) {
      if (route.column(column).isEmpty()) {
        return "It needs column " + table.name() + "." + column + ", which is not migrated.";
      }
    }
    String missing = missing(CatalogRef.relation(index.oid()));
    if (missing != null) {
      return missing;
    }
    if (route.constant().isPresent() && index.unique()) {
      return "It is unique among the rows of " + table.name() + " alone.";
    }
    if (isLater(table, route)) {
      return "The rows are in "
          + route.target()
          + ", which has the indexes of "
          + first(route)
          + ".";
    }
    if (namesRelations(index.text())) {
      return "It names a relation, which may be another there.";
    }
    return index.isExpression() && isChanged(table, route) && index.text().contains(WHOLE_ROW)
        ? "It is made of whole rows, which are others in the destination."
        : null;
  }

  /** Whether the table is not the first of those that meet in one. */
  private boolean isLater(TableSchema table, TableRoute route) {
    return !first(route).equals(table.name());
  }

  private TableName first(TableRoute route) {
    return routed.sources().getOrDefault(route.target(), List.of()).stream()
        .map(TableSchema::name)
        .findFirst()
        .orElse(route.source());
  }

  /** A name that nothing else in the schema has. */
  private String name(String object, TableName table, String sourceName) {
    String wanted = routed.routes().nameCase().part(sourceName);
    String name = wanted;
    for (int number = 2; !taken.add(new TableName(table.schema(), name)); number++) {
      name = shortened(wanted, "_" + number);
    }
    if (!name.equals(wanted)) {
      entries.add(
          new Entry(
              Outcome.ADAPTED,
              object,
              "It is called " + name + ", since another in the schema is called " + wanted + "."));
    }
    return name;
  }

  private static String shortened(String name, String suffix) {
    String whole = name + suffix;
    String start = name;
    while (NameFindings.isTooLong(whole)) {
      start = start.substring(0, start.length() - 1);
      whole = start + suffix;
    }
    return whole;
  }

  private Optional<SourceConstraint> constraint(SourceConstraint constraint) {
    String object =
        constraint.kind().words() + " " + constraint.name() + " of " + constraint.table();
    TableSchema table = tables.get(constraint.table());
    TableRoute route = routed.route(constraint.table());
    String reason = table == null ? "Its table is not migrated." : whyNot(constraint, table, route);
    if (reason != null) {
      leaveOut(object, reason);
      return Optional.empty();
    }
    boolean index =
        constraint.kind() == SourceConstraint.Kind.UNIQUE
            || constraint.kind() == SourceConstraint.Kind.EXCLUSION;
    String name =
        index
            ? name(object, route.target(), constraint.name())
            : routed.routes().nameCase().part(constraint.name());
    CatalogRef ref = CatalogRef.constraint(constraint.oid());
    constraintNames.put(ref, name);
    return Optional.of(
        new SourceConstraint(
            constraint.oid(),
            route.target(),
            name,
            constraint.kind(),
            route.columns(constraint.columns()),
            route.columns(constraint.included()),
            constraint.definition(),
            constraint.validated(),
            constraint.nullsNotDistinct(),
            constraint.timing(),
            constraint.reference() == null ? null : reference(constraint.reference())));
  }

  private SourceConstraint.Reference reference(SourceConstraint.Reference reference) {
    TableRoute route = routed.route(reference.table());
    return new SourceConstraint.Reference(
        route.target(),
        route.columns(reference.columns()),
        reference.match(),
        reference.onUpdate(),
        reference.onDelete(),
        reference.onDeleteColumns());
  }

  private @Nullable String whyNot(
      SourceConstraint constraint, TableSchema table, TableRoute route) {
    List<String> columns = new ArrayList<>(constraint.columns());
    columns.addAll(constraint.included());
    for (String column : columns) {
      if (route.column(column).isEmpty()) {
        return "It needs column " + table.name() + "." + column + ", which is not migrated.";
      }
    }
    String missing = missing(CatalogRef.constraint(constraint.oid()));
    if (missing != null) {
      return missing;
    }
    if (namesRelations(constraint.definition())) {
      return "It names a relation, which may be another there.";
    }
    return switch (constraint.kind()) {
      case CHECK -> whyNoCheck(constraint, table, route);
      case UNIQUE ->
          route.constant().isPresent()
              ? "It is unique among the rows of " + table.name() + " alone."
              : null;
      case EXCLUSION ->
          route.constant().isPresent()
              ? "It is about the rows of " + table.name() + " alone."
              : wholeRow(constraint, table, route);
      case FOREIGN_KEY -> whyNoKey(constraint, table, route);
    };
  }

  private static @Nullable String wholeRow(
      SourceConstraint constraint, TableSchema table, TableRoute route) {
    return isChanged(table, route) && constraint.definition().contains(WHOLE_ROW)
        ? "It is about whole rows, which are others in the destination."
        : null;
  }

  /** A check that every one of the tables has which meet in one is the destination's, too. */
  private @Nullable String whyNoCheck(
      SourceConstraint constraint, TableSchema table, TableRoute route) {
    if (route.constant().isPresent()) {
      Set<TableName> alike =
          source.constraints().stream()
              .filter(other -> other.kind() == SourceConstraint.Kind.CHECK)
              .filter(other -> other.definition().equals(constraint.definition()))
              .map(SourceConstraint::table)
              .filter(other -> routed.route(other).target().equals(route.target()))
              .collect(Collectors.toSet());
      int all = routed.sources().getOrDefault(route.target(), List.of()).size();
      if (alike.size() < all) {
        return "It holds for the rows of " + table.name() + " alone.";
      }
      if (isLater(table, route)) {
        return "It is there as that of " + first(route) + ".";
      }
    }
    return wholeRow(constraint, table, route);
  }

  private @Nullable String whyNoKey(
      SourceConstraint constraint, TableSchema table, TableRoute route) {
    if (route.constant().isPresent()) {
      return "It holds for the rows of " + table.name() + " alone.";
    }
    SourceConstraint.Reference reference = constraint.reference();
    if (reference == null) {
      return null;
    }
    if (!tables.containsKey(reference.table())) {
      return "It refers to table " + reference.table() + ", which is not migrated.";
    }
    TableRoute other = routed.route(reference.table());
    if (other.constant().isPresent()) {
      return "It refers to table "
          + reference.table()
          + ", whose rows are among others in "
          + other.target()
          + ".";
    }
    return reference.columns().stream()
        .filter(column -> other.column(column).isEmpty())
        .findFirst()
        .map(
            column ->
                "It needs column " + reference.table() + "." + column + ", which is not migrated.")
        .orElse(null);
  }

  private Optional<SequenceQuery.Found> sequence(SequenceQuery.Found found) {
    SequenceSchema sequence = found.schema();
    ColumnName owner = sequence.owner();
    ColumnName target = null;
    if (owner != null && tables.containsKey(owner.table())) {
      TableRoute route = routed.route(owner.table());
      String column = route.column(owner.column()).orElse(null);
      if (column == null || (route.constant().isPresent() && !sequence.identity())) {
        if (!sequence.identity()) {
          leaveOut(
              "sequence " + sequence.name(),
              "It belongs to column " + owner + ", whose values no default makes there.");
        }
        return Optional.empty();
      }
      target = new ColumnName(route.target(), column);
    }
    return Optional.of(
        new SequenceQuery.Found(
            new SequenceSchema(
                sequences.apply(sequence.name()),
                sequence.type(),
                sequence.start(),
                sequence.increment(),
                sequence.minimum(),
                sequence.maximum(),
                sequence.cache(),
                sequence.cycle(),
                target == null ? owner : target,
                sequence.identity()),
            found.lastValue()));
  }

  private Optional<SourceComment> comment(SourceComment comment) {
    TableName relation = comment.relation();
    if (relation == null) {
      return comment.type().equals("schema") ? schemaComment(comment) : Optional.of(comment);
    }
    if (comment.object().catalog().equals("pg_constraint")) {
      return Optional.ofNullable(constraintNames.get(comment.object()))
          .map(name -> comment.on(routed.route(relation).target(), name));
    }
    TableSchema table = tables.get(relation);
    if (table != null) {
      TableRoute route = routed.route(relation);
      if (route.constant().isPresent()) {
        leaveOut(
            "comment on " + comment.type() + " " + comment.identity(),
            "It is about one of the tables whose rows are in " + route.target() + ".");
        return Optional.empty();
      }
      return comment.part() == null
          ? Optional.of(comment.on(route.target(), null))
          : route.column(comment.part()).map(column -> comment.on(route.target(), column));
    }
    TableName view = views.get(relation);
    if (view != null) {
      return Optional.of(comment.on(view, comment.part()));
    }
    return Optional.ofNullable(indexes.get(relation)).map(index -> comment.on(index, null));
  }

  /** A schema's comment goes with its tables if they stay together and among themselves. */
  private Optional<SourceComment> schemaComment(SourceComment comment) {
    Map<String, Set<String>> targets = new TreeMap<>();
    Map<String, Set<String>> sources = new TreeMap<>();
    for (TableName table : tables.keySet()) {
      String target = routed.route(table).target().schema();
      targets.computeIfAbsent(table.schema(), schema -> new TreeSet<>()).add(target);
      sources.computeIfAbsent(target, schema -> new TreeSet<>()).add(table.schema());
    }
    for (Map.Entry<String, Set<String>> entry : targets.entrySet()) {
      if (comment.isAround(Set.of(entry.getKey())) && entry.getValue().size() == 1) {
        String target = entry.getValue().iterator().next();
        if (sources.getOrDefault(target, Set.of()).size() == 1) {
          return Optional.of(comment.onSchema(target));
        }
      }
    }
    leaveOut("comment on schema " + comment.identity(), "Its tables are not in one schema there.");
    return Optional.empty();
  }
}
