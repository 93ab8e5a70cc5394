package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which views are migrated: those that show nothing but selected tables, and those without any
 * table whose names are selected.
 *
 * @param views the views, by name
 * @param leftOut those that show selected tables and others, and why they are not among them
 */
record MigratedViews(List<SourceRelation> views, List<Entry> leftOut) {

  MigratedViews {
    views = List.copyOf(views);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Chooses.
   *
   * @param tables the oids of the selected tables
   */
  static MigratedViews of(
      Collection<SourceRelation> relations,
      Dependencies dependencies,
      TableSelection selection,
      Set<Long> tables) {
    Map<Long, SourceRelation> byOid = new HashMap<>();
    relations.forEach(relation -> byOid.put(relation.oid(), relation));
    List<SourceRelation> views = new ArrayList<>();
    List<Entry> leftOut = new ArrayList<>();
    for (SourceRelation view : relations) {
      if (!view.isView() || view.extension() != null || selection.excludes(view.name())) {
        continue;
      }
      Set<TableName> missing = new TreeSet<>();
      boolean shows = false;
      for (CatalogRef ref : dependencies.closure(Set.of(CatalogRef.relation(view.oid())))) {
        SourceRelation shown = ref.catalog().equals("pg_class") ? byOid.get(ref.oid()) : null;
        if (shown != null && shown.extension() == null && !shown.isView()) {
          shows |= tables.contains(shown.oid());
          if (!tables.contains(shown.oid())) {
            missing.add(shown.name());
          }
        }
      }
      if (missing.isEmpty() && (shows || selection.selects(view.name()))) {
        views.add(view);
      } else if (shows) {
        leftOut.add(
            new Entry(
                Outcome.LEFT_OUT,
                (view.kind() == 'm' ? "materialized view " : "view ") + view.name(),
                "It needs tables that are not migrated: "
                    + missing.stream().map(TableName::toString).collect(Collectors.joining(", "))
                    + "."));
      }
    }
    views.sort(Comparator.comparing(SourceRelation::name));
    leftOut.sort(Comparator.comparing(Entry::object));
    return new MigratedViews(views, leftOut);
  }
}
