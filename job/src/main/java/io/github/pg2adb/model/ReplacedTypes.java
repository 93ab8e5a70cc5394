package io.github.pg2adb.model;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which type a column gets whose own the destination has not: one that takes the text of every
 * value and gives it back.
 */
public final class ReplacedTypes {

  private static final String TEXT = "text";
  private static final String ARRAY = "[]";

  private static final Map<String, String> RULES = rules();

  private final Set<TableName> multiranges;

  private ReplacedTypes(Set<TableName> multiranges) {
    this.multiranges = multiranges;
  }

  /**
   * The rules for the server's own types and for the multiranges of these.
   *
   * @param types those that users made
   */
  public static ReplacedTypes of(Collection<TypeSchema> types) {
    Set<TableName> multiranges = new HashSet<>();
    for (TypeSchema type : types) {
      if (type instanceof TypeSchema.RangeType range && range.multirange() != null) {
        multiranges.add(range.multirange());
      }
    }
    return new ReplacedTypes(multiranges);
  }

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

  /**
   * The type that stands for another.
   *
   * @param type as {@code format_type} spells it, also an array
   */
  public Optional<String> replacement(String type) {
    String array = type.endsWith(ARRAY) ? ARRAY : "";
    String element = type.substring(0, type.length() - array.length());
    return Optional.ofNullable(isMultirange(type) ? TEXT : RULES.get(element))
        .map(replacement -> replacement + array);
  }

  /** Whether the type comes with a range type that users made, or is an array of such. */
  public boolean isMultirange(String type) {
    return SequenceNames.type(type).filter(multiranges::contains).isPresent();
  }
}
