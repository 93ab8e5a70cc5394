package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.RoutineSchema;
import io.github.pg2adb.model.SequenceSchema;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.PlannedObject.Step;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides what is created after the rows and how, and what is left out: the part without I/O.
 *
 * @param objects what to create, in order
 * @param entries what differs from the source or is left out, and why
 */
record ObjectPlan(List<PlannedObject> objects, List<Entry> entries) {

  ObjectPlan {
    objects = List.copyOf(objects);
    entries = List.copyOf(entries);
  }

  /**
   * What the decisions depend on.
   *
   * @param target what the destination can do
   * @param methods the access methods that it has for indexes
   * @param distributions how the tables' rows are spread; empty for a destination without segments
   * @param inSeveralChunks the tables whose rows come from several moments of the source and go on
   *     changing, so that a unique constraint may not hold yet
   * @param changing whether changes are applied from now on
   * @param keysCanBeTurnedOff whether foreign keys can be kept from acting on applied changes
   * @param partitioned the tables that have partitions in the destination
   * @param there what the destination has already
   */
  record Facts(
      Target target,
      Set<String> methods,
      Map<TableName, SinkDistribution> distributions,
      Set<TableName> inSeveralChunks,
      boolean changing,
      boolean keysCanBeTurnedOff,
      Set<TableName> partitioned,
      Set<ObjectKey> there) {}

  static ObjectPlan of(SourceObjects source, RoutedSchema schema, Facts facts) {
    return new Planner(source, schema, facts).plan();
  }

  /** This plan and another after it. */
  ObjectPlan and(ObjectPlan other) {
    return new ObjectPlan(
        Stream.concat(objects.stream(), other.objects().stream()).toList(),
        Stream.concat(entries.stream(), other.entries().stream()).toList());
  }

  private static final class Planner {

    private final RoutedSchema routed;
    private final SourceObjects source;
    private final Facts facts;
    private final Target target;
    private final Map<TableName, TableSchema> tables = new HashMap<>();
    private final List<PlannedObject> objects = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();

    Planner(SourceObjects unnamed, RoutedSchema routed, Facts facts) {
      this.routed = routed;
      this.source = ObjectRouter.route(unnamed, routed);
      this.facts = facts;
      this.target = facts.target();
      routed.target().tables().forEach(table -> tables.put(table.name(), table));
    }

    ObjectPlan plan() {
      entries.addAll(source.leftOut());
      schemas();
      source.extensions().forEach(this::extension);
      source.routines().forEach(this::routine);
      Set<TableName> views =
          source.views().stream().map(SourceView::name).collect(Collectors.toSet());
      source.indexes().stream()
          .sorted(Comparator.comparing((SourceIndex index) -> -bytes(index.table())))
          .forEach(index -> index(index, views.contains(index.table())));
      source.constraints().forEach(this::constraint);
      tables.values().stream()
          .sorted(Comparator.comparing(table -> -table.bytes()))
          .forEach(
              table ->
                  add(
                      Step.ANALYZE,
                      "statistics of " + table.name(),
                      table.name(),
                      ObjectDdl.analyze(table.name()),
                      ObjectKey.none(table.name().toString())));
      ViewRelations relations = new ViewRelations(source, routed, facts.there());
      source.views().forEach(view -> view(view, relations.of(view)));
      source.sequences().forEach(this::sequence);
      source.comments().forEach(this::comment);
      objects.sort(Comparator.comparing(PlannedObject::step));
      return new ObjectPlan(objects, entries);
    }

    private long bytes(TableName table) {
      TableSchema schema = tables.get(table);
      return schema == null ? 0 : schema.bytes();
    }

    private void add(
        Step step,
        String object,
        @org.jspecify.annotations.Nullable TableName table,
        String statement,
        ObjectKey key) {
      objects.add(new PlannedObject(step, object, table, statement, key));
    }

    private void leaveOut(String object, String reason) {
      entries.add(new Entry(Outcome.LEFT_OUT, object, reason));
    }

    private void adapt(String object, String what) {
      entries.add(new Entry(Outcome.ADAPTED, object, what));
    }

    private void schemas() {
      Set<String> names = new TreeSet<>();
      source.extensions().forEach(extension -> names.add(extension.schema()));
      source.routines().forEach(routine -> names.add(routine.schema().name().schema()));
      source.views().forEach(view -> names.add(view.name().schema()));
      names.remove("pg_catalog");
      for (String name : names) {
        add(Step.SCHEMA, "schema " + name, null, Ddl.createSchema(name), ObjectKey.schema(name));
      }
    }

    private void extension(Extension extension) {
      add(
          Step.EXTENSION,
          "extension " + extension.name(),
          null,
          Ddl.createExtension(extension.name(), extension.schema()),
          ObjectKey.extension(extension.name()));
    }

    private void routine(RoutineQuery.Found found) {
      RoutineSchema routine = found.schema();
      String object = routine.kind().word() + " " + routine.signature();
      if (routine.kind() == RoutineSchema.Kind.PROCEDURE && !target.procedures()) {
        leaveOut(object, "The destination has no procedures.");
        return;
      }
      add(
          Step.ROUTINE,
          object,
          null,
          Ddl.createRoutine(routine),
          ObjectKey.routine(routine.signature()));
    }

    private void index(SourceIndex index, boolean ofView) {
      String object = "index " + index.qualifiedName();
      if (!index.valid()) {
        leaveOut(object, "It is not valid in the source.");
        return;
      }
      String method = index.method();
      if (!facts.methods().contains(method)) {
        if (!method.equals("hash")) {
          leaveOut(object, "The destination has no access method " + method + ".");
          return;
        }
        method = "btree";
        adapt(object, "The destination has no hash indexes, so it is a btree.");
      }
      if (index.unique()
          && !mayBeUnique(
              object,
              index.table(),
              index.keyColumns(),
              ObjectDdl.createIndex(index, method, target))) {
        return;
      }
      reportUniqueness(object, index.included(), index.nullsNotDistinct());
      add(
          ofView ? Step.VIEW_INDEX : Step.INDEX,
          object,
          index.table(),
          index.isExpression()
              ? columns(index.table()).around(ObjectDdl.createIndex(index, method, target))
              : ObjectDdl.createIndex(index, method, target),
          ObjectKey.relation(index.qualifiedName()));
    }

    private void reportUniqueness(String object, List<String> included, boolean nullsNotDistinct) {
      if (!included.isEmpty() && !target.coveringIndexes()) {
        adapt(
            object,
            "The destination cannot include columns, so (" + Sql.quoteAll(included) + ") is not.");
      }
      if (nullsNotDistinct && !target.nullsNotDistinct()) {
        adapt(
            object,
            "The destination takes NULLs as different from each other, the source as equal.");
      }
    }

    /** Whether the destination can keep these columns unique now; says why not. */
    private boolean mayBeUnique(
        String object, TableName table, List<String> columns, String statement) {
      SinkDistribution distribution = facts.distributions().get(table);
      if (distribution != null && !distribution.keepsTogether(columns)) {
        leaveOut(
            object,
            distribution.kind() == SinkDistribution.Kind.RANDOMLY
                ? "The table is distributed randomly, so that rows of one key may be on several segments."
                : "It does not contain the distribution key ("
                    + Sql.quoteAll(distribution.columns())
                    + "), so that rows of one key may be on several segments.");
        return false;
      }
      if (!isImplied(table, columns) && facts.inSeveralChunks().contains(table)) {
        leaveOut(
            object,
            "The table was read in several chunks, and while changes are applied rows may break it for a moment."
                + " Create it when the changes have ended: "
                + statement);
        return false;
      }
      return true;
    }

    /** Whether the key by which changes are applied, or the primary key, keeps it already. */
    private boolean isImplied(TableName table, List<String> columns) {
      TableSchema schema = tables.get(table);
      return schema != null
          && Stream.of(schema.primaryKey(), schema.identityKey())
              .anyMatch(key -> !key.isEmpty() && columns.containsAll(key));
    }

    private void constraint(SourceConstraint constraint) {
      String object =
          constraint.kind().words() + " " + constraint.name() + " of " + constraint.table();
      boolean atOnce = facts.partitioned().contains(constraint.table());
      String add = ObjectDdl.addConstraint(constraint, target, atOnce);
      String statement =
          switch (constraint.kind()) {
            case CHECK, EXCLUSION -> columns(constraint.table()).around(add);
            case UNIQUE, FOREIGN_KEY -> add;
          };
      boolean possible =
          switch (constraint.kind()) {
            case CHECK -> true;
            case UNIQUE -> {
              boolean unique =
                  mayBeUnique(object, constraint.table(), constraint.columns(), statement);
              if (unique) {
                reportUniqueness(object, constraint.included(), constraint.nullsNotDistinct());
              }
              yield unique;
            }
            case EXCLUSION -> mayExclude(object, constraint, statement);
            case FOREIGN_KEY -> mayRefer(object, constraint);
          };
      if (!possible) {
        return;
      }
      boolean key = constraint.kind() == SourceConstraint.Kind.FOREIGN_KEY;
      add(
          key ? Step.FOREIGN_KEY : Step.CONSTRAINT,
          object,
          constraint.table(),
          statement,
          ObjectKey.constraint(constraint.table(), constraint.name()));
      if (key && constraint.validated() && !atOnce) {
        add(
            Step.VALIDATION,
            object,
            constraint.table(),
            ObjectDdl.validate(constraint),
            ObjectKey.validConstraint(constraint.table(), constraint.name()));
      }
    }

    /** Expressions name columns as the source does. */
    private RenamedColumns columns(TableName table) {
      return new RenamedColumns(table, routed.renamedColumns(table));
    }

    private boolean mayExclude(String object, SourceConstraint constraint, String statement) {
      if (!target.exclusionConstraints()) {
        leaveOut(object, "Rows that exclude each other may be on different segments.");
        return false;
      }
      return mayBeUnique(object, constraint.table(), List.of(), statement);
    }

    private boolean mayRefer(String object, SourceConstraint constraint) {
      SourceConstraint.Reference reference = constraint.reference();
      if (!target.foreignKeys()) {
        leaveOut(object, "The destination does not enforce foreign keys.");
      } else if (reference != null && !tables.containsKey(reference.table())) {
        leaveOut(object, "It refers to table " + reference.table() + ", which is not migrated.");
      } else if (reference != null
          && !reference.onDeleteColumns().isEmpty()
          && !target.foreignKeyActionColumns()) {
        leaveOut(object, "The destination cannot limit an action to columns.");
      } else if (facts.changing() && !facts.keysCanBeTurnedOff()) {
        leaveOut(
            object,
            "The sink's role may not set session_replication_role, so that it would refuse changes that come in another order.");
      } else {
        return true;
      }
      return false;
    }

    private void view(SourceView view, RenamedRelations relations) {
      String object = view.words() + " " + view.name();
      if (!view.materialized()
          && view.options().contains("security_invoker=true")
          && !target.securityInvokerViews()) {
        adapt(object, "It runs with its owner's rights, in the source with those of who asks it.");
      }
      add(
          Step.VIEW,
          object,
          null,
          relations.around(view.name(), name -> ObjectDdl.createView(view, name, relations)),
          ObjectKey.relation(view.name()));
      if (view.materialized() && !relations.moves().isEmpty()) {
        String refresh = ObjectDdl.refresh(view);
        add(Step.VIEW, "rows of " + object, null, refresh, ObjectKey.none(refresh));
      }
      if (view.materialized() && facts.changing()) {
        adapt(
            object,
            "It shows the rows as they were when it was created, until REFRESH MATERIALIZED VIEW.");
      }
    }

    /** Its owner; and its value where nothing moves it at the source any more. */
    private void sequence(SequenceQuery.Found found) {
      SequenceSchema sequence = found.schema();
      if (sequence.owner() != null
          && !sequence.identity()
          && tables.containsKey(sequence.owner().table())) {
        add(
            Step.SEQUENCE,
            "owner of sequence " + sequence.name(),
            null,
            ObjectDdl.ownSequence(sequence, sequence.owner()),
            ObjectKey.ownedSequence(sequence.name()));
      }
      Long value = found.lastValue();
      boolean hasPlace = !sequence.identity() || target.identityColumns();
      if (value != null && !facts.changing() && hasPlace) {
        String statement = ObjectDdl.moveSequence(sequence, value, target);
        add(
            Step.SEQUENCE,
            "value of sequence " + sequence.name(),
            null,
            statement,
            ObjectKey.none(statement));
      }
    }

    private void comment(SourceComment comment) {
      add(
          Step.COMMENT,
          "comment on " + comment.type() + " " + comment.identity(),
          null,
          comment.statement(),
          comment.key());
    }
  }
}
