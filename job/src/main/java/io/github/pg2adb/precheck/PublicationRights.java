package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether the source role may make the publications, or change those that are there. */
final class PublicationRights implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.PUBLICATION_RIGHTS);
  }

  private static final String ABSENT =
      """
      SELECT count(*) < 2 AS absent, has_database_privilege(current_database(), 'CREATE') AS may_create
        FROM pg_publication WHERE pubname IN (?, ?)
      """;

  private static final String OWNERS =
      """
      SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) AS owner
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_class c ON c.oid = selected.oid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE NOT pg_has_role(c.relowner, 'USAGE')
         AND NOT EXISTS (SELECT 1 FROM pg_publication p
                          WHERE p.pubname IN (?, ?)
                            AND (p.puballtables OR EXISTS
                                 (SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)))
       ORDER BY 1, 2
      """;

  /** A table that the role can add to no publication. */
  record Foreign(TableName table, String owner) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    TaskNames names = inspection.names();
    boolean needsCreate =
        Query.one(
            inspection.source(),
            ABSENT,
            row -> row.getBoolean("absent") && !row.getBoolean("may_create"),
            names.publication(),
            names.insertPublication());
    List<Foreign> foreign =
        Query.all(
            inspection.source(),
            OWNERS,
            row -> new Foreign(new TableName(row.getString(1), row.getString(2)), row.getString(3)),
            inspection.tableOids(),
            names.publication(),
            names.insertPublication());
    return assess(
        needsCreate,
        foreign,
        inspection.sourceServer().role(),
        inspection.options().source().database());
  }

  static List<Finding> assess(
      boolean needsCreate, List<Foreign> foreign, String role, String database) {
    List<Finding> findings = new ArrayList<>();
    if (needsCreate) {
      findings.add(
          Finding.of(
              PrecheckCode.PUBLICATION_RIGHTS,
              List.of("database " + database),
              "Role " + role + " may not create publications.",
              Mend.onSource(
                  "GRANT CREATE ON DATABASE " + Sql.quote(database) + " TO " + Sql.quote(role))));
    }
    if (!foreign.isEmpty()) {
      Set<String> owners =
          foreign.stream().map(Foreign::owner).collect(Collectors.toCollection(TreeSet::new));
      findings.add(
          Finding.of(
              PrecheckCode.PUBLICATION_RIGHTS,
              foreign.stream().map(table -> table.table().toString()).toList(),
              "Role " + role + " does not own these tables, nor is a member of the role that does.",
              Mend.onSource(
                  owners.stream()
                      .map(owner -> "GRANT " + Sql.quote(owner) + " TO " + Sql.quote(role))
                      .toList())));
    }
    return findings;
  }
}
