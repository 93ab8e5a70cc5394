package io.github.pg2adb.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What has which name in the destination. Tables, views, materialized views and sequences are the
 * relations of their schema; the first three also have a row type of their name among its types.
 * Indexes are relations, too, but take another name where theirs is taken.
 *
 * @param owners what has a name, as in {@code view shop.totals} for one of the source's
 * @param collisions where several would have one
 */
record TakenNames(Map<TableName, String> owners, List<String> collisions) {

  TakenNames {
    owners = Map.copyOf(owners);
    collisions = List.copyOf(collisions);
  }

  /** The names under these routes; tables that meet in one are said to be the first of them. */
  static TakenNames of(SourceSchema schema, Routes routes) {
    Map<TableName, String> owners = new TreeMap<>();
    List<String> collisions = new ArrayList<>();
    for (TableSchema table : schema.tables()) {
      owners.putIfAbsent(routes.of(table.name()).target(), "table " + table.name());
    }
    for (TableName view : schema.views()) {
      take(routes.of(view).target(), "view " + view, owners, collisions);
    }
    Set<TableName> types = new HashSet<>();
    for (TypeSchema type : schema.types()) {
      types.add(type.name());
      take(type.name(), "type " + type.name(), owners, collisions);
    }
    RoutedSequences sequences = RoutedSequences.of(schema, routes);
    for (SequenceSchema sequence : schema.needs().sequences()) {
      TableName target = sequences.target(sequence.name());
      boolean besideType = target.equals(sequence.name()) && types.contains(target);
      if (!sequence.identity() && sequences.isMigrated(sequence) && !besideType) {
        take(target, "sequence " + sequence.name(), owners, collisions);
      }
    }
    return new TakenNames(owners, collisions);
  }

  private static void take(
      TableName name, String owner, Map<TableName, String> owners, List<String> collisions) {
    String other = owners.putIfAbsent(name, owner);
    if (other != null) {
      collisions.add(owner + " and " + other + " would both be " + name);
    }
  }
}
