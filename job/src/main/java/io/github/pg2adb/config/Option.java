package io.github.pg2adb.config;

import io.github.pg2adb.model.ByTable;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An option of the task file.
 *
 * @param section the section that it is in
 * @param key its name there
 * @param shape whether it has one value or a list of them
 * @param type what a value is
 * @param presence whether it must be there
 * @param defaultValues what stands for it if it is absent, as the task file would have it; null for
 *     nothing
 * @param sentence what it is for, one sentence
 */
record Option<T>(
    String section,
    String key,
    Shape shape,
    ValueType<T> type,
    Presence presence,
    @Nullable List<String> defaultValues,
    String sentence) {

  /** How many values an option has. */
  enum Shape {
    ONE,
    LIST,
    /** One value for all tables, or a mapping of patterns to values; each element is a rule. */
    BY_TABLE
  }

  /** Whether an option must be there. */
  enum Presence {
    REQUIRED,
    OPTIONAL
  }

  static <T> Option<T> required(String section, String key, ValueType<T> type, String sentence) {
    return new Option<>(section, key, Shape.ONE, type, Presence.REQUIRED, null, sentence);
  }

  static <T> Option<T> optional(String section, String key, ValueType<T> type, String sentence) {
    return new Option<>(section, key, Shape.ONE, type, Presence.OPTIONAL, null, sentence);
  }

  static <T> Option<T> of(
      String section, String key, ValueType<T> type, String defaultValue, String sentence) {
    return new Option<>(
        section, key, Shape.ONE, type, Presence.OPTIONAL, List.of(defaultValue), sentence);
  }

  static <T extends Serializable> Option<ByTable.Rule<T>> byTable(
      String section, String key, ValueType<T> type, String sentence) {
    return new Option<>(
        section, key, Shape.BY_TABLE, ValueType.rule(type), Presence.OPTIONAL, null, sentence);
  }

  /** Whether its value must never be shown. */
  boolean isSecret() {
    return type.isSecret();
  }

  /** Whether its list may have no element. */
  boolean mayBeEmpty() {
    return List.of().equals(defaultValues);
  }

  /** The option's full name, for messages. */
  String name() {
    return section + "." + key;
  }
}
