package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How rows of one shape get into one destination table: which columns are written, by which key
 * rows are found, and the SQL for it.
 *
 * <p>Key and distribution columns are never in SET, which Greenplum refuses. Where more than the
 * key forbids two rows to be alike, rows are deleted and inserted, never updated, so that no state
 * in between can violate it.
 */
final class TablePlan {

  /** PostgreSQL's MaxHeapAttributeNumber. */
  private static final int MAX_COLUMNS = 1600;

  private final Relation relation;
  private final TargetTable target;
  private final List<TargetTable.Column> columns = new ArrayList<>();
  private final int[] written;
  private final int[] key;
  private final int[] keyInWritten;
  private final boolean upserts;
  private final boolean insertsDirectly;
  private final boolean rewrites;

  /** The column that tells this source table's rows from others in the target, with its value. */
  private final @Nullable Constant constant;

  private record Constant(TargetTable.Column column, String value, String literal) {

    private static Constant of(TargetTable target, TableRoute.ConstantColumn route) {
      return new Constant(TablePlan.column(target, route.name()), route.value(), literal(route));
    }

    private static String literal(TableRoute.ConstantColumn route) {
      return Sql.literal(route.value()) + "::" + route.type().word();
    }
  }

  /**
   * @param route what the columns are called in the target
   * @param key the numbers of the relation's columns that identify a row; none if only the whole
   *     row does
   */
  TablePlan(Target server, Relation relation, TableRoute route, TargetTable target, int[] key) {
    this.relation = relation;
    this.target = target;
    this.written = match(relation, route, target, columns);
    this.constant = route.constant().map(added -> Constant.of(target, added)).orElse(null);
    this.key = key;
    this.keyInWritten =
        IntStream.of(key)
            .map(
                column ->
                    IntStream.range(0, written.length)
                        .filter(i -> written[i] == column)
                        .findFirst()
                        .orElseThrow(() -> generatedKey(target)))
            .toArray();
    Set<String> keyNames = keyNames();
    boolean arbiter = target.uniqueIndexes().stream().anyMatch(index -> index.isOn(keyNames));
    this.rewrites =
        target.uniqueIndexes().stream().anyMatch(index -> !index.isOn(keyNames))
            || columns.stream().anyMatch(c -> c.alwaysIdentity() && !keyNames.contains(c.name()))
            || !keyNames.containsAll(target.distribution());
    this.insertsDirectly = arbiter && !rewrites;
    this.upserts = insertsDirectly && server.insertOnConflict();
  }

  /** The key's columns in the target. */
  private Set<String> keyNames() {
    Set<String> names = new HashSet<>(names(keyInWritten));
    if (constant != null) {
      names.add(constant.column().name());
    }
    return names;
  }

  private static int[] match(
      Relation relation, TableRoute route, TargetTable target, List<TargetTable.Column> columns) {
    List<Integer> written = new ArrayList<>();
    for (int i = 0; i < relation.columns().size(); i++) {
      Optional<String> name = route.column(relation.columns().get(i).name());
      if (name.isEmpty()) {
        continue;
      }
      TargetTable.Column column = column(target, name.get());
      if (!column.generated()) {
        written.add(i);
        columns.add(column);
      }
    }
    return written.stream().mapToInt(Integer::intValue).toArray();
  }

  private static TargetTable.Column column(TargetTable target, String name) {
    return target.columns().stream()
        .filter(candidate -> candidate.name().equals(name))
        .findFirst()
        .orElseThrow(() -> missing(target, name));
  }

  private static MigrationException missing(TargetTable target, String column) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot write table \""
            + target.name()
            + "\": the destination has no column \""
            + column
            + "\"",
        "Add the column to the destination table.");
  }

  private static MigrationException generatedKey(TargetTable target) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot write table \""
            + target.name()
            + "\": a column of the source's key is computed by the destination",
        "Make it an ordinary column in the destination.");
  }

  Relation relation() {
    return relation;
  }

  TargetTable target() {
    return target;
  }

  /**
   * The numbers of the relation's columns that are written, in the order of the row stage's
   * columns.
   */
  int[] written() {
    return written;
  }

  /** The numbers of the relation's columns that identify a row. */
  int[] key() {
    return key;
  }

  /** Whether INSERT ... ON CONFLICT replaces rows; if not, they are deleted first. */
  boolean upserts() {
    return upserts;
  }

  /**
   * Whether a row that is new may go straight into the target: its key alone can be in the way, at
   * once.
   */
  boolean insertsDirectly() {
    return insertsDirectly;
  }

  /** Whether a row must be deleted and inserted rather than updated. */
  boolean rewrites() {
    return rewrites;
  }

  /** Whether the table for parts would not be wider than a table may be. */
  boolean stagesParts() {
    return columns.size() + key.length + 2 <= MAX_COLUMNS;
  }

  /** Whether rows of text would surely fit and mean the same. */
  boolean mayShareStage() {
    return width() <= SharedStages.MAX_WIDTH
        && columns.stream().allMatch(TargetTable.Column::plainText);
  }

  /** How many columns a shared stage needs for a part: the values and the key's. */
  int width() {
    return columns.size() + key.length;
  }

  /** The written columns, in the order of {@link #written}. */
  List<TargetTable.Column> columns() {
    return columns;
  }

  /** Where the key's columns are among the written ones. */
  int[] keyInWritten() {
    return keyInWritten;
  }

  /** The target table for COPY of rows that end with {@link #constantText}, if there is one. */
  String copyTarget() {
    return Sql.quote(target.name()) + " (" + columnList() + ")";
  }

  /** The value that follows the written columns' in every row; null if there is none. */
  @Nullable String constantText() {
    return constant == null ? null : constant.value();
  }

  String deleteKeys(Staging.Staged keys) {
    return "DELETE FROM " + from() + using(keys) + " AND " + byKey(keys, 0);
  }

  String deleteRows(Staging.Staged rows) {
    return "DELETE FROM " + from() + using(rows) + " AND " + byKeyAmong(rows);
  }

  /**
   * Deletes rows of other keys that stand in the way of the staged ones: rows of a later time,
   * which later changes bring back. One statement per unique index that is made of written columns
   * alone.
   */
  List<String> deleteRivals(Staging.Staged rows) {
    Set<String> keyNames = keyNames();
    return target.uniqueIndexes().stream()
        .filter(index -> index.plain() && !index.isOn(keyNames))
        .map(index -> index.columns().stream().map(this::position).toList())
        .filter(positions -> !positions.contains(-1))
        .map(
            positions ->
                "DELETE FROM "
                    + from()
                    + using(rows)
                    + positions.stream()
                        .map(i -> " AND " + rival(i, rows))
                        .collect(Collectors.joining()))
        .toList();
  }

  String insertRows(Staging.Staged rows) {
    boolean always = columns.stream().anyMatch(TargetTable.Column::alwaysIdentity);
    String insert =
        "INSERT INTO "
            + copyTarget()
            + (always ? " OVERRIDING SYSTEM VALUE" : "")
            + " SELECT "
            + String.join(", ", rows.columns())
            + (constant == null ? "" : ", " + constant.literal())
            + " FROM "
            + rows.from()
            + " WHERE "
            + rows.where();
    return upserts ? insert + onConflict() : insert;
  }

  private String onConflict() {
    String set =
        settable()
            .mapToObj(i -> quoted(i) + " = excluded." + quoted(i))
            .collect(Collectors.joining(", "));
    return " ON CONFLICT ("
        + IntStream.of(keyInWritten).mapToObj(this::quoted).collect(Collectors.joining(", "))
        + (constant == null ? "" : ", " + Sql.quote(constant.column().name()))
        + ") DO "
        + (set.isEmpty() ? "NOTHING" : "UPDATE SET " + set);
  }

  /** Whether an update of the columns that are not in {@code unknown} would set anything. */
  boolean sets(BitSet unknown) {
    return settable().anyMatch(i -> !unknown.get(written[i]));
  }

  /** Updates the known columns of the rows of a group in place. */
  String updateParts(Staging.Staged parts, int group, BitSet unknown) {
    return "UPDATE "
        + from()
        + " SET "
        + settable()
            .filter(i -> !unknown.get(written[i]))
            .mapToObj(i -> quoted(i) + " = " + parts.columns().get(i))
            .collect(Collectors.joining(", "))
        + " FROM "
        + parts.from()
        + " WHERE "
        + parts.where()
        + " AND s.g = "
        + group
        + " AND "
        + byKey(parts, columns.size());
  }

  /**
   * What follows {@link Staging#insertRows} to make the rows of a group whole, the unknown columns
   * taken from the target.
   */
  String completeParts(Staging staging, int group, BitSet unknown) {
    Staging.Staged parts = staging.parts();
    return IntStream.range(0, columns.size())
            .mapToObj(i -> unknown.get(written[i]) ? staging.carried("t." + quoted(i)) : "s.c" + i)
            .collect(Collectors.joining(", "))
        + " FROM "
        + parts.from()
        + " JOIN "
        + from()
        + " ON "
        + byKey(parts, columns.size())
        + " WHERE "
        + parts.where()
        + " AND s.g = "
        + group;
  }

  /** The numbers of the staged parts whose row the target has not got. */
  String missingParts(Staging.Staged parts) {
    return "SELECT s.n FROM "
        + parts.from()
        + " WHERE "
        + parts.where()
        + " AND NOT EXISTS (SELECT 1 FROM "
        + from()
        + " WHERE "
        + byKey(parts, columns.size())
        + ")";
  }

  /**
   * Deletes one physical row per staged row whose columns all have the same text. Record output
   * covers types that have no equality (json, xml, point), and NULL is like NULL.
   */
  String deleteImages(Staging.Staged rows, boolean distributed) {
    String image =
        "ROW("
            + columns.stream().map(c -> Sql.quote(c.name())).collect(Collectors.joining(", "))
            + ")::text";
    String staged =
        "SELECT ROW("
            + String.join(", ", rows.columns())
            + ")::text AS image FROM "
            + rows.from()
            + " WHERE "
            + rows.where();
    String address = distributed ? "tableoid, gp_segment_id, ctid" : "tableoid, ctid";
    String same =
        "t.tableoid = v.tableoid AND t.ctid = v.ctid"
            + (distributed ? " AND t.gp_segment_id = v.gp_segment_id" : "");
    return "DELETE FROM "
        + from()
        + " USING (SELECT f.* FROM (SELECT "
        + address
        + ", "
        + image
        + " AS image, row_number() OVER (PARTITION BY "
        + image
        + ") AS n FROM "
        + table()
        + " WHERE "
        + (constant == null
            ? ""
            : Sql.quote(constant.column().name())
                + " "
                + constant.column().equality()
                + " "
                + constant.literal()
                + " AND ")
        + image
        + " IN ("
        + staged
        + ")) AS f JOIN (SELECT image, count(*) AS n FROM ("
        + staged
        + ") AS r GROUP BY image) AS s ON s.image = f.image AND f.n <= s.n) AS v WHERE "
        + same;
  }

  /** What TRUNCATE names. */
  static String truncated(TargetTable target) {
    return (target.hasChildren() ? "ONLY " : "") + Sql.quote(target.name());
  }

  /** Deletes the rows of one of the source tables that meet in the target. */
  static String deleteAll(TargetTable target, TableRoute.ConstantColumn constant) {
    return "DELETE FROM "
        + truncated(target)
        + " WHERE "
        + Sql.quote(constant.name())
        + " = "
        + Constant.literal(constant);
  }

  private String table() {
    return truncated(target);
  }

  private String from() {
    return table() + " AS t";
  }

  private static String using(Staging.Staged staged) {
    return " USING " + staged.from() + " WHERE " + staged.where();
  }

  private IntStream settable() {
    return IntStream.range(0, columns.size())
        .filter(i -> IntStream.of(keyInWritten).noneMatch(key -> key == i))
        .filter(i -> !columns.get(i).alwaysIdentity());
  }

  /** Where the column is among the written ones and the constant one after them, -1 if nowhere. */
  private int position(String name) {
    if (constant != null && constant.column().name().equals(name)) {
      return columns.size();
    }
    return IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).name().equals(name))
        .findFirst()
        .orElse(-1);
  }

  /** The key's values are staged one after the other from column {@code first} on. */
  private String byKey(Staging.Staged staged, int first) {
    return IntStream.range(0, keyInWritten.length)
            .mapToObj(i -> equal(keyInWritten[i], staged.columns().get(first + i)))
            .collect(Collectors.joining(" AND "))
        + andConstant();
  }

  /** The key's values are staged where they are in the row. */
  private String byKeyAmong(Staging.Staged staged) {
    return IntStream.of(keyInWritten)
            .mapToObj(i -> equal(i, staged.columns().get(i)))
            .collect(Collectors.joining(" AND "))
        + andConstant();
  }

  private String andConstant() {
    return constant == null ? "" : " AND " + equalConstant(constant);
  }

  private static String equalConstant(Constant constant) {
    return "t."
        + Sql.quote(constant.column().name())
        + " "
        + constant.column().equality()
        + " "
        + constant.literal();
  }

  private String rival(int position, Staging.Staged rows) {
    return constant != null && position == columns.size()
        ? equalConstant(constant)
        : equal(position, rows.columns().get(position));
  }

  private String equal(int column, String other) {
    return "t." + quoted(column) + " " + columns.get(column).equality() + " " + other;
  }

  private String quoted(int column) {
    return Sql.quote(columns.get(column).name());
  }

  private String columnList() {
    List<String> names = new ArrayList<>(columns.stream().map(TargetTable.Column::name).toList());
    if (constant != null) {
      names.add(constant.column().name());
    }
    return Sql.quoteAll(names);
  }

  private List<String> names(int[] positions) {
    return IntStream.of(positions).mapToObj(i -> columns.get(i).name()).toList();
  }
}
