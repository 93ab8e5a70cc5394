package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether updates and deletes say which row they are about. */
final class ReplicaIdentities implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.REPLICA_IDENTITY,
        PrecheckCode.PARTITION_IDENTITY,
        PrecheckCode.GENERATED_KEY,
        PrecheckCode.TOAST_IDENTITY);
  }

  private static final String LEAVES =
      """
      SELECT wanted.root, n.nspname, c.relname,
             CASE c.relreplident
               WHEN 'f' THEN true
               WHEN 'n' THEN false
               ELSE EXISTS (SELECT 1 FROM pg_index i
                             WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                               AND CASE c.relreplident WHEN 'd' THEN i.indisprimary ELSE i.indisreplident END)
             END AS identified,
             c.relreplident <> 'f' AND c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0 AS toasted
        FROM unnest(?::text[], ?::text[], ?::text[]) AS wanted(root, schema, name)
        JOIN pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
       ORDER BY 2, 3
      """;

  /**
   * A table that holds rows.
   *
   * @param root the selected table that it belongs to, or is
   * @param isIdentified whether its own replica identity names a row
   * @param isToasted whether it has large values and an identity without them
   */
  record Leaf(TableName root, TableName name, boolean isIdentified, boolean isToasted) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    List<TableSchema> tables = inspection.tables();
    List<String> roots = new ArrayList<>();
    List<TableName> names = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      for (TableName leaf : leaves(tables.get(i))) {
        roots.add(String.valueOf(i));
        names.add(leaf);
      }
    }
    List<Leaf> leaves =
        Query.all(
            inspection.source(),
            LEAVES,
            row ->
                new Leaf(
                    tables.get(row.getInt("root")).name(),
                    new TableName(row.getString("nspname"), row.getString("relname")),
                    row.getBoolean("identified"),
                    row.getBoolean("toasted")),
            roots.toArray(String[]::new),
            Query.schemas(names),
            Query.names(names));
    List<Finding> findings = new ArrayList<>();
    assessIdentities(tables).ifPresent(findings::add);
    assessPartitions(tables, leaves).ifPresent(findings::add);
    assessGenerated(tables).ifPresent(findings::add);
    assessToast(tables, leaves).ifPresent(findings::add);
    return findings;
  }

  private static List<TableName> leaves(TableSchema table) {
    return table.kind() == TableSchema.Kind.PARTITIONED ? table.leaves() : List.of(table.name());
  }

  static Optional<Finding> assessIdentities(List<TableSchema> tables) {
    List<TableSchema> lacking = tables.stream().filter(table -> !table.publishesUpdates()).toList();
    return lacking.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.REPLICA_IDENTITY,
                lacking.stream().map(table -> table.name().toString()).toList(),
                "Updates and deletes of these tables do not arrive: they have no usable key, or REPLICA IDENTITY NOTHING, or"
                    + " an identity index that is gone. A task that is content with their rows and inserts says so:"
                    + " source.tables.without-identity: inserts-only.",
                Mend.onSource(
                        lacking.stream()
                            .flatMap(
                                table ->
                                    Stream.concat(Stream.of(table.name()), table.leaves().stream())
                                        .map(name -> alter(name, identityFor(table))))
                            .toList())
                    .automatic()));
  }

  /**
   * A primary key that is checked at once is an identity by itself; one that is deferrable is none.
   */
  static String identityFor(TableSchema table) {
    boolean isKeyUsable =
        !table.primaryKey().isEmpty() && table.chunkKey().equals(table.primaryKey());
    return isKeyUsable ? "DEFAULT" : "FULL";
  }

  private static String alter(TableName table, String identity) {
    return "ALTER TABLE " + Sql.quote(table) + " REPLICA IDENTITY " + identity;
  }

  static Optional<Finding> assessPartitions(List<TableSchema> tables, List<Leaf> leaves) {
    Set<TableName> published =
        tables.stream()
            .filter(TableSchema::publishesUpdates)
            .map(TableSchema::name)
            .collect(Collectors.toSet());
    List<Leaf> lacking =
        leaves.stream()
            .filter(leaf -> !leaf.isIdentified() && !leaf.name().equals(leaf.root()))
            .filter(leaf -> published.contains(leaf.root()))
            .toList();
    return lacking.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.PARTITION_IDENTITY,
                lacking.stream().map(leaf -> leaf.name() + " of " + leaf.root()).toList(),
                "These partitions have no replica identity of their own, which their root's does not give them.",
                Mend.onSource(lacking.stream().map(leaf -> alter(leaf.name(), "FULL")).toList())
                    .automatic()));
  }

  static Optional<Finding> assessGenerated(List<TableSchema> tables) {
    List<TableSchema> wrong =
        tables.stream()
            .filter(table -> table.replicaIdentity() != ReplicaIdentity.FULL)
            .filter(table -> !table.copiedColumns().containsAll(table.identityKey()))
            .toList();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.GENERATED_KEY,
                wrong.stream().map(table -> table.name().toString()).toList(),
                "A column of these tables' replica identity is generated.",
                Mend.onSource(
                    wrong.stream()
                        .flatMap(
                            table ->
                                Stream.concat(Stream.of(table.name()), table.leaves().stream()))
                        .map(name -> alter(name, "FULL"))
                        .toList())));
  }

  static Optional<Finding> assessToast(List<TableSchema> tables, List<Leaf> leaves) {
    Set<TableName> published =
        tables.stream()
            .filter(TableSchema::publishesUpdates)
            .map(TableSchema::name)
            .collect(Collectors.toSet());
    List<Leaf> toasted =
        leaves.stream()
            .filter(leaf -> leaf.isToasted() && published.contains(leaf.root()))
            .toList();
    return toasted.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.TOAST_IDENTITY,
                toasted.stream().map(leaf -> leaf.name().toString()).toList(),
                "Updates of these tables do not carry large values that they leave as they are. FULL sends them, and costs WAL.",
                Mend.onSource(
                    Stream.concat(
                            toasted.stream().map(Leaf::root), toasted.stream().map(Leaf::name))
                        .distinct()
                        .map(name -> alter(name, "FULL"))
                        .toList())));
  }
}
