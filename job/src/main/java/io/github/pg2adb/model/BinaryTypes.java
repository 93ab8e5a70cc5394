package io.github.pg2adb.model;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The types whose values have one binary form, the same on every release and with any settings, so
 * that COPY's binary format loses and changes nothing. It takes both servers about half the time of
 * its text format.
 *
 * <p>What is not here travels as text: money and xml mean what settings say; interval got infinity
 * in PostgreSQL 17, in a form that older releases take for a number; types that users made have
 * other oids at either end, which arrays of them carry.
 */
public final class BinaryTypes {

  private static final Set<String> SAFE =
      Set.of(
          "boolean",
          "smallint",
          "integer",
          "bigint",
          "oid",
          "real",
          "double precision",
          "numeric",
          "text",
          "character varying",
          "bpchar",
          "bytea",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "uuid",
          "json",
          "jsonb",
          "inet",
          "cidr",
          "macaddr",
          "\"bit\"",
          "bit varying",
          "point");

  private static final String ARRAY = "[]";

  private static final Pattern MODIFIER = Pattern.compile("\\([0-9,-]*\\)");

  private BinaryTypes() {}

  /**
   * Whether values of a column may travel in binary form into a column of the same type.
   *
   * @param type what {@code format_type(type, -1)} says with an empty search path, where a type
   *     that is not built in has its schema before it
   */
  public static boolean isSafe(String type) {
    return SAFE.contains(
        type.endsWith(ARRAY) ? type.substring(0, type.length() - ARRAY.length()) : type);
  }

  /**
   * The type without its modifier, as {@code format_type(type, -1)} has it.
   *
   * @param type what {@code format_type} says with the column's modifier
   */
  public static String withoutModifier(String type) {
    String base = MODIFIER.matcher(type).replaceFirst("");
    String element = base.endsWith("[]") ? base.substring(0, base.length() - 2) : base;
    String name =
        switch (element) {
          // the bare words mean a length of 1
          case "character" -> "bpchar";
          case "bit" -> "\"bit\"";
          default -> element;
        };
    return name + base.substring(element.length());
  }
}
