package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether the selection fits the source, and what it leaves out. */
final class SelectedTables implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.TABLES_SELECTED, PrecheckCode.TABLE_UNLOGGED, PrecheckCode.TABLE_LEFT_OUT);
  }

  private static final String UNLOGGED = "an unlogged table";

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    try {
      return assess(inspection.schema().skipped());
    } catch (SkippedException e) {
      if (e.refusal() == null || inspection.source().isClosed()) {
        throw e;
      }
      return List.of(
          Refusals.finding(PrecheckCode.TABLES_SELECTED, List.of(), e),
          Finding.skipped(PrecheckCode.TABLE_UNLOGGED, String.valueOf(e.getMessage())),
          Finding.skipped(PrecheckCode.TABLE_LEFT_OUT, String.valueOf(e.getMessage())));
    }
  }

  static List<Finding> assess(List<SourceSchema.Skipped> skipped) {
    List<TableName> unlogged = new ArrayList<>();
    List<SourceSchema.Skipped> others = new ArrayList<>();
    for (SourceSchema.Skipped table : skipped) {
      if (table.reason().equals(UNLOGGED)) {
        unlogged.add(table.table());
      } else {
        others.add(table);
      }
    }
    List<Finding> findings = new ArrayList<>();
    if (!unlogged.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.TABLE_UNLOGGED,
              unlogged.stream().map(TableName::toString).toList(),
              "These tables are unlogged and are not migrated.",
              Mend.onSource(
                  unlogged.stream()
                      .map(name -> "ALTER TABLE " + Sql.quote(name) + " SET LOGGED")
                      .toList())));
    }
    if (!others.isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.TABLE_LEFT_OUT,
              others.stream().map(table -> table.table() + " (" + table.reason() + ")").toList(),
              "These tables are not migrated.",
              Mend.inTaskFile(
                  "source.tables.exclude: "
                      + TaskFileText.list(
                          others.stream().map(SourceSchema.Skipped::table).toList()))));
    }
    return findings;
  }
}
