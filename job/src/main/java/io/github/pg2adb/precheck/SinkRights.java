package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whether the destination can be written by the role. */
final class SinkRights implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.SINK_READ_ONLY,
        PrecheckCode.SINK_CREATE,
        PrecheckCode.SINK_WRITE,
        PrecheckCode.LEDGER_WRITABLE);
  }

  private static final String DATABASE =
      """
      SELECT pg_is_in_recovery() AS recovering,
             (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') = 'on' AS read_only,
             has_database_privilege(current_database(), 'CREATE') AS may_create,
             has_database_privilege(current_database(), 'TEMP') AS may_stage,
             current_user AS role, current_database() AS database
      """;

  private static final String SCHEMAS =
      """
      SELECT nspname, has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE') AS may_create
        FROM pg_namespace WHERE nspname = ANY (?)
      """;

  /** What the role may do in the database. */
  record Facts(
      boolean isRecovering,
      boolean isReadOnly,
      boolean mayCreate,
      boolean mayStage,
      String role,
      String database) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    Facts facts =
        Query.one(
            inspection.sink(),
            DATABASE,
            row ->
                new Facts(
                    row.getBoolean("recovering"),
                    row.getBoolean("read_only"),
                    row.getBoolean("may_create"),
                    row.getBoolean("may_stage"),
                    row.getString("role"),
                    row.getString("database")));
    List<Finding> findings = new ArrayList<>();
    assessReadOnly(facts).ifPresent(findings::add);
    assessLedger(inspection.ledger(), facts, inspection.options()).ifPresent(findings::add);
    try {
      assessWriting(inspection.sinkTables().values(), facts.role()).ifPresent(findings::add);
      findings.addAll(assessCreating(facts, schemas(inspection), inspection.options()));
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.SINK_WRITE, String.valueOf(e.getMessage())));
      findings.add(Finding.skipped(PrecheckCode.SINK_CREATE, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  /**
   * Where something is to be created: the schemas of absent tables, null for one that is absent
   * too.
   */
  private static Map<String, Optional<Boolean>> schemas(Inspection inspection)
      throws SQLException, SkippedException {
    Set<TableName> absent = new TreeSet<>(inspection.sinkNames());
    absent.removeAll(inspection.sinkTables().keySet());
    Map<String, Optional<Boolean>> schemas = new TreeMap<>();
    absent.forEach(table -> schemas.put(table.schema(), Optional.empty()));
    Query.all(
        inspection.sink(),
        SCHEMAS,
        row -> schemas.put(row.getString(1), Optional.of(row.getBoolean(2))),
        (Object) schemas.keySet().toArray(String[]::new));
    return schemas;
  }

  static Optional<Finding> assessReadOnly(Facts facts) {
    if (facts.isRecovering()) {
      return Optional.of(
          Finding.of(
              PrecheckCode.SINK_READ_ONLY,
              List.of("database " + facts.database()),
              "The destination is a standby or in recovery.",
              Mend.inTaskFile("sink.hostname: the primary's")));
    }
    return facts.isReadOnly()
        ? Optional.of(
            Finding.of(
                PrecheckCode.SINK_READ_ONLY,
                List.of("default_transaction_read_only = on"),
                "Sessions of role " + facts.role() + " are read-only.",
                Mend.onSink(
                    "ALTER ROLE "
                        + Sql.quote(facts.role())
                        + " IN DATABASE "
                        + Sql.quote(facts.database())
                        + " SET default_transaction_read_only = off")))
        : Optional.empty();
  }

  /**
   * The pure part of what must be created.
   *
   * @param schemas whether the role may create in the schemas that need it; empty for absent ones
   */
  static List<Finding> assessCreating(
      Facts facts, Map<String, Optional<Boolean>> schemas, PrecheckOptions options) {
    List<String> objects = new ArrayList<>();
    List<String> grants = new ArrayList<>();
    String to = " TO " + Sql.quote(facts.role());
    String onDatabase = " ON DATABASE " + Sql.quote(facts.database()) + to;
    if (options.phases().contains(Phase.SCHEMA)) {
      schemas.forEach(
          (schema, mayCreate) -> {
            if (mayCreate.isPresent() && !mayCreate.get()) {
              objects.add("tables in schema " + schema);
              grants.add("GRANT USAGE, CREATE ON SCHEMA " + Sql.quote(schema) + to);
            } else if (mayCreate.isEmpty() && !facts.mayCreate()) {
              objects.add("schema " + schema);
            }
          });
      if (objects.stream().anyMatch(object -> object.startsWith("schema "))) {
        grants.add("GRANT CREATE" + onDatabase);
      }
    }
    if (options.isIncremental() && !facts.mayStage()) {
      objects.add("temporary tables");
      grants.add("GRANT TEMPORARY" + onDatabase);
    }
    return objects.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_CREATE,
                objects,
                "Role " + facts.role() + " may not create these.",
                Mend.onSink(grants)));
  }

  static Optional<Finding> assessWriting(Collection<SinkTable> tables, String role) {
    List<SinkTable> refused =
        tables.stream().filter(table -> table.isTable() && !table.mayWrite()).toList();
    String to = " TO " + Sql.quote(role);
    return refused.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_WRITE,
                refused.stream().map(table -> table.name().toString()).toList(),
                "Role "
                    + role
                    + " lacks SELECT, INSERT, UPDATE, DELETE or TRUNCATE on these tables, or USAGE on their schema.",
                Mend.onSink(
                    Stream.concat(
                            refused.stream()
                                .map(table -> table.name().schema())
                                .distinct()
                                .map(schema -> "GRANT USAGE ON SCHEMA " + Sql.quote(schema) + to),
                            refused.stream()
                                .map(
                                    table ->
                                        "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE "
                                            + Sql.quote(table.name())
                                            + to))
                        .toList())));
  }

  static Optional<Finding> assessLedger(LedgerState ledger, Facts facts, PrecheckOptions options) {
    String schema = options.ledgerSchema();
    String to = " TO " + Sql.quote(facts.role());
    List<String> objects = new ArrayList<>();
    List<String> grants = new ArrayList<>();
    if (!ledger.present().containsAll(LedgerState.TABLES) && !ledger.mayCreate()) {
      objects.add("schema " + schema);
      grants.add(
          ledger.schemaExists()
              ? "GRANT USAGE, CREATE ON SCHEMA " + Sql.quote(schema) + to
              : "GRANT CREATE ON DATABASE " + Sql.quote(facts.database()) + to);
    }
    for (String table : ledger.refused()) {
      objects.add("table " + schema + "." + table);
      grants.add("GRANT USAGE ON SCHEMA " + Sql.quote(schema) + to);
      grants.add(
          "GRANT SELECT, INSERT, UPDATE ON TABLE " + Sql.quote(new TableName(schema, table)) + to);
    }
    return objects.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.LEDGER_WRITABLE,
                objects,
                "Role " + facts.role() + " may not create or write the ledger.",
                Mend.onSink(grants.stream().distinct().toList())));
  }
}
