package io.github.pg2adb.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which type a column gets whose own the destination has not: one that takes the text of every
 * value and gives it back.
 */
public final class ReplacedTypes {

  private static final String TEXT = "text";
  private static final String ARRAY = "[]";

  private static final Map<String, String> RULES = rules();

  private ReplacedTypes() {}

  private static Map<String, String> rules() {
    Map<String, String> rules = new TreeMap<>();
    for (String text :
        List.of(
            "int4multirange",
            "int8multirange",
            "nummultirange",
            "datemultirange",
            "tsmultirange",
            "tstzmultirange",
            "jsonpath",
            "macaddr8",
            "regcollation",
            "regnamespace",
            "regrole")) {
      rules.put(text, TEXT);
    }
    // unsigned, of 64 bits
    rules.put("xid8", "numeric(20,0)");
    // the same under its name before 13
    rules.put("pg_snapshot", "txid_snapshot");
    return rules;
  }

  /** The replacement by type. */
  public static Map<String, String> all() {
    return Map.copyOf(RULES);
  }

  /**
   * The type that stands for another.
   *
   * @param type as {@code format_type} spells it, also an array
   */
  public static Optional<String> replacement(String type) {
    if (type.endsWith(ARRAY)) {
      return Optional.ofNullable(RULES.get(type.substring(0, type.length() - ARRAY.length())))
          .map(element -> element + ARRAY);
    }
    return Optional.ofNullable(RULES.get(type));
  }
}
