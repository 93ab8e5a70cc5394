package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.ReplacedTypes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether the destination can have the types of the columns of tables that it has not. */
final class TypesOfColumns implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.EXTENSION_MISSING,
        PrecheckCode.TYPE_MISSING,
        PrecheckCode.TYPE_DIFFERS,
        PrecheckCode.COLLATION_MISSING);
  }

  private static final String INSTALLED =
      "SELECT extname FROM pg_extension WHERE extname = ANY (?)";

  private static final String OFFERED =
      """
      SELECT a.name, COALESCE((SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user), false)
                     OR %s AS may_install
        FROM pg_available_extensions a WHERE a.name = ANY (?)
      """;

  /** Since when some extensions can be installed by whoever may create in the database. */
  private static final int TRUSTED_EXTENSIONS = 13;

  private static final String TRUSTED =
      "(has_database_privilege(current_database(), 'CREATE') AND EXISTS"
          + " (SELECT 1 FROM pg_available_extension_versions v WHERE v.name = a.name AND v.trusted))";

  private static final String UNKNOWN_TYPES =
      "SELECT name FROM unnest(?::text[]) AS wanted(name) WHERE to_regtype(name) IS NULL";

  private static final String TYPES =
      """
      SELECT n.nspname, t.typname, t.typtype,
             CASE t.typtype
               WHEN 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
               WHEN 'c' THEN ARRAY(SELECT a.attname::text FROM pg_attribute a
                                    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
               ELSE ARRAY[]::text[] END AS parts
        FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
        JOIN pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_type t ON t.typnamespace = n.oid AND t.typname = wanted.name
      """;

  private static final String COLLATIONS =
      """
      SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname)
        FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
       WHERE c.collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database()))
      """;

  /**
   * How the collations are created that do not come with the server; a built-in or default one
   * cannot be.
   */
  private static final String DEFINITIONS =
      """
      SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname),
             format(E'CREATE SCHEMA IF NOT EXISTS %I\nCREATE COLLATION %I.%I (provider = %s, %s%s)',
               n.nspname, n.nspname, c.collname,
               CASE c.collprovider WHEN 'i' THEN 'icu' ELSE 'libc' END,
               CASE c.collprovider
                 WHEN 'i' THEN format('locale = %L', COALESCE(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate))
                 ELSE format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype) END,
               CASE WHEN COALESCE((to_jsonb(c) ->> 'collisdeterministic')::boolean, true) THEN '' ELSE ', deterministic = false' END)
        FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
       WHERE c.oid >= 16384 AND c.collprovider IN ('c', 'i')
      """;

  /**
   * A type of the destination: pg_type.typtype, and an enum's labels or a composite's attributes.
   */
  record SinkType(TableName name, char kind, List<String> parts) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    SourceSchema schema = inspection.routed().target();
    Connection sink = inspection.sink();
    List<TableName> typeNames = schema.types().stream().map(TypeSchema::name).toList();
    List<SinkType> types =
        Query.all(
            sink,
            TYPES,
            row ->
                new SinkType(
                    new TableName(row.getString(1), row.getString(2)),
                    row.getString(3).charAt(0),
                    Query.strings(row, "parts")),
            Query.schemas(typeNames),
            Query.names(typeNames));
    assessTypes(schema.types(), types).ifPresent(findings::add);
    if (!inspection.options().phases().contains(Phase.SCHEMA)) {
      for (PrecheckCode code :
          List.of(
              PrecheckCode.EXTENSION_MISSING,
              PrecheckCode.TYPE_MISSING,
              PrecheckCode.COLLATION_MISSING)) {
        findings.add(Finding.skipped(code, "the task has no phase schema"));
      }
      return findings;
    }
    Set<TableName> there = inspection.sinkTables().keySet();
    List<TableSchema> absent =
        schema.tables().stream().filter(table -> !there.contains(table.name())).toList();
    findings.addAll(extensions(sink, inspection.target(), schema, absent));
    missingTypes(sink, schema, absent).ifPresent(findings::add);
    Set<String> collations = new HashSet<>(Query.all(sink, COLLATIONS, row -> row.getString(1)));
    assessCollations(absent, collations, definitions(inspection.source())).ifPresent(findings::add);
    return findings;
  }

  private static Map<String, String> definitions(Connection source) throws SQLException {
    Map<String, String> definitions = new HashMap<>();
    Query.all(source, DEFINITIONS, row -> definitions.put(row.getString(1), row.getString(2)));
    return definitions;
  }

  private static List<Finding> extensions(
      Connection sink, Target target, SourceSchema schema, List<TableSchema> absent)
      throws SQLException {
    Set<TableName> names = absent.stream().map(TableSchema::name).collect(Collectors.toSet());
    List<SourceSchema.Extension> needed =
        schema.extensions().stream()
            .filter(
                extension ->
                    extension.columns().stream().anyMatch(column -> names.contains(column.table())))
            .toList();
    String[] wanted = needed.stream().map(SourceSchema.Extension::name).toArray(String[]::new);
    Set<String> installed =
        new HashSet<>(Query.all(sink, INSTALLED, row -> row.getString(1), (Object) wanted));
    Map<String, Boolean> offered = new HashMap<>();
    Query.all(
        sink,
        OFFERED.formatted(target.postgresMajor() >= TRUSTED_EXTENSIONS ? TRUSTED : "false"),
        row -> offered.put(row.getString(1), row.getBoolean(2)),
        (Object) wanted);
    return needed.stream()
        .filter(extension -> !installed.contains(extension.name()))
        .flatMap(
            extension ->
                assessExtension(extension, Optional.ofNullable(offered.get(extension.name())))
                    .stream())
        .toList();
  }

  /**
   * The pure part for an extension that is not installed.
   *
   * @param mayInstall whether the role may install it, empty if the destination does not offer it
   */
  static Optional<Finding> assessExtension(
      SourceSchema.Extension extension, Optional<Boolean> mayInstall) {
    if (mayInstall.equals(Optional.of(true))) {
      return Optional.empty();
    }
    List<String> columns =
        extension.columns().stream().map(SourceSchema.ColumnName::toString).toList();
    return Optional.of(
        mayInstall.isPresent()
            ? Finding.of(
                PrecheckCode.EXTENSION_MISSING,
                columns,
                "Extension "
                    + extension.name()
                    + " is not installed in the destination, and the role may not install it.",
                Mend.onSink(
                    "CREATE SCHEMA IF NOT EXISTS " + Sql.quote(extension.schema()),
                    "CREATE EXTENSION "
                        + Sql.quote(extension.name())
                        + " SCHEMA "
                        + Sql.quote(extension.schema())))
            : Finding.of(
                PrecheckCode.EXTENSION_MISSING,
                columns,
                "The destination does not offer extension " + extension.name() + ".",
                Mend.inTaskFile(
                    "source.tables.exclude: "
                        + TaskFileText.list(
                            extension.columns().stream()
                                .map(SourceSchema.ColumnName::table)
                                .collect(Collectors.toCollection(TreeSet::new))))));
  }

  /** Types that the schema step does not create and no extension brings. */
  private static Optional<Finding> missingTypes(
      Connection sink, SourceSchema schema, List<TableSchema> absent) throws SQLException {
    Set<String> brought = new HashSet<>();
    schema
        .extensions()
        .forEach(
            extension -> extension.columns().forEach(column -> brought.add(column.toString())));
    Map<String, List<String>> columns = new TreeMap<>();
    for (TableSchema table : absent) {
      for (ColumnSchema column : table.columns()) {
        String name = table.name() + "." + column.name();
        if (!brought.contains(name)) {
          columns
              .computeIfAbsent(column.type(), type -> new ArrayList<>())
              .add(name + " (" + column.type() + ")");
        }
      }
    }
    List<String> unknown =
        Query.all(
            sink,
            UNKNOWN_TYPES,
            row -> row.getString(1),
            (Object) columns.keySet().toArray(String[]::new));
    return assessMissing(unknown, columns, absent);
  }

  /**
   * The pure part: a type in a schema is one that users made, which is created; what has none is
   * built into the source, and for some of those another stands.
   */
  static Optional<Finding> assessMissing(
      List<String> unknown, Map<String, List<String>> columns, List<TableSchema> absent) {
    // one that comes with a range type of the users has a schema, too
    ReplacedTypes rules = ReplacedTypes.of(List.of());
    Set<String> missing =
        unknown.stream()
            .filter(type -> type.indexOf('.') < 0)
            .filter(type -> rules.replacement(type).isEmpty())
            .collect(Collectors.toSet());
    List<String> objects =
        missing.stream()
            .sorted()
            .flatMap(type -> columns.getOrDefault(type, List.of()).stream())
            .toList();
    Set<TableName> tables =
        absent.stream()
            .filter(
                table ->
                    table.columns().stream().anyMatch(column -> missing.contains(column.type())))
            .map(TableSchema::name)
            .collect(Collectors.toCollection(TreeSet::new));
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.TYPE_MISSING,
                objects,
                "The destination does not have the types of these columns.",
                Mend.inTaskFile(
                    "source.tables.exclude: "
                        + TaskFileText.list(tables)
                        + " (or create the tables in the destination by hand, with text instead)")));
  }

  /** The pure part for types that are there under the source's name. */
  static Optional<Finding> assessTypes(List<TypeSchema> source, List<SinkType> sink) {
    Map<TableName, SinkType> there = new HashMap<>();
    sink.forEach(type -> there.put(type.name(), type));
    List<String> objects = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    for (TypeSchema type : source) {
      SinkType found = there.get(type.name());
      if (found != null) {
        compare(type, found, objects, statements);
      }
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.TYPE_DIFFERS,
                objects,
                "These types are in the destination and differ.",
                statements.isEmpty()
                    ? Mend.byHand("Change or drop the type in the destination.")
                    : Mend.onSink(statements)));
  }

  private static void compare(
      TypeSchema type, SinkType found, List<String> objects, List<String> statements) {
    if (found.kind() != kind(type)) {
      objects.add(type.name() + " (of another kind)");
    } else if (type instanceof TypeSchema.EnumType enumType) {
      List<String> missing = new ArrayList<>(enumType.labels());
      missing.removeAll(found.parts());
      if (!missing.isEmpty()) {
        objects.add(type.name() + " (without " + String.join(", ", missing) + ")");
        missing.forEach(
            label ->
                statements.add(
                    "ALTER TYPE " + Sql.quote(type.name()) + " ADD VALUE " + Sql.literal(label)));
      }
    } else if (type instanceof TypeSchema.CompositeType composite) {
      List<String> attributes =
          composite.attributes().stream().map(TypeSchema.CompositeType.Attribute::name).toList();
      if (!attributes.equals(found.parts())) {
        objects.add(type.name() + " (with other attributes)");
      }
    }
  }

  private static char kind(TypeSchema type) {
    if (type instanceof TypeSchema.EnumType) {
      return 'e';
    }
    if (type instanceof TypeSchema.DomainType) {
      return 'd';
    }
    return type instanceof TypeSchema.CompositeType ? 'c' : 'r';
  }

  /**
   * The pure part.
   *
   * @param there the destination's collations, qualified and quoted
   * @param definitions how those of the source are created
   */
  static Optional<Finding> assessCollations(
      List<TableSchema> absent, Set<String> there, Map<String, String> definitions) {
    List<String> columns = new ArrayList<>();
    Set<String> statements = new TreeSet<>();
    for (TableSchema table : absent) {
      for (ColumnSchema column : table.columns()) {
        String collation = column.collation();
        if (collation != null && !there.contains(collation)) {
          columns.add(table.name() + "." + column.name() + " (" + collation + ")");
          statements.add(definitions.getOrDefault(collation, ""));
        }
      }
    }
    statements.remove("");
    return columns.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.COLLATION_MISSING,
                columns,
                "The destination does not have the collations of these columns.",
                statements.isEmpty()
                    ? Mend.inTaskFile("pipeline.ignore: [COLLATION_MISSING]")
                    : Mend.onSink(statements.stream().flatMap(String::lines).toList())));
  }
}
