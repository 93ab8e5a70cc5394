package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
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
import java.util.stream.Stream;

/** Finds what stands in the way in the destination before anything is created there. */
final class Conflicts {

  private static final int SHOWN = 10;

  private final List<String> problems = new ArrayList<>();
  private boolean foreign;

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
      boolean needed =
          table.primaryKey().contains(column.name()) || table.identityKey().contains(column.name());
      if (needed && AdaptedTable.isGenerated(column) && !target.generatedColumns()) {
        problems.add(
            "column \""
                + new ColumnName(table.name(), column.name())
                + "\" is generated and in the key, which the destination cannot have, and generated values are not copied");
      }
    }
  }

  /** What the task file asks of a table and it cannot have. */
  void checkForm(TableSchema table, TableForms forms) {
    Stream.concat(forms.distributionProblems(table).stream(), forms.storageProblem(table).stream())
        .map(problem -> "table \"" + table.name() + "\" " + problem)
        .forEach(problems::add);
  }

  /** Rules of the task file that are about none of the selected tables. */
  void checkUnused(List<String> rules) {
    rules.stream()
        .map(rule -> rule + " matches none of the selected tables")
        .forEach(problems::add);
  }

  /** Names that partitions would have and something else, too. */
  void checkPartitionNames(List<String> collisions) {
    problems.addAll(collisions);
  }

  /** What has the name of a partition that is to be created. */
  void checkPartition(TableSchema table, TableName partition) {
    problems.add(
        "partition \""
            + partition
            + "\" of table \""
            + table.name()
            + "\" cannot be created: there is something of that name");
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
          (foreign
                  ? "With sink.on-existing-table: keep, tables that are there and their rows stay and get the source's. "
                  : "")
              + "Nothing there is altered or dropped: change or remove it by hand, create the table yourself in a form that holds the rows, or exclude it.");
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

  /** A table that another has created, where the task wants none such. */
  void checkOwner(TableSchema table, ExistingTable existing) {
    List<String> differences = existing.differencesFrom(table);
    problems.add(
        "table \""
            + table.name()
            + "\" is there and this task did not create it"
            + (differences.isEmpty()
                ? " (it has the source's columns, types and key)"
                : " (it differs: " + String.join(", ", differences) + ")"));
    foreign = true;
  }

  /** A relation whose name differs in upper and lower case alone. */
  void checkLikeNamed(TableName table, TableName there) {
    problems.add(
        "table \""
            + table
            + "\" differs only in upper and lower case from \""
            + there
            + "\" that is there");
    foreign = true;
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
  }
}
