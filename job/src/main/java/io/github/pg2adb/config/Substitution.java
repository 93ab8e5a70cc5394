package io.github.pg2adb.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces references to the environment in a value: a dollar sign with a name in braces. A second
 * dollar sign before it makes it plain text.
 */
final class Substitution {

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}|\\$\\{");

  private final Map<String, String> environment;

  Substitution(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Whether the value names the environment, so that what it stands for may be secret. */
  static boolean isNeeded(String text) {
    return REFERENCE.matcher(text).find();
  }

  /**
   * The value with all references replaced. What is put in is not searched again.
   *
   * @throws IllegalArgumentException if a reference is malformed or the environment lacks it; the
   *     message says which and holds no value
   */
  String apply(String text) {
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(result, Matcher.quoteReplacement(replacement(matcher)));
    }
    return matcher.appendTail(result).toString();
  }

  private String replacement(Matcher matcher) {
    String name = matcher.group(1);
    if (name != null) {
      String value = environment.get(name);
      if (value == null) {
        throw new IllegalArgumentException("environment variable \"" + name + "\" is not set");
      }
      return value;
    }
    if (matcher.group().equals("${")) {
      throw new IllegalArgumentException(
          "\"${\" begins no variable like ${NAME}; write \"$${\" for the characters themselves");
    }
    return "${";
  }
}
