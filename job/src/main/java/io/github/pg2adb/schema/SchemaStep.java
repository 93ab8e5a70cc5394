package io.github.pg2adb.schema;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.PlannedTypes;
import io.github.pg2adb.model.ReplacedTypes;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SequenceNames;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TablePartitions;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.schema.Creation.Part;
import io.github.pg2adb.schema.DestinationCatalog.ExistingRelation;
import io.github.pg2adb.schema.DestinationCatalog.ExistingType;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Creates in the destination what it needs to hold the selected tables and has not yet. Nothing
 * there is ever altered or dropped.
 */
public final class SchemaStep {

  private static final String APPLICATION = "pg2adb schema";
  private static final int SHOWN = 10;

  private final DestinationCatalog catalog;
  private final Creator creator;
  private final RoutedSchema routed;
  private SourceSchema schema;
  private final Target target;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<TableName, SinkDistribution> distributions = new HashMap<>();
  private final Set<TableName> partitioned = new HashSet<>();
  private final Connection connection;
  private final SchemaRules rules;
  private final OwnTables own;

  private SchemaStep(
      Connection connection,
      Creator creator,
      RoutedSchema routed,
      Target target,
      SchemaRules rules) {
    this.connection = connection;
    this.catalog = new DestinationCatalog(connection, target);
    this.creator = creator;
    this.routed = routed;
    this.schema = routed.target();
    this.target = target;
    this.rules = rules;
    this.own = new OwnTables(rules, table -> routed.route(table).target());
  }

  /**
   * As {@link #apply(Connection, RoutedSchema, Target, SchemaRules)}, with a session of its own.
   *
   * @param target the destination database
   */
  public static SchemaReport apply(
      Endpoint target, RoutedSchema schema, Target targetKind, SchemaRules rules) {
    try (Connection connection = Sessions.open(target, APPLICATION)) {
      return apply(connection, schema, targetKind, rules);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close the session with " + target, "", e);
    }
  }

  /**
   * Creates extensions, schemas, types, sequences that defaults need, and tables with their primary
   * keys. Every object has its own transaction and one that is there is kept, so this can be run
   * again after a crash and by two at once.
   *
   * @param target a session with the destination from {@code Sessions.open}, not in a transaction;
   *     its autocommit mode is restored
   * @param schema what the source has and what it is called in the destination
   * @param targetKind what the destination can do
   * @param rules what the task asks of its tables; the ledger that they name must be there
   * @return what was created, kept, changed and left out
   * @throws MigrationException if something that is there cannot hold the rows or is not the task's
   *     (all such at once, before anything is created), or the server refuses
   */
  public static SchemaReport apply(
      Connection target, RoutedSchema schema, Target targetKind, SchemaRules rules) {
    try {
      boolean autoCommit = target.getAutoCommit();
      target.setAutoCommit(false);
      try {
        return new SchemaStep(target, new Creator(target), schema, targetKind, rules).run();
      } finally {
        // a session that is cut off says so itself
        if (!target.isClosed()) {
          target.rollback();
          target.setAutoCommit(autoCommit);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot create the schema in the destination", "", e);
    }
  }

  /**
   * What {@link #apply(Connection, RoutedSchema, Target, SchemaRules)} would do.
   *
   * @param statements where to add what would be executed, in order
   * @param distributions where to put how the tables' rows would be spread
   * @param partitioned where to put which tables would have partitions
   */
  static SchemaReport plan(
      Connection target,
      RoutedSchema schema,
      Target targetKind,
      SchemaRules rules,
      List<Creation> statements,
      Map<TableName, SinkDistribution> distributions,
      Set<TableName> partitioned)
      throws SQLException {
    SchemaStep step =
        new SchemaStep(
            target, Creator.recording(target, statements::add), schema, targetKind, rules);
    SchemaReport report = step.run();
    distributions.putAll(step.distributions);
    partitioned.addAll(step.partitioned);
    return report;
  }

  private SchemaReport run() throws SQLException {
    schema
        .skipped()
        .forEach(
            skipped ->
                entries.add(
                    new Entry(
                        Outcome.LEFT_OUT,
                        "table " + skipped.table(),
                        "It is " + skipped.reason() + ".")));
    routed.notes().stream().map(SchemaStep::entry).forEach(entries::add);
    replaceTypes();
    Destination destination = catalog.describe();
    Map<TableName, ExistingRelation> relations =
        catalog.relations(schema.tables().stream().map(TableSchema::name).toList());
    Map<TableName, ExistingType> types =
        catalog.types(schema.types().stream().map(TypeSchema::name).toList());
    List<TableSchema> absent =
        schema.tables().stream().filter(table -> !relations.containsKey(table.name())).toList();
    List<Extension> extensions = extensionsOf(absent, destination);
    Map<TableName, ExistingTable> existing = existing(destination, relations);
    Set<String> ofTask = own.read(connection);
    requireNoConflicts(destination, existing, ofTask, types, extensions);
    if (!absent.isEmpty()) {
      createSchemas(destination, absent, extensions);
      extensions.forEach(this::createExtension);
      NeedsStep needs = new NeedsStep(catalog, creator, schema.needs());
      entries.addAll(needs.create(destination));
      createTypes(types);
      entries.addAll(needs.create(destination));
      entries.addAll(needs.failures());
      createTables(destination, absent);
    }
    schema.tables().stream()
        .filter(table -> existing.containsKey(table.name()))
        .sorted(Comparator.comparing(TableSchema::name))
        .forEach(
            table ->
                keepTable(
                    table,
                    Objects.requireNonNull(existing.get(table.name())),
                    ofTask.contains(table.name().toString())));
    return new SchemaReport(entries);
  }

  /** From here on the tables have types that the destination has. */
  private void replaceTypes() throws SQLException {
    ReplacedTypes replaced = ReplacedTypes.of(schema.types());
    Set<String> missing = TypeReplacement.replaceable(schema, replaced);
    if (target.multiranges()) {
      // they come with their range types
      missing.removeIf(replaced::isMultirange);
    }
    if (!missing.isEmpty()) {
      missing.removeAll(catalog.knownTypes(missing));
      schema = new TypeReplacement(replaced, missing, entries).apply(schema);
    }
  }

  /** What is there under the tables' names, and how their rows are spread. */
  private Map<TableName, ExistingTable> existing(
      Destination destination, Map<TableName, ExistingRelation> relations) throws SQLException {
    List<TableSchema> tables =
        schema.tables().stream().filter(table -> relations.containsKey(table.name())).toList();
    Map<TableName, SinkDistribution> spread =
        tables.isEmpty() ? Map.of() : new DestinationObjects(connection, target).distributions();
    Set<String> hashable = tables.isEmpty() ? Set.of() : hashable(tables);
    Map<TableName, ExistingTable> existing = new HashMap<>();
    for (TableSchema table : tables) {
      existing.put(
          table.name(),
          new ExistingTable(
              Objects.requireNonNull(relations.get(table.name())),
              spread.get(table.name()),
              AdaptedTable.of(table, destination, hashable, rules).distribution()));
    }
    return existing;
  }

  /** The types of the tables' keys by which rows can be distributed. */
  private Set<String> hashable(List<TableSchema> tables) throws SQLException {
    Set<String> types = TableForms.typesThatMatter(tables, rules.tables());
    Set<String> hashable = target.distributed() ? catalog.hashableTypes(types) : new HashSet<>();
    if (creator.isRecording()) {
      hashable.addAll(plannedTypes().hashable(types));
    }
    return hashable;
  }

  /** The same before types are created. */
  private Set<String> hashableLater(List<TableSchema> tables) throws SQLException {
    Set<String> hashable = hashable(tables);
    hashable.addAll(plannedTypes().hashable(TableForms.typesThatMatter(tables, rules.tables())));
    return hashable;
  }

  static Entry entry(RoutedSchema.Note note) {
    return new Entry(
        note.leftOut() ? Outcome.LEFT_OUT : Outcome.ADAPTED, note.object(), note.detail());
  }

  /** The extensions that columns of these tables need and that are not installed. */
  private List<Extension> extensionsOf(List<TableSchema> absent, Destination destination) {
    Set<TableName> names = absent.stream().map(TableSchema::name).collect(Collectors.toSet());
    return schema.extensions().stream()
        .filter(extension -> !destination.extensions().containsKey(extension.name()))
        .filter(
            extension ->
                extension.columns().stream().map(ColumnName::table).anyMatch(names::contains))
        .toList();
  }

  private void requireNoConflicts(
      Destination destination,
      Map<TableName, ExistingTable> tables,
      Set<String> ofTask,
      Map<TableName, ExistingType> types,
      List<Extension> extensions)
      throws SQLException {
    Conflicts conflicts = new Conflicts();
    boolean keeps = rules.tables().onExisting() == OnExistingTable.KEEP;
    List<TableSchema> absent = new ArrayList<>();
    Set<String> hashable = hashableLater(schema.tables());
    TableForms forms = rules.forms(target, hashable);
    Map<TableName, TableSchema> partitions = new HashMap<>();
    conflicts.checkUnused(forms.unused(schema.tables().stream().map(TableSchema::name).toList()));
    for (TableSchema table : schema.tables()) {
      ExistingTable existing = tables.get(table.name());
      if (existing == null) {
        absent.add(table);
        conflicts.checkNewTable(table, target);
        conflicts.checkForm(table, forms);
        partitionsOf(table, destination, hashable).forEach(name -> partitions.put(name, table));
      } else if (keeps || ofTask.contains(table.name().toString())) {
        conflicts.checkTable(table, existing.relation());
      } else {
        conflicts.checkOwner(table, existing);
      }
    }
    catalog.relations(partitions.keySet()).keySet().stream()
        .sorted()
        .forEach(
            name -> conflicts.checkPartition(Objects.requireNonNull(partitions.get(name)), name));
    conflicts.checkPartitionNames(forms.partitionCollisions(absent, routed.takenNames()));
    if (!keeps) {
      catalog.likeNamed(absent.stream().map(TableSchema::name).toList()).entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(like -> conflicts.checkLikeNamed(like.getKey(), like.getValue()));
    }
    for (TypeSchema type : schema.types()) {
      ExistingType existing = types.get(type.name());
      if (existing != null) {
        conflicts.checkType(type, existing);
      }
    }
    extensions.forEach(extension -> conflicts.checkExtension(extension, destination));
    conflicts.throwIfAny();
  }

  private List<TableName> partitionsOf(
      TableSchema table, Destination destination, Set<String> hashable) {
    Partitioning partitioning =
        AdaptedTable.of(table, destination, hashable, rules).table().partitioning();
    return partitioning == null ? List.of() : TablePartitions.names(partitioning).toList();
  }

  private void createSchemas(
      Destination destination, List<TableSchema> absent, List<Extension> extensions) {
    Stream<String> ofTables =
        absent.stream()
            .flatMap(
                table ->
                    Stream.concat(
                        Stream.of(table.name()),
                        partitionsOf(table, destination, Set.of()).stream()))
            .map(TableName::schema);
    Stream<String> ofTypes = schema.types().stream().map(type -> type.name().schema());
    Stream<String> ofExtensions = extensions.stream().map(Extension::schema);
    Stream<String> ofNeeds =
        Stream.concat(
            schema.needs().extensions().stream().map(Extension::schema),
            schema.needs().routines().stream().map(routine -> routine.name().schema()));
    TreeSet<String> names =
        Stream.of(ofTables, ofTypes, ofExtensions, ofNeeds)
            .flatMap(stream -> stream)
            .collect(Collectors.toCollection(TreeSet::new));
    names.removeAll(destination.schemas());
    for (String name : names) {
      Creator.Result result =
          creator.create(Creation.of("schema \"" + name + "\"", Ddl.createSchema(name)), "");
      add("schema " + name, result);
    }
  }

  private void createExtension(Extension extension) {
    String name = extension.name();
    String hint =
        "Have it created there by hand: these columns need it: "
            + Conflicts.columns(extension)
            + ".";
    Creation creation =
        Creation.of("extension \"" + name + "\"", Ddl.createExtension(name, extension.schema()));
    add("extension " + name, creator.create(creation, hint));
  }

  private void createTypes(Map<TableName, ExistingType> existing) throws SQLException {
    for (TypeSchema type : schema.types()) {
      String object = "type " + type.name();
      if (existing.containsKey(type.name())) {
        entries.add(new Entry(Outcome.KEPT, object, ""));
        continue;
      }
      Creator.Result result = creator.create(creation(type), "");
      if (!result.created()) {
        requireFits(type);
      }
      add(object, result);
      if (type instanceof DomainType domain) {
        reportUnvalidated(domain);
      }
    }
  }

  private Creation creation(TypeSchema type) {
    String object = "type \"" + type.name() + "\"";
    return type instanceof DomainType domain
        ? new Creation(
            object,
            Ddl.createType(domain, target),
            Ddl.createType(Ddl.bare(domain), target),
            parts(domain))
        : Creation.of(object, Ddl.createType(type, target));
  }

  private static List<Part> parts(DomainType domain) {
    String object = "type " + domain.name();
    String alter = "ALTER DOMAIN " + Sql.quote(domain.name());
    List<Part> parts = new ArrayList<>();
    if (domain.defaultExpression() != null) {
      parts.add(
          new Part(
              object,
              "default " + domain.defaultExpression(),
              alter + " SET DEFAULT " + domain.defaultExpression()));
    }
    for (DomainType.Check check : domain.checks()) {
      if (Ddl.isValidated(check)) {
        parts.add(new Part(object, check.definition(), alter + " ADD" + Ddl.constraint(check)));
      }
    }
    return parts;
  }

  private void reportUnvalidated(DomainType domain) {
    for (DomainType.Check check : domain.checks()) {
      if (!Ddl.isValidated(check)) {
        entries.add(
            new Entry(
                Outcome.LEFT_OUT,
                "type " + domain.name(),
                "Rows of the source may break " + check.definition() + "."));
      }
    }
  }

  /**
   * Tables whose types are all there first: the row type of a table may be the type of another
   * one's column.
   */
  private void createTables(Destination destination, List<TableSchema> absent) throws SQLException {
    List<TableSchema> pending = absent;
    while (!pending.isEmpty()) {
      Set<String> known = catalog.knownTypes(typesOf(pending));
      if (creator.isRecording()) {
        known.addAll(plannedTypes().known(typesOf(pending)));
      }
      Map<Boolean, List<TableSchema>> byReadiness =
          pending.stream()
              .collect(
                  Collectors.partitioningBy(table -> known.containsAll(typesOf(List.of(table)))));
      List<TableSchema> ready = byReadiness.getOrDefault(true, List.of());
      pending = byReadiness.getOrDefault(false, List.of());
      if (ready.isEmpty()) {
        throw missingTypes(pending, known);
      }
      createSequences(ready);
      Set<String> hashable = hashable(ready);
      for (TableSchema table : ready) {
        createTable(AdaptedTable.of(table, destination, hashable, rules));
      }
    }
  }

  private PlannedTypes plannedTypes() {
    return new PlannedTypes(schema);
  }

  private static Set<String> typesOf(List<TableSchema> tables) {
    return tables.stream()
        .flatMap(table -> table.columns().stream())
        .map(ColumnSchema::type)
        .collect(Collectors.toSet());
  }

  private static MigrationException missingTypes(List<TableSchema> tables, Set<String> known) {
    List<String> missing = new ArrayList<>();
    for (TableSchema table : tables) {
      for (ColumnSchema column : table.columns()) {
        if (!known.contains(column.type())) {
          missing.add(
              "\"" + new ColumnName(table.name(), column.name()) + "\" (" + column.type() + ")");
        }
      }
    }
    int more = missing.size() - SHOWN;
    return new MigrationException(
        ErrorKind.OPERATOR,
        "Cannot create tables in the destination: it does not have the types of these columns: "
            + missing.stream().limit(SHOWN).collect(Collectors.joining(", "))
            + (more > 0 ? " and " + more + " more" : "")
            + ".",
        "Create the type or the table there by hand (a column of type text takes every value), or exclude the table.");
  }

  private void createSequences(List<TableSchema> tables) throws SQLException {
    Set<TableName> names =
        tables.stream()
            .flatMap(table -> table.columns().stream())
            .filter(Ddl::hasDefault)
            .flatMap(
                column -> SequenceNames.in(String.valueOf(column.defaultExpression())).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<TableName> there = new HashSet<>(catalog.relations(names).keySet());
    for (TableName name : names) {
      if (!there.contains(name)) {
        createSequence(name);
      }
    }
  }

  /** Only a default needs it, which can be done without. */
  private void createSequence(TableName name) {
    String object = "sequence " + name;
    try {
      add(
          object,
          creator.create(Creation.of("sequence \"" + name + "\"", createSequenceSql(name)), ""));
    } catch (MigrationException e) {
      if (e.kind() != ErrorKind.FAIL) {
        throw e;
      }
      entries.add(new Entry(Outcome.LEFT_OUT, object, String.valueOf(e.getMessage())));
    }
  }

  private String createSequenceSql(TableName name) {
    return schema.needs().sequences().stream()
        .filter(sequence -> sequence.name().equals(name))
        .findFirst()
        .map(sequence -> Ddl.createSequence(sequence, target))
        .orElseGet(() -> Ddl.createSequence(name));
  }

  private void createTable(AdaptedTable adapted) throws SQLException {
    TableSchema table = adapted.table();
    List<Part> defaults =
        table.columns().stream()
            .filter(Ddl::hasDefault)
            .map(
                column ->
                    new Part(
                        "column " + new ColumnName(table.name(), column.name()),
                        "default " + column.defaultExpression(),
                        Ddl.setDefault(table.name(), column)))
            .toList();
    Creator.Result result =
        creator.create(
            new Creation(
                "table \"" + table.name() + "\"",
                createTable(table, adapted),
                createTable(adapted.withoutDefaults(), adapted),
                defaults),
            "",
            own.record(table.name()));
    if (adapted.distribution() != null) {
      distributions.put(table.name(), adapted.distribution());
    }
    if (table.partitioning() != null) {
      partitioned.add(table.name());
    }
    if (result.created()) {
      add("table " + table.name(), result);
      entries.addAll(adapted.differences());
    } else {
      requireFits(adapted);
    }
  }

  private String createTable(TableSchema table, AdaptedTable adapted) {
    return RenamedColumns.of(routed, table)
        .createTable(table, adapted.storage(), adapted.distribution());
  }

  /** What was created by someone else in the meantime must hold the rows too. */
  private void requireFits(AdaptedTable adapted) throws SQLException {
    TableSchema table = adapted.table();
    Conflicts conflicts = new Conflicts();
    boolean ours = own.read(connection).contains(table.name().toString());
    ExistingRelation relation = catalog.relations(List.of(table.name())).get(table.name());
    if (relation == null) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot create table \""
              + table.name()
              + "\": something has the name of one of its partitions.",
          "Rename it, or say sink.partitions: plain.");
    } else {
      ExistingTable existing = new ExistingTable(relation, null, adapted.distribution());
      if (ours || rules.tables().onExisting() == OnExistingTable.KEEP) {
        conflicts.checkTable(table, relation);
      } else {
        conflicts.checkOwner(table, existing);
      }
      keepTable(table, existing, ours);
    }
    conflicts.throwIfAny();
  }

  private void requireFits(TypeSchema type) throws SQLException {
    Conflicts conflicts = new Conflicts();
    ExistingType existing = catalog.types(List.of(type.name())).get(type.name());
    if (existing != null) {
      conflicts.checkType(type, existing);
    }
    conflicts.throwIfAny();
  }

  private void keepTable(TableSchema table, ExistingTable existing, boolean ours) {
    List<String> differences = existing.differencesFrom(table);
    entries.add(
        new Entry(
            Outcome.KEPT,
            "table " + table.name(),
            "It has all columns that are copied."
                + (differences.isEmpty()
                    ? ""
                    : " It differs: " + String.join(", ", differences) + ".")
                + (ours || !hasNoKey(table)
                    ? ""
                    : " It has no key at the source: rows that are there stay, and the source's come beside them.")));
  }

  private static boolean hasNoKey(TableSchema table) {
    return table.identityKey().isEmpty()
        && table.primaryKey().isEmpty()
        && table.chunkKey().isEmpty();
  }

  private void add(String object, Creator.Result result) {
    entries.add(new Entry(result.created() ? Outcome.CREATED : Outcome.KEPT, object, ""));
    entries.addAll(result.leftOut());
  }
}
