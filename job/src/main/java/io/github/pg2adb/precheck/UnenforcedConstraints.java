package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which of the source's unique and exclusion constraints segments cannot enforce. */
final class UnenforcedConstraints implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.CONSTRAINT_LEFT_OUT);
  }

  private static final String CONSTRAINTS =
      """
      SELECT c.oid::int8 AS oid, k.conname, k.contype,
             ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(attnum, position)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.attnum
                    ORDER BY key.position) AS columns
        FROM unnest(?::oid[]) AS selected(oid)
        JOIN pg_class c ON c.oid = selected.oid
        JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
       ORDER BY c.oid, k.conname
      """;

  /** What keeps rows of a table from being alike. */
  enum Kind {
    PRIMARY_KEY("primary key"),
    UNIQUE("unique"),
    EXCLUSION("exclusion constraint");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** By pg_constraint.contype. */
    private static Kind of(String letter) {
      return switch (letter) {
        case "p" -> PRIMARY_KEY;
        case "u" -> UNIQUE;
        case "x" -> EXCLUSION;
        default -> throw new IllegalArgumentException("contype " + letter);
      };
    }
  }

  /**
   * A constraint of the source.
   *
   * @param table its table's oid
   * @param name its name
   * @param kind what it is
   * @param columns its columns, as the source calls them
   */
  record Constraint(long table, String name, Kind kind, List<String> columns) {

    private String words() {
      return kind == Kind.EXCLUSION
          ? kind.words + " " + name
          : kind.words + " (" + String.join(", ", columns) + ") " + name;
    }
  }

  /**
   * A table that the destination has not.
   *
   * @param table as the source has it
   * @param route what it is called in the destination
   * @param planned as it is created there
   */
  record Absent(TableSchema table, TableRoute route, TableSchema planned) {

    /** Rows that are alike meet on one segment if they are alike in what distributes them. */
    private boolean canEnforce(Constraint constraint, TableForms forms) {
      return constraint.kind() != Kind.EXCLUSION
          && !forms.storage(planned).isAppendOptimised()
          && forms
              .distribution(planned)
              .filter(distribution -> distribution.keepsTogether(inDestination(constraint)))
              .isPresent();
    }

    private List<String> inDestination(Constraint constraint) {
      List<String> columns = new ArrayList<>(route.columns(constraint.columns()));
      route.constant().ifPresent(constant -> columns.add(constant.name()));
      return columns;
    }
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireDistributed();
    Map<TableName, SinkTable> there = inspection.sinkTables();
    Map<TableName, TableSchema> planned = new HashMap<>();
    inspection.routed().target().tables().forEach(table -> planned.put(table.name(), table));
    List<Absent> absent = new ArrayList<>();
    for (TableSchema table : inspection.tables()) {
      TableRoute route = inspection.options().routes().of(table.name());
      if (!there.containsKey(route.target())) {
        absent.add(new Absent(table, route, Objects.requireNonNull(planned.get(route.target()))));
      }
    }
    List<Constraint> constraints =
        Query.all(
            inspection.source(),
            CONSTRAINTS,
            row ->
                new Constraint(
                    row.getLong("oid"),
                    row.getString("conname"),
                    Kind.of(row.getString("contype")),
                    Query.strings(row, "columns")),
            (Object) absent.stream().map(one -> one.table().oid()).toArray(Long[]::new));
    return assess(absent, constraints, inspection.forms());
  }

  /** The pure part. */
  static List<Finding> assess(List<Absent> absent, List<Constraint> constraints, TableForms forms) {
    Map<Long, Absent> tables = new HashMap<>();
    absent.forEach(one -> tables.put(one.table().oid(), one));
    List<String> objects = new ArrayList<>();
    for (Constraint constraint : constraints) {
      Absent one = Objects.requireNonNull(tables.get(constraint.table()));
      if (!one.canEnforce(constraint, forms)) {
        objects.add(one.table().name() + " (" + constraint.words() + ")");
      }
    }
    return objects.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.CONSTRAINT_LEFT_OUT,
                objects,
                "These constraints cannot be had in the destination: they are exclusion constraints, or lack a column of the"
                    + " distribution key, or the rows are spread at random or append-optimised.",
                Mend.inTaskFile(
                    "pipeline.ignore: [CONSTRAINT_LEFT_OUT] (or sink.distribution: by columns that they contain)")));
  }
}
