package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.BinaryTypes;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.sink.ColumnTypes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which tables' rows are copied in COPY's binary format. */
final class BinaryTables {

  private BinaryTables() {}

  /** The tables whose columns are at both ends of the same types, all of them safe for it. */
  static Set<TableName> of(TaskConfig config, SourceSchema schema) {
    if (!config.pipeline().phases().contains(Phase.FULL)) {
      return Set.of();
    }
    Map<TableRoute, Map<String, String>> candidates = new LinkedHashMap<>();
    for (TableSchema table : schema.tables()) {
      TableRoute route = config.routes().of(table.name());
      Map<String, String> types = typesByTarget(table, route);
      if (route.constant().isEmpty() && types.values().stream().allMatch(BinaryTypes::isSafe)) {
        candidates.put(route, types);
      }
    }
    Map<TableName, Map<String, String>> targets =
        ColumnTypes.read(
            config.sink().endpoint(),
            candidates.keySet().stream().map(TableRoute::target).collect(Collectors.toSet()));
    return candidates.entrySet().stream()
        .filter(
            candidate ->
                targets
                    .getOrDefault(candidate.getKey().target(), Map.of())
                    .entrySet()
                    .containsAll(candidate.getValue().entrySet()))
        .map(candidate -> candidate.getKey().source())
        .collect(Collectors.toSet());
  }

  /** The source's types of the migrated columns, under the names that the destination has. */
  private static Map<String, String> typesByTarget(TableSchema table, TableRoute route) {
    Set<String> copied = Set.copyOf(table.copiedColumns());
    Map<String, String> types = new HashMap<>();
    for (TableSchema.ColumnSchema column : table.columns()) {
      if (copied.contains(column.name())) {
        route
            .column(column.name())
            .ifPresent(name -> types.put(name, BinaryTypes.withoutModifier(column.type())));
      }
    }
    return types;
  }
}
