package io.github.pg2adb.config;

import io.github.pg2adb.config.Option.Presence;
import io.github.pg2adb.config.Option.Shape;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The options as the README shows them. */
public final class OptionsTable {

  private OptionsTable() {}

  /** One Markdown table per section, with a line feed at the end. */
  public static String markdown() {
    return Stream.concat(Options.SECTIONS.stream(), Stream.of(Options.ROUTE))
        .map(OptionsTable::section)
        .collect(Collectors.joining("\n"));
  }

  private static String section(String section) {
    return "| `"
        + section
        + "` | value | default | |\n|---|---|---|---|\n"
        + Options.of(section).stream().map(OptionsTable::row).collect(Collectors.joining());
  }

  private static String row(Option<?> option) {
    String description = option.type().description();
    return "| `"
        + option.key()
        + "` | "
        + (option.shape() == Shape.LIST
            ? "list of " + description.replaceFirst("^one of ", "")
            : description)
        + " | "
        + defaultOf(option)
        + " | "
        + option.sentence()
        + " |\n";
  }

  private static String defaultOf(Option<?> option) {
    if (option.presence() == Presence.REQUIRED) {
      return "required";
    }
    List<String> defaults = option.defaultValues();
    if (defaults == null) {
      return "none";
    }
    return option.shape() == Shape.LIST
        ? "`[" + String.join(", ", defaults) + "]`"
        : "`" + String.join("", defaults) + "`";
  }
}
