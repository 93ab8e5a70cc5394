package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether tables that are there refuse rows that the source takes. */
final class ExistingConstraints implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SINK_CHECK, PrecheckCode.SINK_FOREIGN_KEY);
  }

  private static final String CHECKS =
      """
      SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid) AS definition
        FROM unnest(?::oid[]) AS wanted(oid)
        JOIN pg_constraint k ON k.conrelid = wanted.oid AND k.contype = 'c'
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       ORDER BY 1, 2, 3
      """;

  private static final String FOREIGN_KEYS =
      """
      SELECT n.nspname, c.relname, k.conname, '' AS definition
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE k.contype = 'f' AND (k.conrelid = ANY (?) OR k.confrelid = ANY (?))
       ORDER BY 1, 2, 3
      """;

  /** A constraint and its definition, {@code CHECK (...)}. */
  record Constraint(TableName table, String name, String definition) {

    private static Constraint read(ResultSet row) throws SQLException {
      return new Constraint(
          new TableName(row.getString(1), row.getString(2)), row.getString(3), row.getString(4));
    }

    private String drop() {
      return "ALTER TABLE " + Sql.quote(table) + " DROP CONSTRAINT " + Sql.quote(name);
    }
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    Long[] sinkOids =
        inspection.sinkTables().values().stream().map(SinkTable::oid).toArray(Long[]::new);
    List<Finding> findings = new ArrayList<>();
    List<Constraint> known =
        routed(
            inspection.routed(),
            Query.all(
                inspection.source(), CHECKS, Constraint::read, (Object) inspection.tableOids()));
    assessChecks(
            known,
            unknown(
                inspection.routed(),
                known,
                Query.all(inspection.sink(), CHECKS, Constraint::read, (Object) sinkOids)))
        .ifPresent(findings::add);
    if (inspection.target().distributed()) {
      findings.add(
          Finding.skipped(
              PrecheckCode.SINK_FOREIGN_KEY, "the destination does not enforce foreign keys"));
    } else if (inspection.maySilenceTriggers()) {
      findings.add(
          Finding.skipped(
              PrecheckCode.SINK_FOREIGN_KEY,
              "the role may set session_replication_role, which silences them"));
    } else {
      assessForeignKeys(
              Query.all(inspection.sink(), FOREIGN_KEYS, Constraint::read, sinkOids, sinkOids))
          .ifPresent(findings::add);
    }
    return findings;
  }

  /** The source's constraints as those of the destination's tables. */
  private static List<Constraint> routed(RoutedSchema schema, List<Constraint> source) {
    return source.stream()
        .map(
            check ->
                new Constraint(
                    schema.route(check.table()).target(),
                    schema.routes().nameCase().part(check.name()),
                    check.definition()))
        .toList();
  }

  /**
   * Where columns are called otherwise, definitions are too: there a constraint goes by its name.
   */
  private static List<Constraint> unknown(
      RoutedSchema schema, List<Constraint> source, List<Constraint> sink) {
    Set<String> names =
        source.stream()
            .filter(check -> !schema.renamedColumns(check.table()).isEmpty())
            .map(check -> check.table() + " " + check.name())
            .collect(Collectors.toSet());
    return sink.stream()
        .filter(check -> !names.contains(check.table() + " " + check.name()))
        .toList();
  }

  /** The pure part: the same definition at the source is fulfilled by every row that comes. */
  static Optional<Finding> assessChecks(List<Constraint> source, List<Constraint> sink) {
    Set<String> known =
        source.stream()
            .map(constraint -> constraint.table() + " " + constraint.definition())
            .collect(Collectors.toSet());
    List<Constraint> more =
        sink.stream()
            .filter(
                constraint -> !known.contains(constraint.table() + " " + constraint.definition()))
            .toList();
    return more.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_CHECK,
                more.stream()
                    .map(
                        check ->
                            check.table() + " (" + check.name() + " " + check.definition() + ")")
                    .toList(),
                "These constraints are in the destination and not, or otherwise, in the source.",
                Mend.onSink(more.stream().map(Constraint::drop).toList())));
  }

  static Optional<Finding> assessForeignKeys(List<Constraint> keys) {
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_FOREIGN_KEY,
                keys.stream().map(key -> key.table() + " (" + key.name() + ")").toList(),
                "These foreign keys act, since the role may not set session_replication_role.",
                Mend.onSink(keys.stream().map(Constraint::drop).toList())));
  }
}
