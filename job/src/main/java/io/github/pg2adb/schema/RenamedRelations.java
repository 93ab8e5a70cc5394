package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Tables and views of the destination that have other names in the source. A view's text names them
 * as the source does, and the server keeps a view by what it names, not by the names: so it is
 * created in one transaction in which they have the source's names, of which nobody else sees
 * anything.
 *
 * @param moves the relations that a view names
 * @param there the relations that the destination has by then
 * @param tables those of them that are tables of the task
 * @param schemas the schemas that it has by then
 */
record RenamedRelations(
    List<Move> moves, Set<TableName> there, Set<TableName> tables, Set<String> schemas) {

  private static final String MOVED = "pg2adb_moved_";
  private static final String ASIDE = "pg2adb_aside_";
  private static final String BETWEEN = "pg2adb_between_";
  private static final String CREATED = "pg2adb_created";

  /** Those that are called as in the source need no move. */
  RenamedRelations {
    moves = moves.stream().filter(Move::isNeeded).toList();
  }

  /**
   * One relation.
   *
   * @param source its name in the source
   * @param target its name in the destination
   * @param table whether it is a table, whose writers must wait
   * @param columns the source's names of its columns by the destination's, where they differ
   */
  record Move(TableName source, TableName target, boolean table, Map<String, String> columns) {

    boolean isNeeded() {
      return !source.equals(target) || !columns.isEmpty();
    }

    private boolean changesSchema() {
      return !source.schema().equals(target.schema());
    }
  }

  /** Writes the statement that creates a relation of this name. */
  @FunctionalInterface
  interface Creation {
    String named(TableName name);
  }

  /**
   * The statements that create the relation, for one transaction.
   *
   * @param name what it shall be called
   */
  String around(TableName name, Creation creation) {
    if (moves.isEmpty()) {
      return creation.named(name);
    }
    boolean taken = moves.stream().anyMatch(move -> move.source().equals(name));
    TableName first = taken ? new TableName(name.schema(), CREATED) : name;
    List<String> statements = new ArrayList<>(lock());
    statements.addAll(Undoable.around(steps(), List.of(creation.named(first))));
    if (taken) {
      statements.add(rename(first, name.name()).statement());
    }
    return String.join(";\n", statements);
  }

  private List<String> lock() {
    String tables =
        moves.stream()
            .filter(Move::table)
            .map(move -> Sql.quote(move.target()))
            .collect(Collectors.joining(", "));
    return tables.isEmpty()
        ? List.of()
        : List.of("LOCK TABLE " + tables + " IN ACCESS EXCLUSIVE MODE");
  }

  private List<Undoable> steps() {
    List<Undoable> steps = new ArrayList<>();
    createSchemas(steps);
    moveAside(steps);
    List<TableName> places = new ArrayList<>();
    for (Move move : moves) {
      places.add(leave(move, places.size(), steps));
    }
    for (int i = 0; i < places.size(); i++) {
      places.set(i, arrive(moves.get(i), places.get(i), steps));
    }
    for (int i = 0; i < places.size(); i++) {
      Move move = moves.get(i);
      steps.add(rename(places.get(i), move.source().name()));
      steps.addAll(new RenamedColumns(move.source(), move.columns()).steps());
    }
    return steps;
  }

  /** Others that have a name which is needed. */
  private void moveAside(List<Undoable> steps) {
    for (int i = 0; i < moves.size(); i++) {
      TableName name = moves.get(i).source();
      if (isInTheWay(name)) {
        if (leavesSchema(moves.get(i))) {
          setSchema(name, ASIDE + i, steps);
        } else {
          steps.add(rename(name, ASIDE + i));
        }
      }
    }
  }

  private boolean isInTheWay(TableName name) {
    return there.contains(name) && moves.stream().noneMatch(move -> move.target().equals(name));
  }

  /** A table whose place is taken by one of another schema takes its indexes' names with it. */
  private boolean leavesSchema(Move move) {
    return move.changesSchema() && isInTheWay(move.source()) && tables.contains(move.source());
  }

  private void createSchemas(List<Undoable> steps) {
    Set<String> absent = new TreeSet<>();
    for (int i = 0; i < moves.size(); i++) {
      Move move = moves.get(i);
      if (!schemas.contains(move.source().schema())) {
        absent.add(move.source().schema());
      }
      if (goesThroughBetween(move)) {
        absent.add(BETWEEN + i);
      }
      if (leavesSchema(move)) {
        absent.add(ASIDE + i);
      }
    }
    absent.forEach(
        schema ->
            steps.add(new Undoable(Ddl.createSchema(schema), "DROP SCHEMA " + Sql.quote(schema))));
  }

  /** What goes the other way may have indexes of the same names. */
  private boolean goesThroughBetween(Move move) {
    return move.changesSchema()
        && moves.stream()
            .filter(Move::changesSchema)
            .anyMatch(other -> other.target().schema().equals(move.source().schema()));
  }

  private TableName leave(Move move, int number, List<Undoable> steps) {
    steps.add(rename(move.target(), MOVED + number));
    TableName place = new TableName(move.target().schema(), MOVED + number);
    return goesThroughBetween(move) ? setSchema(place, BETWEEN + number, steps) : place;
  }

  private static TableName arrive(Move move, TableName place, List<Undoable> steps) {
    return place.schema().equals(move.source().schema())
        ? place
        : setSchema(place, move.source().schema(), steps);
  }

  private static TableName setSchema(TableName place, String schema, List<Undoable> steps) {
    TableName moved = new TableName(schema, place.name());
    steps.add(
        new Undoable(
            "ALTER TABLE " + Sql.quote(place) + " SET SCHEMA " + Sql.quote(schema),
            "ALTER TABLE " + Sql.quote(moved) + " SET SCHEMA " + Sql.quote(place.schema())));
    return moved;
  }

  private static Undoable rename(TableName from, String name) {
    return new Undoable(
        "ALTER TABLE " + Sql.quote(from) + " RENAME TO " + Sql.quote(name),
        "ALTER TABLE "
            + Sql.quote(new TableName(from.schema(), name))
            + " RENAME TO "
            + Sql.quote(from.name()));
  }
}
