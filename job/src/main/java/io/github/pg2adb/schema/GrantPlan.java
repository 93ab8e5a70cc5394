package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.PlannedObject.Step;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which privileges of the source the destination's roles get on what was migrated. Owners stay as
 * they are: whoever created the objects.
 */
final class GrantPlan {

  private final Map<Long, TableSchema> tables = new HashMap<>();
  private final Map<TableName, TableName> relations = new HashMap<>();
  private final Set<TableName> types = new HashSet<>();
  private final Set<String> routines = new HashSet<>();
  private final Map<String, String> schemas = new HashMap<>();
  private final RoutedSchema routed;
  private final Set<String> roles;

  /**
   * @param roles the destination's
   */
  GrantPlan(SourceObjects objects, RoutedSchema routed, Set<String> roles) {
    this.roles = roles;
    this.routed = routed;
    for (TableSchema table : routed.source().tables()) {
      tables.put(table.oid(), table);
      schemas.put(table.name().schema(), routed.route(table.name()).target().schema());
    }
    objects.views().forEach(view -> relations.put(view.name(), routed.route(view.name()).target()));
    objects.sequences().stream()
        .filter(sequence -> !sequence.schema().identity())
        .map(sequence -> sequence.schema().name())
        .forEach(name -> relations.put(name, routed.sequences().apply(name)));
    objects.routines().forEach(routine -> routines.add(routine.schema().signature()));
    routed.target().types().stream().map(TypeSchema::name).forEach(types::add);
    relations.forEach((name, target) -> schemas.putIfAbsent(name.schema(), target.schema()));
  }

  /** What is granted at once: privileges of one role on one object. */
  private record Group(String object, String on, @Nullable String role, boolean grantable) {}

  ObjectPlan plan(List<SourceGrant> grants) {
    Map<Group, List<String>> groups = new LinkedHashMap<>();
    Map<String, Integer> absent = new TreeMap<>();
    List<PlannedObject> objects = new ArrayList<>();
    for (SourceGrant grant : grants) {
      String on = on(grant);
      if (on == null) {
        continue;
      }
      String object = grant.kind().toLowerCase(java.util.Locale.ROOT) + " " + name(grant);
      String role = grant.role();
      if (grant.privilege().isEmpty()) {
        objects.add(
            object(
                "privileges of everybody on " + object,
                "REVOKE ALL ON " + grant.kind() + " " + on + " FROM PUBLIC"));
      } else if (role != null && !roles.contains(role)) {
        absent.merge(role, 1, Integer::sum);
      } else {
        groups
            .computeIfAbsent(
                new Group(object, grant.kind() + " " + on, role, grant.grantable()),
                group -> new ArrayList<>())
            .add(grant.privilege() + column(grant));
      }
    }
    groups.forEach(
        (group, privileges) ->
            objects.add(
                object(
                    "privileges of "
                        + (group.role() == null ? "everybody" : group.role())
                        + " on "
                        + group.object(),
                    "GRANT "
                        + String.join(", ", privileges)
                        + " ON "
                        + group.on()
                        + " TO "
                        + (group.role() == null ? "PUBLIC" : Sql.quote(group.role()))
                        + (group.grantable() ? " WITH GRANT OPTION" : ""))));
    List<Entry> entries = new ArrayList<>();
    absent.forEach(
        (role, count) ->
            entries.add(
                new Entry(
                    Outcome.LEFT_OUT,
                    "privileges of " + role,
                    "The destination has no such role, which has "
                        + count
                        + (count == 1 ? " privilege" : " privileges")
                        + " at the source.")));
    return new ObjectPlan(objects, entries);
  }

  private static PlannedObject object(String object, String statement) {
    return new PlannedObject(Step.GRANT, object, null, statement, ObjectKey.none(statement));
  }

  /** What the destination calls the object, null if it was not migrated. */
  private @Nullable String on(SourceGrant grant) {
    return switch (grant.kind()) {
      case "TABLE", "SEQUENCE" -> {
        TableSchema table = tables.get(grant.oid());
        if (table == null) {
          TableName relation = relations.get(grant.name());
          yield relation != null && grant.attnum() == 0 ? Sql.quote(relation) : null;
        }
        yield grant.attnum() == 0 || !column(grant).isEmpty()
            ? Sql.quote(routed.route(table.name()).target())
            : null;
      }
      case "FUNCTION", "PROCEDURE" ->
          routines.contains(grant.signature()) ? grant.signature() : null;
      case "TYPE" -> types.contains(grant.name()) ? Sql.quote(grant.name()) : null;
      default -> {
        String schema = schemas.get(grant.name().name());
        yield schema == null ? null : Sql.quote(schema);
      }
    };
  }

  private String name(SourceGrant grant) {
    TableSchema table = tables.get(grant.oid());
    return switch (grant.kind()) {
      case "SCHEMA" -> grant.name().name();
      case "FUNCTION", "PROCEDURE" -> grant.signature();
      default -> (table == null ? grant.name() : table.name()).toString();
    };
  }

  /** The column in brackets, empty for the whole object. */
  private String column(SourceGrant grant) {
    TableSchema table = tables.get(grant.oid());
    return table == null || grant.attnum() == 0
        ? ""
        : table.columns().stream()
            .filter(column -> column.attnum() == grant.attnum())
            .map(ColumnSchema::name)
            .flatMap(name -> routed.route(table.name()).column(name).stream())
            .findFirst()
            .map(name -> " (" + Sql.quote(name) + ")")
            .orElse("");
  }
}
