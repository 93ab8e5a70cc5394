package io.github.pg2adb.postgres;

import io.github.pg2adb.model.TableName;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes identifiers and literals into SQL text. */
public final class Sql {

  private Sql() {}

  /**
   * The identifier in double quotes, so that case, spaces, dots and reserved words stay as they
   * are.
   */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** The qualified name with both parts quoted. */
  public static String quote(TableName name) {
    return quote(name.schema()) + '.' + quote(name.name());
  }

  /** The quoted identifiers with commas between. */
  public static String quoteAll(Collection<String> identifiers) {
    return identifiers.stream().map(Sql::quote).collect(Collectors.joining(", "));
  }

  /**
   * The text as a string literal that means the same whatever {@code standard_conforming_strings}
   * says.
   */
  public static String literal(String text) {
    String doubled = text.replace("'", "''");
    return text.indexOf('\\') < 0
        ? "'" + doubled + "'"
        : "E'" + doubled.replace("\\", "\\\\") + "'";
  }
}
