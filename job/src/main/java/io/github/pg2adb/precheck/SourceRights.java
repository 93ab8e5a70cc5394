package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the source role sees all rows. */
final class SourceRights implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_SELECT, PrecheckCode.ROW_SECURITY);
  }

  private static final String RIGHTS =
      """
      SELECT n.nspname, c.relname, has_schema_privilege(n.oid, 'USAGE') AS may_enter,
             has_table_privilege(c.oid, 'SELECT') AS may_read, row_security_active(c.oid) AS hidden
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_class c ON c.oid = selected.oid JOIN pg_namespace n ON n.oid = c.relnamespace
       ORDER BY 1, 2
      """;

  /** What the role may do with a table. */
  record Right(TableName table, boolean mayEnter, boolean mayRead, boolean isHidden) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Right> rights =
        Query.all(
            inspection.source(),
            RIGHTS,
            row ->
                new Right(
                    new TableName(row.getString(1), row.getString(2)),
                    row.getBoolean(3),
                    row.getBoolean(4),
                    row.getBoolean(5)),
            (Object) inspection.tableOids());
    return assess(rights, inspection.sourceServer().role());
  }

  static List<Finding> assess(List<Right> rights, String role) {
    String to = " TO " + Sql.quote(role);
    List<Finding> findings = new ArrayList<>();
    List<Right> unreadable =
        rights.stream().filter(right -> !right.mayEnter() || !right.mayRead()).toList();
    if (!unreadable.isEmpty()) {
      Stream<String> schemas =
          unreadable.stream()
              .filter(right -> !right.mayEnter())
              .map(right -> right.table().schema())
              .distinct()
              .map(schema -> "GRANT USAGE ON SCHEMA " + Sql.quote(schema) + to);
      Stream<String> tables =
          unreadable.stream()
              .filter(right -> !right.mayRead())
              .map(right -> "GRANT SELECT ON TABLE " + Sql.quote(right.table()) + to);
      findings.add(
          Finding.of(
              PrecheckCode.SOURCE_SELECT,
              unreadable.stream().map(right -> right.table().toString()).toList(),
              "Role " + role + " may not read these tables.",
              Mend.onSource(Stream.concat(schemas, tables).toList())));
    }
    List<String> hidden =
        rights.stream().filter(Right::isHidden).map(right -> right.table().toString()).toList();
    if (!hidden.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.ROW_SECURITY,
              hidden,
              "Policies decide which rows of these tables role " + role + " sees.",
              Mend.onSource("ALTER ROLE " + Sql.quote(role) + " BYPASSRLS")));
    }
    return findings;
  }
}
