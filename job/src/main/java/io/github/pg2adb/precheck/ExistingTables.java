package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.ReplacedTypes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether tables that are there can hold the rows, and how fast. */
final class ExistingTables implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.SINK_TABLE_MISSING,
        PrecheckCode.SINK_TABLE_EXISTS,
        PrecheckCode.SINK_COLUMNS,
        PrecheckCode.SINK_TYPES,
        PrecheckCode.SINK_KEY,
        PrecheckCode.SINK_UNIQUE,
        PrecheckCode.SINK_DISTRIBUTION,
        PrecheckCode.SINK_STORAGE);
  }

  /** AnalyticDB's beam takes updates and upserts in its row store. */
  private static final Set<String> UPDATABLE = Set.of("heap", "beam");

  /** Since when a table says how it is stored by an access method: Greenplum 7, AnalyticDB 7. */
  private static final int ACCESS_METHODS = 12;

  /** What a table is called while another takes its place. */
  private static final String ASIDE = "pg2adb_before";

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<TableSchema> source = inspection.routed().target().tables();
    Map<TableName, SinkTable> sink = inspection.sinkTables();
    List<Finding> findings = new ArrayList<>();
    if (inspection.options().phases().contains(Phase.SCHEMA)) {
      findings.add(
          Finding.skipped(
              PrecheckCode.SINK_TABLE_MISSING,
              "the task has the phase schema, which creates them"));
      findings.addAll(existing(inspection, source, sink));
    } else {
      assessMissing(source, sink).ifPresent(findings::add);
      findings.add(Finding.skipped(PrecheckCode.SINK_TABLE_EXISTS, "the task has no phase schema"));
    }
    List<Pair> pairs =
        source.stream()
            .filter(table -> sink.containsKey(table.name()))
            .map(table -> new Pair(table, Objects.requireNonNull(sink.get(table.name()))))
            .toList();
    assessColumns(pairs).ifPresent(findings::add);
    assessColumnTypes(pairs, ReplacedTypes.of(inspection.schema().types()))
        .ifPresent(findings::add);
    List<Pair> changing =
        pairs.stream()
            .filter(pair -> inspection.options().isIncremental() && pair.sink().isTable())
            .toList();
    assessKeys(changing).ifPresent(findings::add);
    assessUnique(pairs).ifPresent(findings::add);
    if (inspection.target().distributed()) {
      assessDistribution(changing).ifPresent(findings::add);
      assessStorage(changing, inspection.target()).ifPresent(findings::add);
    } else {
      findings.add(
          Finding.skipped(PrecheckCode.SINK_DISTRIBUTION, "the destination has no segments"));
      findings.add(Finding.skipped(PrecheckCode.SINK_STORAGE, "the destination has no segments"));
    }
    return findings;
  }

  /** Relations with the same name but for upper and lower case. */
  private static final String LIKE_NAMED =
      """
      SELECT wanted.schema, wanted.name, n.nspname, c.relname
        FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
        JOIN pg_namespace n ON lower(n.nspname) = lower(wanted.schema)
        JOIN pg_class c ON c.relnamespace = n.oid AND lower(c.relname) = lower(wanted.name)
       WHERE (n.nspname, c.relname) <> (wanted.schema, wanted.name) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      """;

  private static List<Finding> existing(
      Inspection inspection, List<TableSchema> source, Map<TableName, SinkTable> sink)
      throws SQLException, SkippedException {
    if (inspection.options().keepsTables()) {
      return List.of(
          Finding.skipped(
              PrecheckCode.SINK_TABLE_EXISTS, "sink.on-existing-table is keep: they stay"));
    }
    LedgerState ledger = inspection.ledger();
    Map<String, List<String>> foreign = new TreeMap<>();
    for (TableSchema table : source) {
      if (sink.containsKey(table.name()) && !ledger.isOwn(table.name(), inspection.routed())) {
        foreign.put(table.name().toString(), List.of(rename(table.name())));
      }
    }
    List<TableName> absent =
        source.stream().map(TableSchema::name).filter(name -> !sink.containsKey(name)).toList();
    Query.all(
        inspection.sink(),
        LIKE_NAMED,
        row -> {
          TableName there = new TableName(row.getString(3), row.getString(4));
          return foreign.put(
              new TableName(row.getString(1), row.getString(2)) + " (" + there + ")",
              List.of(rename(there)));
        },
        Query.schemas(absent),
        Query.names(absent));
    return assessExisting(foreign);
  }

  private static String rename(TableName name) {
    return "ALTER TABLE "
        + Sql.quote(name)
        + " RENAME TO "
        + Sql.quote(name.name().substring(0, Math.min(name.name().length(), 50)) + "_before");
  }

  /**
   * The pure part.
   *
   * @param foreign what is there and not the task's, and how it is put aside
   */
  static List<Finding> assessExisting(Map<String, List<String>> foreign) {
    return foreign.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_TABLE_EXISTS,
                List.copyOf(foreign.keySet()),
                "These tables are there and this task did not create them; a name in brackets is there and differs in upper and lower case.",
                Mend.inTaskFile(
                    "sink.on-existing-table: keep (or put them aside: "
                        + foreign.values().stream()
                            .flatMap(List::stream)
                            .limit(1)
                            .collect(Collectors.joining("; "))
                        + (foreign.size() > 1 ? "; and so on" : "")
                        + ")")));
  }

  static Optional<Finding> assessColumnTypes(List<Pair> pairs, ReplacedTypes rules) {
    List<String> objects = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    for (Pair pair : pairs) {
      Map<String, SinkTable.Column> there = new HashMap<>();
      pair.sink().columns().forEach(column -> there.put(column.name(), column));
      for (ColumnSchema column : pair.source().columns()) {
        SinkTable.Column found = there.get(column.name());
        if (found != null
            && !found.isGenerated()
            && !found.type().equals(column.type())
            && !rules.replacement(column.type()).equals(Optional.of(found.type()))) {
          objects.add(
              pair.name()
                  + "."
                  + column.name()
                  + " ("
                  + found.type()
                  + ", source: "
                  + column.type()
                  + ")");
          String name = Sql.quote(column.name());
          statements.add(
              "ALTER TABLE "
                  + Sql.quote(pair.source().name())
                  + " ALTER COLUMN "
                  + name
                  + " TYPE "
                  + column.type()
                  + " USING "
                  + name
                  + "::text::"
                  + column.type());
        }
      }
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_TYPES,
                objects,
                "These columns have another type in the destination.",
                Mend.onSink(statements)));
  }

  /** One table at both ends. */
  record Pair(TableSchema source, SinkTable sink) {

    private String name() {
      return source.name().toString();
    }

    /** Without a key rows are found by all their columns anyway. */
    private boolean hasKey() {
      return !source.identityKey().isEmpty();
    }

    private boolean hasUnique(List<String> columns) {
      Set<String> wanted = new HashSet<>(columns);
      return sink.uniqueIndexes().stream()
          .anyMatch(index -> index.isArbiter() && wanted.equals(new HashSet<>(index.columns())));
    }
  }

  static Optional<Finding> assessMissing(List<TableSchema> source, Map<TableName, SinkTable> sink) {
    List<String> missing =
        source.stream()
            .map(TableSchema::name)
            .filter(name -> !sink.containsKey(name))
            .map(TableName::toString)
            .toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_TABLE_MISSING,
                missing,
                "The destination does not have these tables, and the task does not create any.",
                Mend.inTaskFile("pipeline.phases: add schema")));
  }

  static Optional<Finding> assessColumns(List<Pair> pairs) {
    List<String> objects = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    for (Pair pair : pairs) {
      if (pair.sink().isTable()) {
        compareColumns(pair, objects, statements);
      } else {
        objects.add(pair.name() + " (no table)");
      }
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_COLUMNS,
                objects,
                "These are in the destination and differ from the source.",
                statements.isEmpty()
                    ? Mend.byHand("Rename or drop them in the destination.")
                    : Mend.onSink(statements)));
  }

  private static void compareColumns(Pair pair, List<String> objects, List<String> statements) {
    Map<String, SinkTable.Column> there = new HashMap<>();
    pair.sink().columns().forEach(column -> there.put(column.name(), column));
    Set<String> copied = new HashSet<>(pair.source().copiedColumns());
    String alter = "ALTER TABLE " + Sql.quote(pair.source().name());
    for (ColumnSchema column : pair.source().columns()) {
      SinkTable.Column found = there.get(column.name());
      if (copied.contains(column.name()) && found == null) {
        objects.add(pair.name() + "." + column.name() + " (missing)");
        statements.add(alter + " ADD COLUMN " + Sql.quote(column.name()) + " " + column.type());
      } else if (copied.contains(column.name()) && found != null && found.isGenerated()) {
        objects.add(pair.name() + "." + column.name() + " (generated)");
        statements.add(alter + " DROP COLUMN " + Sql.quote(column.name()));
        statements.add(alter + " ADD COLUMN " + Sql.quote(column.name()) + " " + column.type());
      }
    }
    for (SinkTable.Column column : pair.sink().columns()) {
      if (column.needsValue() && !copied.contains(column.name())) {
        objects.add(pair.name() + "." + column.name() + " (NOT NULL and not in the source)");
        statements.add(alter + " ALTER COLUMN " + Sql.quote(column.name()) + " DROP NOT NULL");
      }
    }
  }

  static Optional<Finding> assessKeys(List<Pair> pairs) {
    List<Pair> without =
        pairs.stream()
            .filter(pair -> pair.hasKey() && !pair.hasUnique(pair.source().identityKey()))
            .toList();
    return without.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_KEY,
                without.stream().map(Pair::name).toList(),
                "These tables have no unique index on the source's key in the destination that is checked at once.",
                Mend.onSink(
                    without.stream()
                        .map(
                            pair ->
                                "CREATE UNIQUE INDEX ON "
                                    + Sql.quote(pair.source().name())
                                    + " ("
                                    + Sql.quoteAll(pair.source().identityKey())
                                    + ")")
                        .toList())));
  }

  static Optional<Finding> assessUnique(List<Pair> pairs) {
    List<String> objects = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    for (Pair pair : pairs) {
      Set<Set<String>> known = new HashSet<>();
      known.add(new HashSet<>(pair.source().primaryKey()));
      known.add(new HashSet<>(pair.source().identityKey()));
      pair.source().uniqueKeys().forEach(key -> known.add(new HashSet<>(key)));
      for (SinkTable.UniqueIndex index : pair.sink().uniqueIndexes()) {
        if (index.columns().isEmpty() || !known.contains(new HashSet<>(index.columns()))) {
          objects.add(pair.name() + " (" + index.name() + ")");
          statements.add(drop(pair.source().name(), index));
        }
      }
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_UNIQUE,
                objects,
                "These tables refuse rows in the destination that are alike in a way that the source allows, or that is not compared here.",
                Mend.onSink(statements)));
  }

  private static String drop(TableName table, SinkTable.UniqueIndex index) {
    return index.isConstraint()
        ? "ALTER TABLE " + Sql.quote(table) + " DROP CONSTRAINT " + Sql.quote(index.name())
        : "DROP INDEX " + Sql.quote(new TableName(table.schema(), index.name()));
  }

  static Optional<Finding> assessDistribution(List<Pair> pairs) {
    List<Pair> wrong =
        pairs.stream()
            .filter(Pair::hasKey)
            .filter(
                pair ->
                    pair.sink().distribution().isEmpty()
                        || !pair.source().identityKey().containsAll(pair.sink().distribution()))
            .toList();
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_DISTRIBUTION,
                wrong.stream().map(Pair::name).toList(),
                "These tables are distributed at random, or by columns outside the source's key.",
                Mend.onSink(
                    wrong.stream()
                        .map(
                            pair ->
                                "ALTER TABLE "
                                    + Sql.quote(pair.source().name())
                                    + " SET DISTRIBUTED BY ("
                                    + Sql.quoteAll(pair.source().identityKey())
                                    + ")")
                        .toList())));
  }

  static Optional<Finding> assessStorage(List<Pair> pairs, Target target) {
    List<Pair> wrong =
        pairs.stream()
            .filter(pair -> !pair.sink().accessMethod().isEmpty())
            .filter(pair -> !UPDATABLE.contains(pair.sink().accessMethod()))
            .toList();
    List<String> objects =
        wrong.stream().map(pair -> pair.name() + " (" + pair.sink().accessMethod() + ")").toList();
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_STORAGE,
                objects,
                "These tables are not heap tables.",
                target.postgresMajor() >= ACCESS_METHODS
                        && wrong.stream().allMatch(pair -> pair.sink().kind() == 'r')
                    ? Mend.onSink(wrong.stream().flatMap(ExistingTables::asHeap).toList())
                    : Mend.byHand(
                        "Create them anew as heap tables, or give the task the phase full alone.")));
  }

  /** Not every release can change a table's access method in place. */
  private static Stream<String> asHeap(Pair pair) {
    TableName name = pair.source().name();
    String table = Sql.quote(name);
    String before = Sql.quote(new TableName(name.schema(), ASIDE));
    List<String> distribution =
        pair.sink().distribution().isEmpty()
            ? pair.source().identityKey()
            : pair.sink().distribution();
    String columns =
        Sql.quoteAll(
            pair.sink().columns().stream()
                .filter(column -> !column.isGenerated())
                .map(SinkTable.Column::name)
                .toList());
    return Stream.of(
        "ALTER TABLE " + table + " RENAME TO " + Sql.quote(ASIDE),
        "CREATE TABLE "
            + table
            + " (LIKE "
            + before
            + " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING GENERATED"
            + " INCLUDING IDENTITY INCLUDING COMMENTS) WITH (appendoptimized = false) "
            + (distribution.isEmpty()
                ? "DISTRIBUTED RANDOMLY"
                : "DISTRIBUTED BY (" + Sql.quoteAll(distribution) + ")"),
        "INSERT INTO "
            + table
            + " ("
            + columns
            + ") OVERRIDING SYSTEM VALUE SELECT "
            + columns
            + " FROM "
            + before,
        "DROP TABLE " + before);
  }
}
