package io.github.pg2adb.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of a file's options, by option. */
final class Values {

  private final Map<Option<?>, List<?>> values = new HashMap<>();

  <T> void put(Option<T> option, List<T> texts) {
    values.put(option, texts);
  }

  /** The values of an option that is a list. */
  @SuppressWarnings("unchecked") // put() lets in nothing else
  <T> List<T> list(Option<T> option) {
    return (List<T>) values.getOrDefault(option, List.of());
  }

  /** The value of an option that may be absent. */
  <T> Optional<T> find(Option<T> option) {
    return list(option).stream().findFirst();
  }

  /** The value of an option that is required or has a default. */
  <T> T one(Option<T> option) {
    return find(option).orElseThrow();
  }
}
