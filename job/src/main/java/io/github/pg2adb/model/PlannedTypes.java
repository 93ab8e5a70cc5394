package io.github.pg2adb.model;

import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.model.TypeSchema.RangeType;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The types that the destination will have once the plan is executed: those of the source's users,
 * the row types of tables, and whatever is in the schema of an extension that types come from.
 */
public final class PlannedTypes {

  private final Map<TableName, TypeSchema> types = new HashMap<>();
  private final ReplacedTypes multiranges;
  private final Set<TableName> tables;
  private final Set<String> extensionSchemas;

  /**
   * @param schema what is created
   */
  public PlannedTypes(SourceSchema schema) {
    schema.types().forEach(type -> types.put(type.name(), type));
    multiranges = ReplacedTypes.of(schema.types());
    tables = schema.tables().stream().map(table -> table.name()).collect(Collectors.toSet());
    extensionSchemas =
        schema.extensions().stream()
            .map(SourceSchema.Extension::schema)
            .collect(Collectors.toSet());
  }

  /** Those of the types that there will be. */
  public Set<String> known(Collection<String> wanted) {
    return wanted.stream().filter(this::isKnown).collect(Collectors.toSet());
  }

  private boolean isKnown(String type) {
    return SequenceNames.type(type)
        .map(
            name ->
                types.containsKey(name)
                    || multiranges.isMultirange(type)
                    || tables.contains(name)
                    || extensionSchemas.contains(name.schema()))
        .orElse(false);
  }

  /** Those of them by which rows can be distributed: all but composite types and what has one. */
  public Set<String> hashable(Collection<String> wanted) {
    return wanted.stream()
        .filter(this::isKnown)
        .filter(type -> !hasComposite(type))
        .collect(Collectors.toSet());
  }

  private boolean hasComposite(String type) {
    TableName name = SequenceNames.type(type).orElse(null);
    if (name == null) {
      return false;
    }
    TypeSchema schema = types.get(name);
    if (schema instanceof DomainType domain) {
      return hasComposite(domain.baseType());
    }
    if (schema instanceof RangeType range) {
      return hasComposite(range.subtype());
    }
    return schema instanceof CompositeType || (schema == null && tables.contains(name));
  }
}
