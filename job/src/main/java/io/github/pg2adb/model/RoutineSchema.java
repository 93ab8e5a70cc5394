package io.github.pg2adb.model;

import java.io.Serializable;

/**
 * A function, procedure or aggregate that the source's users made, in a form that can be created
 * elsewhere.
 *
 * @param oid its oid in the source
 * @param kind what it is
 * @param name schema and name
 * @param signature the qualified name with argument types, as {@code regprocedure} spells it with
 *     an empty search path
 * @param definition the statement that creates it
 */
public record RoutineSchema(
    long oid, Kind kind, TableName name, String signature, String definition)
    implements Serializable {

  /** The sorts of routine. */
  public enum Kind {
    FUNCTION,
    PROCEDURE,
    AGGREGATE;

    /** The word that SQL and reports use. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
