package io.github.pg2adb.schema;

import java.util.List;

/**
 * How to create an object, also where not all of its parts work in the destination.
 *
 * @param object what it is, as in {@code table "public.orders"}
 * @param statement creates it as a whole
 * @param bareStatement creates it without the parts
 * @param parts what it can do without
 */
record Creation(String object, String statement, String bareStatement, List<Part> parts) {

  Creation {
    parts = List.copyOf(parts);
  }

  /** An object without such parts. */
  static Creation of(String object, String statement) {
    return new Creation(object, statement, statement, List.of());
  }

  /**
   * A part that can be added afterwards.
   *
   * @param object what it belongs to, for the report
   * @param name what it is, for the report
   * @param statement adds it
   */
  record Part(String object, String name, String statement) {}
}
