package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import org.jspecify.annotations.Nullable;

/**
 * By what an object is found again in the destination.
 *
 * @param kind what it is
 * @param owner what it belongs to: a schema, a table, or empty
 * @param name its name there
 */
record ObjectKey(Kind kind, String owner, String name) {

  /** The sorts of key. */
  enum Kind {
    SCHEMA,
    EXTENSION,
    ROUTINE,
    RELATION,
    CONSTRAINT,
    /** A constraint that all rows obey. */
    VALID_CONSTRAINT,
    COMMENT,
    /** A sequence that belongs to a column. */
    OWNED_SEQUENCE,
    /** What can be done again at any time. */
    NONE
  }

  static ObjectKey schema(String name) {
    return new ObjectKey(Kind.SCHEMA, "", name);
  }

  static ObjectKey extension(String name) {
    return new ObjectKey(Kind.EXTENSION, "", name);
  }

  /**
   * @param signature as {@code regprocedure} spells it
   */
  static ObjectKey routine(String signature) {
    return new ObjectKey(Kind.ROUTINE, "", signature);
  }

  static ObjectKey relation(TableName name) {
    return new ObjectKey(Kind.RELATION, name.schema(), name.name());
  }

  static ObjectKey constraint(TableName table, String name) {
    return new ObjectKey(Kind.CONSTRAINT, table.toString(), name);
  }

  static ObjectKey validConstraint(TableName table, String name) {
    return new ObjectKey(Kind.VALID_CONSTRAINT, table.toString(), name);
  }

  /**
   * @param type what it is on, as {@code pg_identify_object} says
   * @param identity its name as SQL text
   */
  static ObjectKey comment(String type, String identity) {
    return new ObjectKey(Kind.COMMENT, type, identity);
  }

  /**
   * A comment on a relation, or on a part of it.
   *
   * @param sort tells columns and constraints of one name apart
   */
  static ObjectKey comment(String sort, TableName relation, @Nullable String part) {
    return new ObjectKey(
        Kind.COMMENT,
        sort,
        relation.schema() + '\0' + relation.name() + '\0' + (part == null ? "" : part));
  }

  static ObjectKey ownedSequence(TableName name) {
    return new ObjectKey(Kind.OWNED_SEQUENCE, name.schema(), name.name());
  }

  static ObjectKey none(String name) {
    return new ObjectKey(Kind.NONE, "", name);
  }
}
