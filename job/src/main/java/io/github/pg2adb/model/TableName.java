package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Objects;

/**
 * A table by schema and name, exactly as the catalog spells them (never quoted, never folded).
 *
 * @param schema the schema's name
 * @param name the table's name
 */
public record TableName(String schema, String name) implements Comparable<TableName>, Serializable {

  private static final Comparator<TableName> BY_SCHEMA_AND_NAME =
      Comparator.comparing(TableName::schema).thenComparing(TableName::name);

  public TableName {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(name, "name");
  }

  @Override
  public int compareTo(TableName other) {
    return BY_SCHEMA_AND_NAME.compare(this, other);
  }

  /** For messages: {@code schema.name}. SQL text takes {@code Sql.quote}. */
  @Override
  public String toString() {
    return schema + "." + name;
  }
}
