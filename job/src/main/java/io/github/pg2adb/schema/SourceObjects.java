package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the source has besides tables and types, as far as it belongs to the selected tables.
 *
 * @param extensions those that own what the others need, by name
 * @param routines each after those it needs
 * @param indexes by table and name, also of materialized views
 * @param constraints by table and name
 * @param views each after those it needs
 * @param sequences those of the tables and where they stand, by name
 * @param comments what is said of all these, of the tables and of what is in their schemas
 * @param leftOut what is not migrated and why
 * @param uses what these objects use
 */
record SourceObjects(
    List<Extension> extensions,
    List<RoutineQuery.Found> routines,
    List<SourceIndex> indexes,
    List<SourceConstraint> constraints,
    List<SourceView> views,
    List<SequenceQuery.Found> sequences,
    List<SourceComment> comments,
    List<Entry> leftOut,
    ObjectUses uses) {

  /** Reads all of it with a fixed number of questions. */
  static SourceObjects read(CatalogSession session, TableSelection selection, RoutedSchema routed)
      throws SQLException {
    return new Reader(session, selection, routed).read();
  }

  private static final class Reader {

    private final CatalogSession session;
    private final TableSelection selection;
    private final List<TableSchema> tables;
    private final RoutedSchema routed;
    private final Set<Long> tableOids;
    private final Map<Long, TableName> relationNames = new HashMap<>();
    private final List<Entry> leftOut = new ArrayList<>();

    Reader(CatalogSession session, TableSelection selection, RoutedSchema routed) {
      this.session = session;
      this.selection = selection;
      this.routed = routed;
      this.tables = routed.source().tables();
      this.tableOids = tables.stream().map(TableSchema::oid).collect(Collectors.toSet());
    }

    SourceObjects read() throws SQLException {
      List<Long> oids = tables.stream().map(TableSchema::oid).toList();
      Dependencies dependencies = Dependencies.read(session);
      List<SourceView> views =
          dependencies.sort(SourceView.read(session, viewOids(dependencies)), SourceView::ref);
      List<Long> relations = new ArrayList<>(oids);
      views.stream().filter(SourceView::materialized).map(SourceView::oid).forEach(relations::add);
      List<SourceIndex> indexes = SourceIndex.read(session, relations);
      List<SourceConstraint> constraints = SourceConstraint.read(session, oids);
      for (NotMigrated object : NotMigrated.read(session, oids)) {
        leftOut.add(new Entry(Outcome.LEFT_OUT, object.object(), object.reason()));
      }
      Set<CatalogRef> roots = roots(views, indexes, constraints);
      Set<CatalogRef> needed = dependencies.closure(roots);
      List<RoutineQuery.Found> routines = routines(dependencies, needed);
      List<CatalogRef> users = new ArrayList<>(needed);
      routines.forEach(routine -> users.addAll(dependencies.closure(Set.of(routine.ref()))));
      return new SourceObjects(
          dependencies.extensions(users),
          routines,
          indexes,
          constraints,
          views,
          SequenceQuery.readValues(session, tables),
          comments(views, indexes, constraints, routines),
          leftOut,
          uses(dependencies, views, roots));
    }

    private ObjectUses uses(
        Dependencies dependencies, List<SourceView> views, Set<CatalogRef> objects)
        throws SQLException {
      return routed.changesNothing()
          ? ObjectUses.NOTHING
          : new ObjectUses(
              ObjectUses.relations(dependencies, views, relationNames),
              ObjectUses.routines(dependencies, objects),
              routed.leavesOutColumns()
                  ? ObjectUses.columns(session, List.copyOf(tableOids))
                  : Map.of());
    }

    private Set<CatalogRef> roots(
        List<SourceView> views, List<SourceIndex> indexes, List<SourceConstraint> constraints) {
      Set<CatalogRef> roots = new HashSet<>();
      tables.forEach(table -> roots.add(CatalogRef.defaultsOf(table.oid())));
      views.forEach(view -> roots.add(view.ref()));
      indexes.forEach(index -> roots.add(CatalogRef.relation(index.oid())));
      constraints.forEach(constraint -> roots.add(CatalogRef.constraint(constraint.oid())));
      return roots;
    }

    private List<Long> viewOids(Dependencies dependencies) throws SQLException {
      List<SourceRelation> relations = RelationQuery.read(session).relations();
      relations.forEach(relation -> relationNames.put(relation.oid(), relation.name()));
      MigratedViews views = MigratedViews.of(relations, dependencies, selection, tableOids);
      leftOut.addAll(views.leftOut());
      return views.views().stream().map(SourceRelation::oid).toList();
    }

    /** What is needed, and all others in the schemas of the tables: bodies may call any of them. */
    private List<RoutineQuery.Found> routines(Dependencies dependencies, Set<CatalogRef> needed)
        throws SQLException {
      Set<String> schemas =
          tables.stream().map(table -> table.name().schema()).collect(Collectors.toSet());
      List<RoutineQuery.Found> wanted = new ArrayList<>();
      for (RoutineQuery.Found routine : RoutineQuery.read(session)) {
        boolean isNeeded = needed.contains(routine.ref());
        if (isNeeded || schemas.contains(routine.schema().name().schema())) {
          String reason =
              routine.trigger()
                  ? "Only a trigger can call it, and triggers are not migrated."
                  : routine.reason();
          if (reason == null) {
            wanted.add(routine);
          } else {
            leftOut.add(
                new Entry(
                    Outcome.LEFT_OUT,
                    routine.schema().kind().word() + " " + routine.schema().signature(),
                    reason));
          }
        }
      }
      return dependencies.sort(wanted, RoutineQuery.Found::ref);
    }

    private List<SourceComment> comments(
        List<SourceView> views,
        List<SourceIndex> indexes,
        List<SourceConstraint> constraints,
        List<RoutineQuery.Found> routines)
        throws SQLException {
      Set<CatalogRef> objects = new HashSet<>();
      tables.forEach(table -> objects.add(CatalogRef.relation(table.oid())));
      views.forEach(view -> objects.add(view.ref()));
      indexes.forEach(index -> objects.add(CatalogRef.relation(index.oid())));
      constraints.forEach(constraint -> objects.add(CatalogRef.constraint(constraint.oid())));
      routines.forEach(routine -> objects.add(routine.ref()));
      Set<String> schemas =
          tables.stream().map(table -> table.name().schema()).collect(Collectors.toSet());
      return SourceComment.read(session).stream()
          .filter(comment -> objects.contains(comment.object()) || comment.isAround(schemas))
          .toList();
    }
  }
}
