package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutineSchema;
import io.github.pg2adb.model.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the functions, procedures and aggregates that the source's users made. */
final class RoutineQuery {

  private static final String ROUTINES =
      """
      SELECT p.oid::int8 AS oid, n.nspname, p.proname, p.oid::regprocedure::text AS signature, l.lanname,
             %1$s AS kind, format_type(p.prorettype, NULL) IN ('trigger', 'event_trigger') AS trigger,
             CASE WHEN %1$s IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
                  THEN pg_get_functiondef(p.oid) END AS definition,
             a.aggkind, a.aggtransfn::text AS sfunc, format_type(a.aggtranstype, NULL) AS stype,
             a.aggtransspace, CASE WHEN a.aggfinalfn::oid <> 0 THEN a.aggfinalfn::text END AS finalfunc, a.aggfinalextra,
             CASE WHEN a.aggcombinefn::oid <> 0 THEN a.aggcombinefn::text END AS combinefunc,
             CASE WHEN a.aggserialfn::oid <> 0 THEN a.aggserialfn::text END AS serialfunc,
             CASE WHEN a.aggdeserialfn::oid <> 0 THEN a.aggdeserialfn::text END AS deserialfunc,
             a.agginitval, a.aggmtransfn::oid <> 0 AS moving, a.aggsortop::oid <> 0 AS sorted, p.provariadic <> 0 AS variadic
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
        LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
       WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                            AND (d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                                 -- comes with a range type
                                 OR d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'))
       ORDER BY n.nspname, p.proname, p.oid
      """;

  private RoutineQuery() {}

  /**
   * A routine.
   *
   * @param schema what it is; without a definition if there is a reason
   * @param trigger whether a trigger alone can call it
   * @param reason why it cannot be created elsewhere; null if it can
   */
  record Found(RoutineSchema schema, boolean trigger, @Nullable String reason) {

    CatalogRef ref() {
      return CatalogRef.routine(schema.oid());
    }
  }

  static List<Found> read(CatalogSession session) throws SQLException {
    String kind =
        session.since(
            11,
            "p.prokind",
            "CASE WHEN p.proisagg THEN 'a' WHEN p.proiswindow THEN 'w' ELSE 'f' END");
    return session.query(ROUTINES.formatted(kind), Set.of(), RoutineQuery::routine);
  }

  private static Found routine(ResultSet row) throws SQLException {
    RoutineSchema.Kind kind =
        switch (row.getString("kind")) {
          case "a" -> RoutineSchema.Kind.AGGREGATE;
          case "p" -> RoutineSchema.Kind.PROCEDURE;
          default -> RoutineSchema.Kind.FUNCTION;
        };
    @Nullable String definition =
        kind == RoutineSchema.Kind.AGGREGATE ? aggregate(row) : row.getString("definition");
    RoutineSchema schema =
        new RoutineSchema(
            row.getLong("oid"),
            kind,
            new TableName(row.getString("nspname"), row.getString("proname")),
            row.getString("signature"),
            definition == null ? "" : definition);
    return new Found(
        schema,
        row.getBoolean("trigger"),
        definition == null ? reason(kind, row.getString("lanname")) : null);
  }

  private static String reason(RoutineSchema.Kind kind, String language) {
    if (kind == RoutineSchema.Kind.AGGREGATE) {
      return "It is an ordered-set, moving or variadic aggregate, which is not migrated.";
    }
    return language.equals("c") || language.equals("internal")
        ? "It is made in C: its library belongs to the source's server."
        : "It is a window function, which is not migrated.";
  }

  /** CREATE AGGREGATE; null for a form that it does not write. */
  private static @Nullable String aggregate(ResultSet row) throws SQLException {
    if (!row.getString("aggkind").equals("n")
        || row.getBoolean("moving")
        || row.getBoolean("sorted")
        || row.getBoolean("variadic")) {
      return null;
    }
    List<String> options = new ArrayList<>();
    options.add("SFUNC = " + row.getString("sfunc"));
    options.add("STYPE = " + row.getString("stype"));
    if (row.getInt("aggtransspace") != 0) {
      options.add("SSPACE = " + row.getInt("aggtransspace"));
    }
    addIfPresent(options, "FINALFUNC", row.getString("finalfunc"));
    if (row.getBoolean("aggfinalextra")) {
      options.add("FINALFUNC_EXTRA");
    }
    addIfPresent(options, "COMBINEFUNC", row.getString("combinefunc"));
    addIfPresent(options, "SERIALFUNC", row.getString("serialfunc"));
    addIfPresent(options, "DESERIALFUNC", row.getString("deserialfunc"));
    @Nullable String initial = row.getString("agginitval");
    addIfPresent(
        options,
        "INITCOND",
        initial == null ? null : io.github.pg2adb.postgres.Sql.literal(initial));
    String signature = row.getString("signature");
    // regprocedure writes no arguments for an aggregate of rows such as count(*)
    String arguments = signature.endsWith("()") ? signature.replace("()", "(*)") : signature;
    return "CREATE AGGREGATE " + arguments + " (" + String.join(", ", options) + ")";
  }

  private static void addIfPresent(List<String> options, String name, @Nullable String value) {
    if (value != null) {
      options.add(name + " = " + value);
    }
  }
}
