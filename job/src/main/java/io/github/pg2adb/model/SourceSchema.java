package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * The selected part of the source's catalog at one moment.
 *
 * @param tables the selected tables, by name
 * @param types the types that their columns use and that the source's users made, each after those
 *     it needs
 * @param extensions the extensions that types of their columns come from, by name
 * @param needs what defaults of their columns and their types need, besides extensions of types
 * @param skipped what a pattern with a star matches and what cannot be migrated, by name
 * @param views the views and materialized views that are migrated, by name
 */
public record SourceSchema(
    List<TableSchema> tables,
    List<TypeSchema> types,
    List<Extension> extensions,
    Needs needs,
    List<Skipped> skipped,
    List<TableName> views)
    implements Serializable {

  public SourceSchema {
    tables = List.copyOf(tables);
    types = List.copyOf(types);
    extensions = List.copyOf(extensions);
    skipped = List.copyOf(skipped);
    views = List.copyOf(views);
  }

  /**
   * What is needed to create tables and types in full, though they can do without.
   *
   * @param extensions the extensions that own functions, by name
   * @param routines the functions, each after those it needs
   * @param sequences the sequences that defaults take values from and that columns own, by name
   */
  public record Needs(
      List<Extension> extensions, List<RoutineSchema> routines, List<SequenceSchema> sequences)
      implements Serializable {
    public Needs {
      extensions = List.copyOf(extensions);
      routines = List.copyOf(routines);
      sequences = List.copyOf(sequences);
    }
  }

  /**
   * An extension that owns types of selected columns.
   *
   * @param name its name
   * @param schema the schema that its objects are in
   * @param columns the columns that need it, by table and name
   */
  public record Extension(String name, String schema, List<ColumnName> columns)
      implements Serializable {
    public Extension {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column by name.
   *
   * @param table its table
   * @param column its name
   */
  public record ColumnName(TableName table, String column)
      implements Comparable<ColumnName>, Serializable {

    private static final Comparator<ColumnName> BY_TABLE_AND_NAME =
        Comparator.comparing(ColumnName::table).thenComparing(ColumnName::column);

    @Override
    public int compareTo(ColumnName other) {
      return BY_TABLE_AND_NAME.compare(this, other);
    }

    /** For messages: {@code schema.table.column}. */
    @Override
    public String toString() {
      return table + "." + column;
    }
  }

  /**
   * A table that is left out.
   *
   * @param table its name
   * @param reason what it is, such as {@code an unlogged table}
   */
  public record Skipped(TableName table, String reason) implements Serializable {}
}
