package io.github.pg2adb.model;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type that the source's users made and that columns use. */
public sealed interface TypeSchema extends Serializable {

  /** The type's schema and name. */
  TableName name();

  /**
   * An enum.
   *
   * @param name schema and name
   * @param labels its labels in sort order
   */
  record EnumType(TableName name, List<String> labels) implements TypeSchema {
    public EnumType {
      labels = List.copyOf(labels);
    }
  }

  /**
   * A domain.
   *
   * @param name schema and name
   * @param baseType the type below, as {@code format_type} spells it
   * @param collation the qualified, quoted collation if it is not the base type's own, else null
   * @param notNull whether NULL is refused
   * @param defaultExpression the default's SQL, null without one
   * @param checks the constraints as {@code pg_get_constraintdef} spells them, by name
   */
  record DomainType(
      TableName name,
      String baseType,
      @Nullable String collation,
      boolean notNull,
      @Nullable String defaultExpression,
      List<Check> checks)
      implements TypeSchema {
    public DomainType {
      checks = List.copyOf(checks);
    }

    /**
     * A check constraint.
     *
     * @param name its name
     * @param definition its definition, {@code CHECK (...)}
     */
    public record Check(String name, String definition) implements Serializable {}
  }

  /**
   * A composite type made by CREATE TYPE.
   *
   * @param name schema and name
   * @param attributes its attributes in order
   */
  record CompositeType(TableName name, List<Attribute> attributes) implements TypeSchema {
    public CompositeType {
      attributes = List.copyOf(attributes);
    }

    /**
     * One attribute.
     *
     * @param name its name
     * @param type its type as {@code format_type} spells it
     * @param collation the qualified, quoted collation if it is not the type's own, else null
     */
    public record Attribute(String name, String type, @Nullable String collation)
        implements Serializable {}
  }

  /**
   * A range type.
   *
   * @param name schema and name
   * @param subtype the element type as {@code format_type} spells it
   * @param collation the qualified, quoted collation if it is not the subtype's own, else null
   * @param multirange the multirange type that comes with it, null before release 14
   */
  record RangeType(
      TableName name, String subtype, @Nullable String collation, @Nullable TableName multirange)
      implements TypeSchema {}
}
