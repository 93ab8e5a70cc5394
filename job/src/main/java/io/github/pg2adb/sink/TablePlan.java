package io.github.pg2adb.sink;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
  private final boolean rewrites;
  private final Stage rows;
  private final Stage keys;
  private final Stage parts;

  /**
   * @param key the numbers of the relation's columns that identify a row; none if only the whole
   *     row does
   * @param number makes the names of this plan's stages unique in the session
   */
  TablePlan(Target server, Relation relation, TargetTable target, int[] key, long number) {
    this.relation = relation;
    this.target = target;
    this.written = match(relation, target, columns);
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
    Set<String> keyNames = new HashSet<>(names(keyInWritten));
    boolean arbiter = target.uniqueIndexes().stream().anyMatch(index -> index.isOn(keyNames));
    this.rewrites =
        target.uniqueIndexes().stream().anyMatch(index -> !index.isOn(keyNames))
            || columns.stream().anyMatch(c -> c.alwaysIdentity() && !keyNames.contains(c.name()))
            || !keyNames.containsAll(target.distribution());
    this.upserts = arbiter && !rewrites && server.insertOnConflict();
    String rowDistribution = distribution(server, "c", keyNames, i -> i);
    String keyDistribution = distribution(server, "k", keyNames, this::inKey);
    this.rows = new Stage("pg2adb_r" + number, all("", "c"), defined("c"), rowDistribution);
    this.keys = new Stage("pg2adb_k" + number, keyList("k"), keysDefined("k"), keyDistribution);
    this.parts =
        new Stage(
            "pg2adb_p" + number,
            "n, g, " + keyList("k") + ", " + all("", "c"),
            "n integer, g integer, " + keysDefined("k") + ", " + defined("c"),
            keyDistribution);
  }

  private static int[] match(
      Relation relation, TargetTable target, List<TargetTable.Column> columns) {
    List<Integer> written = new ArrayList<>();
    for (int i = 0; i < relation.columns().size(); i++) {
      String name = relation.columns().get(i).name();
      TargetTable.Column column =
          target.columns().stream()
              .filter(candidate -> candidate.name().equals(name))
              .findFirst()
              .orElseThrow(() -> missing(target, name));
      if (!column.generated()) {
        written.add(i);
        columns.add(column);
      }
    }
    return written.stream().mapToInt(Integer::intValue).toArray();
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

  /** Whether a row must be deleted and inserted rather than updated. */
  boolean rewrites() {
    return rewrites;
  }

  /** Whether the stage for incomplete rows would fit into a table. */
  boolean stagesParts() {
    return columns.size() + key.length + 2 <= MAX_COLUMNS;
  }

  /** Whole rows. */
  Stage rows() {
    return rows;
  }

  /** Keys of rows that shall go. */
  Stage keys() {
    return keys;
  }

  /**
   * Rows with unknown values: number {@code n}, group {@code g}, the key before the batch, the new
   * values.
   */
  Stage parts() {
    return parts;
  }

  List<Stage> stages() {
    return List.of(rows, keys, parts);
  }

  /** The target table for COPY. */
  String copyTarget() {
    return Sql.quote(target.name()) + " (" + columnList() + ")";
  }

  String deleteKeys() {
    return "DELETE FROM " + from() + " USING " + keys.sql() + " AS s WHERE " + join("s.k", i -> i);
  }

  String deleteRows() {
    return "DELETE FROM "
        + from()
        + " USING "
        + rows.sql()
        + " AS s WHERE "
        + join("s.c", i -> keyInWritten[i]);
  }

  /**
   * Deletes rows of other keys that stand in the way of the staged ones: rows of a later time,
   * which later changes bring back. One statement per unique index that is made of written columns
   * alone.
   */
  List<String> deleteRivals() {
    Set<String> keyNames = new HashSet<>(names(keyInWritten));
    return target.uniqueIndexes().stream()
        .filter(index -> index.plain() && !index.isOn(keyNames))
        .map(index -> index.columns().stream().map(this::position).toList())
        .filter(positions -> !positions.contains(-1))
        .map(
            positions ->
                "DELETE FROM "
                    + from()
                    + " USING "
                    + rows.sql()
                    + " AS s WHERE "
                    + positions.stream()
                        .map(i -> equal(i, "s.c" + i))
                        .collect(Collectors.joining(" AND ")))
        .toList();
  }

  String insertRows() {
    boolean always = columns.stream().anyMatch(TargetTable.Column::alwaysIdentity);
    String insert =
        "INSERT INTO "
            + Sql.quote(target.name())
            + " ("
            + columnList()
            + ")"
            + (always ? " OVERRIDING SYSTEM VALUE" : "")
            + " SELECT "
            + all("s.", "c")
            + " FROM "
            + rows.sql()
            + " AS s";
    return upserts ? insert + onConflict() : insert;
  }

  private String onConflict() {
    String set =
        settable()
            .mapToObj(i -> quoted(i) + " = excluded." + quoted(i))
            .collect(Collectors.joining(", "));
    return " ON CONFLICT ("
        + IntStream.of(keyInWritten).mapToObj(this::quoted).collect(Collectors.joining(", "))
        + ") DO "
        + (set.isEmpty() ? "NOTHING" : "UPDATE SET " + set);
  }

  /** Whether an update of the columns that are not in {@code unknown} would set anything. */
  boolean sets(BitSet unknown) {
    return settable().anyMatch(i -> !unknown.get(written[i]));
  }

  /** Updates the known columns of the rows of a group in place. */
  String updateParts(int group, BitSet unknown) {
    return "UPDATE "
        + from()
        + " SET "
        + settable()
            .filter(i -> !unknown.get(written[i]))
            .mapToObj(i -> quoted(i) + " = s.c" + i)
            .collect(Collectors.joining(", "))
        + " FROM "
        + parts.sql()
        + " AS s WHERE s.g = "
        + group
        + " AND "
        + join("s.k", i -> i);
  }

  /**
   * Moves the rows of a group to the stage of whole rows, the unknown columns taken from the
   * target.
   */
  String completeParts(int group, BitSet unknown) {
    return "INSERT INTO "
        + rows.sql()
        + " ("
        + all("", "c")
        + ") SELECT "
        + IntStream.range(0, columns.size())
            .mapToObj(i -> unknown.get(written[i]) ? "t." + quoted(i) : "s.c" + i)
            .collect(Collectors.joining(", "))
        + " FROM "
        + parts.sql()
        + " AS s JOIN "
        + from()
        + " ON "
        + join("s.k", i -> i)
        + " WHERE s.g = "
        + group;
  }

  /** The numbers of the staged parts whose row the target has not got. */
  String missingParts() {
    return "SELECT s.n FROM "
        + parts.sql()
        + " AS s WHERE NOT EXISTS (SELECT 1 FROM "
        + from()
        + " WHERE "
        + join("s.k", i -> i)
        + ")";
  }

  /**
   * Deletes one physical row per staged row whose columns all have the same text. Record output
   * covers types that have no equality (json, xml, point), and NULL is like NULL.
   */
  String deleteImages(boolean distributed) {
    String image =
        "ROW("
            + columns.stream().map(c -> Sql.quote(c.name())).collect(Collectors.joining(", "))
            + ")::text";
    String staged = "ROW(" + all("", "c") + ")::text";
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
        + image
        + " IN (SELECT "
        + staged
        + " FROM "
        + rows.sql()
        + ")) AS f JOIN (SELECT image, count(*) AS n FROM (SELECT "
        + staged
        + " AS image FROM "
        + rows.sql()
        + ") AS r GROUP BY image) AS s ON s.image = f.image AND f.n <= s.n) AS v WHERE "
        + same;
  }

  /** What TRUNCATE names. */
  static String truncated(TargetTable target) {
    return (target.hasChildren() ? "ONLY " : "") + Sql.quote(target.name());
  }

  private String table() {
    return truncated(target);
  }

  private String from() {
    return table() + " AS t";
  }

  private IntStream settable() {
    return IntStream.range(0, columns.size())
        .filter(i -> inKey(i) < 0)
        .filter(i -> !columns.get(i).alwaysIdentity());
  }

  private int inKey(int written) {
    return IntStream.range(0, keyInWritten.length)
        .filter(i -> keyInWritten[i] == written)
        .findFirst()
        .orElse(-1);
  }

  private int position(String name) {
    return IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).name().equals(name))
        .findFirst()
        .orElse(-1);
  }

  private String join(String prefix, java.util.function.IntUnaryOperator number) {
    return IntStream.range(0, keyInWritten.length)
        .mapToObj(i -> equal(keyInWritten[i], prefix + number.applyAsInt(i)))
        .collect(Collectors.joining(" AND "));
  }

  private String equal(int column, String other) {
    return "t." + quoted(column) + " " + columns.get(column).equality() + " " + other;
  }

  private String quoted(int column) {
    return Sql.quote(columns.get(column).name());
  }

  private String columnList() {
    return Sql.quoteAll(columns.stream().map(TargetTable.Column::name).toList());
  }

  private List<String> names(int[] positions) {
    return IntStream.of(positions).mapToObj(i -> columns.get(i).name()).toList();
  }

  private String all(String prefix, String letter) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> prefix + letter + i)
        .collect(Collectors.joining(", "));
  }

  private String defined(String letter) {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> letter + i + " " + columns.get(i).stageType())
        .collect(Collectors.joining(", "));
  }

  private String keyList(String letter) {
    return IntStream.range(0, key.length)
        .mapToObj(i -> letter + i)
        .collect(Collectors.joining(", "));
  }

  private String keysDefined(String letter) {
    return IntStream.range(0, key.length)
        .mapToObj(i -> letter + i + " " + columns.get(keyInWritten[i]).stageType())
        .collect(Collectors.joining(", "));
  }

  /**
   * Beside the target's rows where the target is distributed by columns of the key, else anywhere.
   */
  private String distribution(
      Target server, String letter, Set<String> keyNames, Function<Integer, Integer> number) {
    if (!server.distributed()) {
      return "";
    }
    if (target.distribution().isEmpty() || !keyNames.containsAll(target.distribution())) {
      return " DISTRIBUTED RANDOMLY";
    }
    return target.distribution().stream()
        .map(name -> letter + number.apply(position(name)))
        .collect(Collectors.joining(", ", " DISTRIBUTED BY (", ")"));
  }
}
