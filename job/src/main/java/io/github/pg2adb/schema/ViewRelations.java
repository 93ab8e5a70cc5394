package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.schema.RenamedRelations.Move;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What views name, and what the destination has when each of them is created, in the order of their
 * creation.
 */
final class ViewRelations {

  private final SourceObjects objects;
  private final RoutedSchema routed;
  private final Set<TableName> tables;
  private final Set<TableName> targets;
  private final Set<TableName> relations = new HashSet<>();
  private final Set<String> schemas = new HashSet<>();

  /** The view that is created at this moment, which is not there yet. */
  private @Nullable TableName current;

  /**
   * @param objects the objects under the destination's names
   * @param there what the destination has now
   */
  ViewRelations(SourceObjects objects, RoutedSchema routed, Set<ObjectKey> there) {
    this.objects = objects;
    this.routed = routed;
    this.tables =
        routed.source().tables().stream().map(TableSchema::name).collect(Collectors.toSet());
    this.targets =
        routed.target().tables().stream().map(TableSchema::name).collect(Collectors.toSet());
    relations.addAll(targets);
    relations.forEach(table -> schemas.add(table.schema()));
    routed.target().types().stream()
        .map(TypeSchema::name)
        .forEach(type -> schemas.add(type.schema()));
    routed.target().extensions().forEach(extension -> schemas.add(extension.schema()));
    routed.target().needs().routines().forEach(need -> schemas.add(need.name().schema()));
    routed.target().needs().extensions().forEach(extension -> schemas.add(extension.schema()));
    objects.extensions().forEach(extension -> schemas.add(extension.schema()));
    objects.routines().forEach(routine -> schemas.add(routine.schema().name().schema()));
    objects.views().forEach(view -> schemas.add(view.name().schema()));
    for (ObjectKey key : there) {
      if (key.kind() == ObjectKey.Kind.RELATION) {
        relations.add(new TableName(key.owner(), key.name()));
      } else if (key.kind() == ObjectKey.Kind.SCHEMA) {
        schemas.add(key.name());
      }
    }
  }

  /** What the next view names; to be used before this is asked of another. */
  RenamedRelations of(SourceView view) {
    if (current != null) {
      relations.add(current);
    }
    current = view.name();
    List<Move> moves = new ArrayList<>();
    for (TableName source :
        objects.uses().relations().getOrDefault(view.ref(), List.of()).stream().sorted().toList()) {
      TableName target = routed.route(source).target();
      boolean table = tables.contains(source);
      moves.add(new Move(source, target, table, table ? routed.renamedColumns(target) : Map.of()));
    }
    return new RenamedRelations(moves, relations, targets, schemas);
  }
}
