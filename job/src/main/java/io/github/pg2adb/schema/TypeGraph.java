package io.github.pg2adb.schema;

import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.schema.TableQuery.ColumnType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which types need which others. */
final class TypeGraph {

  private final Map<Long, Node> nodes;

  TypeGraph(Collection<Node> nodes) {
    this.nodes = nodes.stream().collect(Collectors.toMap(Node::oid, Function.identity()));
  }

  /**
   * A type.
   *
   * @param oid its oid
   * @param below the oids of the types that it is directly made of
   * @param extension the extension that owns it, null without one
   * @param extensionSchema that extension's schema
   * @param schema how to create it, null if there is no need to
   */
  record Node(
      long oid,
      List<Long> below,
      @Nullable String extension,
      @Nullable String extensionSchema,
      @Nullable TypeSchema schema) {}

  /** The types to create, each after those it needs, otherwise by name. */
  List<TypeSchema> userTypes() {
    List<Node> byName =
        nodes.values().stream()
            .filter(node -> node.schema() != null)
            .sorted(Comparator.comparing(node -> String.valueOf(name(node))))
            .toList();
    Set<Long> done = new LinkedHashSet<>();
    byName.forEach(node -> visit(node.oid(), done));
    List<TypeSchema> types = new ArrayList<>();
    for (Long oid : done) {
      Node node = nodes.get(oid);
      if (node != null && node.schema() != null) {
        types.add(node.schema());
      }
    }
    return types;
  }

  private static @Nullable String name(Node node) {
    return node.schema() == null ? null : node.schema().name().toString();
  }

  /** Adds what the type needs, then the type: a type cannot contain itself, so this ends. */
  private void visit(Long oid, Set<Long> done) {
    Node node = nodes.get(oid);
    if (node == null || done.contains(oid)) {
      return;
    }
    node.below().forEach(below -> visit(below, done));
    done.add(oid);
  }

  /** The extensions that the columns' types come from, by name. */
  List<Extension> extensions(List<ColumnType> columns) {
    Map<Long, Set<Node>> memo = new HashMap<>();
    Map<String, TreeSet<ColumnName>> users = new TreeMap<>();
    Map<String, String> schemas = new HashMap<>();
    for (ColumnType column : columns) {
      for (Node node : memo.computeIfAbsent(column.type(), this::ownedByExtensions)) {
        if (node.extension() != null && node.extensionSchema() != null) {
          schemas.put(node.extension(), node.extensionSchema());
          users
              .computeIfAbsent(node.extension(), name -> new TreeSet<>())
              .add(new ColumnName(column.table(), column.column()));
        }
      }
    }
    List<Extension> extensions = new ArrayList<>();
    users.forEach(
        (name, needing) ->
            extensions.add(
                new Extension(name, schemas.getOrDefault(name, "public"), List.copyOf(needing))));
    return extensions;
  }

  private Set<Node> ownedByExtensions(Long type) {
    Set<Long> reachable = new LinkedHashSet<>();
    visit(type, reachable);
    return reachable.stream()
        .map(nodes::get)
        .filter(node -> node != null && node.extension() != null)
        .collect(Collectors.toSet());
  }
}
