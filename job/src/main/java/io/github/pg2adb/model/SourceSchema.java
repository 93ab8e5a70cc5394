package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;

/**
 * The selected part of the source's catalog at one moment.
 *
 * @param tables the selected tables, by name
 * @param types the types that their columns use and that the source's users made, each after those
 *     it needs
 * @param extensions the extensions that types of their columns come from, by name
 */
public record SourceSchema(
    List<TableSchema> tables, List<TypeSchema> types, List<String> extensions)
    implements Serializable {

  public SourceSchema {
    tables = List.copyOf(tables);
    types = List.copyOf(types);
    extensions = List.copyOf(extensions);
  }
}
