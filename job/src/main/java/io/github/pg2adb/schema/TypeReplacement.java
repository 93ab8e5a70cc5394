package io.github.pg2adb.schema;

import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.ReplacedTypes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts other types in the place of those that the destination has not. */
final class TypeReplacement {

  private final ReplacedTypes rules;
  private final Set<String> missing;
  private final List<Entry> entries;

  /**
   * @param rules what stands for which type
   * @param missing the types that the destination has not
   * @param entries where to say what was replaced
   */
  TypeReplacement(ReplacedTypes rules, Set<String> missing, List<Entry> entries) {
    this.rules = rules;
    this.missing = missing;
    this.entries = entries;
  }

  /** The types of a schema for which there is a replacement. */
  static Set<String> replaceable(SourceSchema schema, ReplacedTypes rules) {
    Stream<String> ofColumns =
        schema.tables().stream().flatMap(table -> table.columns().stream()).map(ColumnSchema::type);
    Stream<String> ofTypes = schema.types().stream().flatMap(TypeReplacement::parts);
    return Stream.concat(ofColumns, ofTypes)
        .filter(type -> rules.replacement(type).isPresent())
        .collect(Collectors.toSet());
  }

  private static Stream<String> parts(TypeSchema type) {
    if (type instanceof DomainType domain) {
      return Stream.of(domain.baseType());
    }
    return type instanceof CompositeType composite
        ? composite.attributes().stream().map(CompositeType.Attribute::type)
        : Stream.of();
  }

  SourceSchema apply(SourceSchema schema) {
    return new SourceSchema(
        schema.tables().stream().map(this::table).toList(),
        schema.types().stream().map(this::type).toList(),
        schema.extensions(),
        schema.needs(),
        schema.skipped(),
        schema.views());
  }

  private String replaced(String object, String type) {
    if (!missing.contains(type)) {
      return type;
    }
    String replacement = rules.replacement(type).orElseThrow();
    entries.add(
        new Entry(
            Outcome.ADAPTED,
            object,
            "The destination has no type " + type + ", so it is " + replacement + "."));
    return replacement;
  }

  private TableSchema table(TableSchema table) {
    if (table.columns().stream().noneMatch(column -> missing.contains(column.type()))) {
      return table;
    }
    Set<String> changed = new HashSet<>();
    List<ColumnSchema> columns =
        table.columns().stream()
            .map(
                column -> {
                  String type =
                      replaced(
                          "column " + new ColumnName(table.name(), column.name()), column.type());
                  if (type.equals(column.type())) {
                    return column;
                  }
                  changed.add(column.name());
                  return new ColumnSchema(
                      column.attnum(),
                      column.name(),
                      type,
                      column.notNull(),
                      column.collation(),
                      column.defaultExpression(),
                      column.generation());
                })
            .toList();
    Partitioning partitioning = table.partitioning();
    boolean cutByThem =
        partitioning != null && partitioning.columns().stream().anyMatch(changed::contains);
    return new TableSchema(
        table.oid(),
        table.name(),
        table.kind(),
        columns,
        table.primaryKey(),
        table.replicaIdentity(),
        table.identityKey(),
        table.chunkKey(),
        table.uniqueKeys(),
        table.leaves(),
        table.bytes(),
        table.estimatedRows(),
        cutByThem ? null : partitioning);
  }

  private TypeSchema type(TypeSchema type) {
    String object = "type " + type.name();
    if (type instanceof DomainType domain && missing.contains(domain.baseType())) {
      return new DomainType(
          domain.name(),
          replaced(object, domain.baseType()),
          domain.collation(),
          domain.notNull(),
          domain.defaultExpression(),
          domain.checks());
    }
    if (type instanceof CompositeType composite) {
      return new CompositeType(
          composite.name(),
          composite.attributes().stream()
              .map(
                  attribute ->
                      new CompositeType.Attribute(
                          attribute.name(),
                          replaced(object + "." + attribute.name(), attribute.type()),
                          attribute.collation()))
              .toList());
    }
    return type;
  }
}
