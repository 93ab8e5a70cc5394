package io.github.pg2adb.schema;

import io.github.pg2adb.model.ReplicaIdentity;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a table's unique indexes are good for. */
record Keys(ReplicaIdentity identity, List<UniqueIndex> indexes) {

  private static final Comparator<UniqueIndex> FEWEST_COLUMNS =
      Comparator.comparing((UniqueIndex index) -> !index.primary())
          .thenComparing(index -> !index.replicaIdentity())
          .thenComparing(index -> index.columns().size())
          .thenComparing(UniqueIndex::name);

  List<String> primaryKey() {
    return columns(indexes.stream().filter(UniqueIndex::primary).findFirst());
  }

  /** The server puts no column of a deferrable key into the WAL: it is not a replica identity. */
  List<String> identityKey() {
    Stream<UniqueIndex> candidates = indexes.stream().filter(UniqueIndex::immediate);
    return switch (identity) {
      case DEFAULT, FULL -> columns(candidates.filter(UniqueIndex::primary).findFirst());
      case INDEX -> columns(candidates.filter(UniqueIndex::replicaIdentity).findFirst());
      case NOTHING -> List.of();
    };
  }

  /**
   * The primary key's columns if it can order the table, else those of the index with the fewest
   * columns that can.
   */
  List<String> chunkKey() {
    return columns(
        indexes.stream()
            .filter(index -> index.immediate() && index.notNull() && index.sorted())
            .min(FEWEST_COLUMNS));
  }

  List<List<String>> uniqueKeys() {
    return indexes.stream()
        .filter(index -> !index.primary())
        .map(UniqueIndex::columns)
        .distinct()
        .toList();
  }

  private static List<String> columns(Optional<UniqueIndex> index) {
    return index.map(UniqueIndex::columns).orElse(List.of());
  }
}
