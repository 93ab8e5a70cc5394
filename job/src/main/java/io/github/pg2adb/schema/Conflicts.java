package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.schema.DestinationCatalog.ExistingColumn;
import io.github.pg2adb.schema.DestinationCatalog.ExistingRelation;
import io.github.pg2adb.schema.DestinationCatalog.ExistingType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds what stands in the way in the destination before anything is created there. */
final class Conflicts {

  private static final int SHOWN = 10;

  private final List<String> problems = new ArrayList<>();

  /** What keeps rows from being written to a table that is there. */
  void checkTable(TableSchema table, ExistingRelation existing) {
    String object = "table \"" + table.name() + "\" ";
    if (existing.kind() != 'r' && existing.kind() != 'p') {
      problems.add(object + "is there, but is no table");
      return;
    }
    Map<String, ExistingColumn> there =
        existing.columns().stream()
            .collect(Collectors.toMap(ExistingColumn::name, Function.identity()));
    List<String> differences = new ArrayList<>();
    for (String column : table.copiedColumns()) {
      ExistingColumn found = there.get(column);
      if (found == null) {
        differences.add("column \"" + column + "\" is missing");
      } else if (found.generated()) {
        differences.add("column \"" + column + "\" is generated and takes no values");
      }
    }
    Set<String> copied = new HashSet<>(table.copiedColumns());
    for (ExistingColumn column : existing.columns()) {
      if (column.needsValue() && !copied.contains(column.name())) {
        differences.add(
            "column \"" + column.name() + "\" is NOT NULL without default and not in the source");
      }
    }
    if (!differences.isEmpty()) {
      problems.add(object + "is there, but differs: " + String.join(", ", differences));
    }
  }

  /** What keeps values from being written to columns of a type that is there. */
  void checkType(TypeSchema type, ExistingType existing) {
    String object = "type \"" + type.name() + "\" ";
    if (existing.kind() != kind(type)) {
      problems.add(object + "is there, but is of another kind");
    } else if (type instanceof TypeSchema.EnumType enumType) {
      List<String> missing = new ArrayList<>(enumType.labels());
      missing.removeAll(existing.parts());
      if (!missing.isEmpty()) {
        problems.add(object + "is there, but has no label " + quoted(missing));
      }
    } else if (type instanceof TypeSchema.CompositeType composite) {
      List<String> attributes =
          composite.attributes().stream().map(TypeSchema.CompositeType.Attribute::name).toList();
      if (!attributes.equals(existing.parts())) {
        problems.add(
            object
                + "is there, but has the attributes "
                + quoted(existing.parts())
                + " and not "
                + quoted(attributes));
      }
    }
  }

  private static char kind(TypeSchema type) {
    if (type instanceof TypeSchema.EnumType) {
      return 'e';
    }
    if (type instanceof TypeSchema.DomainType) {
      return 'd';
    }
    return type instanceof TypeSchema.CompositeType ? 'c' : 'r';
  }

  /** What a table that is to be created has and the destination cannot have. */
  void checkNewTable(TableSchema table, Target target) {
    for (ColumnSchema column : table.columns()) {
      boolean generated =
          column.generation() == Generation.STORED || column.generation() == Generation.VIRTUAL;
      if (generated && !target.generatedColumns()) {
        problems.add(
            "column \""
                + new ColumnName(table.name(), column.name())
                + "\" is generated, which the destination does not know, and generated values are not copied");
      }
    }
  }

  /** An extension that is neither there nor on offer. */
  void checkExtension(Extension extension, Destination destination) {
    if (!destination.availableExtensions().contains(extension.name())) {
      problems.add(
          "the destination does not offer extension \""
              + extension.name()
              + "\", which these columns need: "
              + columns(extension));
    }
  }

  /** Fails with everything that was found. */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot create the schema in the destination: " + String.join("; ", problems) + ".",
          "Nothing there is altered or dropped: change or remove it by hand, create the table yourself in a form that holds the rows, or exclude it.");
    }
  }

  /** The columns that need the extension, as many as a message can bear. */
  static String columns(Extension extension) {
    String shown =
        extension.columns().stream()
            .limit(SHOWN)
            .map(column -> "\"" + column + "\"")
            .collect(Collectors.joining(", "));
    int more = extension.columns().size() - SHOWN;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
  }
}
