package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether selected tables share rows by inheritance. */
final class Inheritance implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.INHERITANCE);
  }

  private static final String FAMILIES =
      """
      SELECT pn.nspname AS parent_schema, p.relname AS parent, cn.nspname AS child_schema, c.relname AS child
        FROM pg_inherits i
        JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
       WHERE p.relkind = 'r' AND c.relkind IN ('r', 'f') AND (p.oid = ANY (?) OR c.oid = ANY (?))
       ORDER BY 1, 2, 3, 4
      """;

  /** A table and one that inherits from it. */
  record Family(TableName parent, TableName child) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    Long[] oids = inspection.tableOids();
    List<Family> families =
        Query.all(
            inspection.source(),
            FAMILIES,
            row ->
                new Family(
                    new TableName(row.getString(1), row.getString(2)),
                    new TableName(row.getString(3), row.getString(4))),
            oids,
            oids);
    return assess(families, new HashSet<>(inspection.tableNames()));
  }

  static List<Finding> assess(List<Family> families, Set<TableName> selected) {
    if (families.isEmpty()) {
      return List.of();
    }
    Set<TableName> missing = new TreeSet<>();
    families.forEach(family -> missing.addAll(List.of(family.parent(), family.child())));
    missing.removeAll(selected);
    return List.of(
        Finding.of(
            PrecheckCode.INHERITANCE,
            families.stream()
                .map(family -> family.child() + " inherits " + family.parent())
                .toList(),
            "Every one of them becomes a table of its own with its own rows"
                + (missing.isEmpty() ? "." : ", and some are not selected."),
            Mend.inTaskFile(
                missing.isEmpty()
                    ? "pipeline.ignore: [INHERITANCE]"
                    : "source.tables: add " + TaskFileText.list(missing))));
  }
}
