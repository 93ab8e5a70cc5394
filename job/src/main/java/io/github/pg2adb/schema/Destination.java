package io.github.pg2adb.schema;

import io.github.pg2adb.model.Target;
import java.util.Map;
import java.util.Set;

/**
 * What the destination has before anything is created, as far as it is asked for everything at
 * once.
 *
 * @param target what it can do
 * @param schemas its schemas
 * @param extensions the schema of every installed extension
 * @param availableExtensions the extensions that could be installed
 * @param collations its collations, each qualified and quoted where needed
 * @param defaultStorage how tables are stored that say nothing, in the words of access methods
 */
record Destination(
    Target target,
    Set<String> schemas,
    Map<String, String> extensions,
    Set<String> availableExtensions,
    Set<String> collations,
    String defaultStorage) {}
