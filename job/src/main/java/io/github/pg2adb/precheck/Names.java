package io.github.pg2adb.precheck;

import io.github.pg2adb.model.NameFindings;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the names that routes and case policy give the destination can be had. */
final class Names implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.NAMES_COLLIDE,
        PrecheckCode.NAME_LENGTH,
        PrecheckCode.ROUTE_COLUMNS,
        PrecheckCode.ROUTE_CHANGED,
        PrecheckCode.ROUTE_UNUSED);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings =
        assess(NameFindings.of(inspection.schema(), inspection.options().routes()));
    try {
      assessLoaded(
              inspection.tableNames(),
              inspection.ledger().loaded(),
              inspection.options().routes(),
              inspection.sinkTables().keySet())
          .ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.ROUTE_CHANGED, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  /**
   * The pure part.
   *
   * @param loaded the tables of which the task has loaded rows, as the source calls them
   * @param there the destination's tables
   */
  static Optional<Finding> assessLoaded(
      List<TableName> selected, Set<TableName> loaded, Routes routes, Set<TableName> there) {
    List<String> gone =
        selected.stream()
            .filter(loaded::contains)
            .map(routes::of)
            .filter(route -> !there.contains(route.target()))
            .map(TableRoute::toString)
            .toList();
    return gone.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.ROUTE_CHANGED,
                gone,
                "The task has loaded these tables, and the destination has none of that name.",
                Mend.inTaskFile(
                    "route, sink.name-case: as they were when the tables were loaded")));
  }

  static List<Finding> assess(NameFindings names) {
    List<Finding> findings = new ArrayList<>();
    add(
        findings,
        PrecheckCode.NAMES_COLLIDE,
        names.collisions(),
        "These would have one name in the destination, or cannot meet in one table.",
        "route: give them names of their own, or a constant-column; sink.name-case: as-source");
    add(
        findings,
        PrecheckCode.NAME_LENGTH,
        names.tooLong(),
        "These names are empty or too long.",
        "route: a shorter name");
    add(
        findings,
        PrecheckCode.ROUTE_COLUMNS,
        names.columns(),
        "Routes leave out columns that are needed, or add some that cannot be had.",
        "route: columns with those of the key, constant-value of constant-type");
    add(
        findings,
        PrecheckCode.ROUTE_UNUSED,
        names.unused(),
        "These routes, or parts of them, match nothing. Upper and lower case differ.",
        "route: correct or remove them");
    return findings;
  }

  private static void add(
      List<Finding> findings, PrecheckCode code, List<String> objects, String why, String mend) {
    if (!objects.isEmpty()) {
      findings.add(Finding.of(code, objects, why, Mend.inTaskFile(mend)));
    }
  }
}
