package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Whether tables that are to be created can have the form that the task file asks. */
final class TableOptions implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.TABLE_OPTIONS_UNUSED,
        PrecheckCode.DISTRIBUTION_OPTION,
        PrecheckCode.STORAGE_OPTION,
        PrecheckCode.PARTITIONS_OPTION);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    if (!inspection.options().phases().contains(Phase.SCHEMA)) {
      throw new SkippedException("the task has no phase schema");
    }
    List<TableSchema> tables = inspection.routed().target().tables();
    Set<TableName> there = inspection.sinkTables().keySet();
    return assess(
        tables,
        tables.stream().filter(table -> !there.contains(table.name())).toList(),
        inspection.forms());
  }

  /**
   * The pure part.
   *
   * @param absent the tables that are to be created
   */
  static List<Finding> assess(
      List<TableSchema> tables, List<TableSchema> absent, TableForms forms) {
    List<Finding> findings = new ArrayList<>();
    add(
        findings,
        PrecheckCode.TABLE_OPTIONS_UNUSED,
        forms.unused(tables.stream().map(TableSchema::name).toList()),
        "No selected table has such a name in the destination. Upper and lower case differ.",
        "sink: correct or remove them");
    add(
        findings,
        PrecheckCode.DISTRIBUTION_OPTION,
        objects(absent, table -> forms.distributionProblems(table).stream()),
        "These tables cannot be spread as the task file says.",
        "sink.distribution: columns that are there and that segments can tell apart, or nothing of these tables");
    add(
        findings,
        PrecheckCode.STORAGE_OPTION,
        objects(absent, table -> forms.storageProblem(table).stream()),
        "These tables cannot be stored as the task file says.",
        "sink.storage: heap, or nothing of these tables");
    add(
        findings,
        PrecheckCode.PARTITIONS_OPTION,
        objects(absent, table -> forms.partitionsProblem(table).stream()),
        "These tables do not get the partitions that the task file asks.",
        "sink.partitions: plain, or nothing of these tables");
    return findings;
  }

  private static List<String> objects(
      List<TableSchema> tables, Function<TableSchema, Stream<String>> problems) {
    return tables.stream()
        .flatMap(table -> problems.apply(table).map(why -> table.name() + " (" + why + ")"))
        .toList();
  }

  private static void add(
      List<Finding> findings, PrecheckCode code, List<String> objects, String why, String mend) {
    if (!objects.isEmpty()) {
      findings.add(Finding.of(code, objects, why, Mend.inTaskFile(mend)));
    }
  }
}
