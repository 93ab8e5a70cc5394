package io.github.pg2adb.schema;

import io.github.pg2adb.model.SourceSchema.Extension;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which objects of the source need which others, as far as both were made by users or extensions.
 *
 * <p>What a view's rule needs counts as the view's need, what a table's defaults need as that of
 * {@link CatalogRef#defaultsOf}, what a domain's check needs as the domain's, and the row type of a
 * relation as the relation.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-depend.html">pg_depend</a>
 */
final class Dependencies {

  /** Oids below are the server's own. */
  private static final int FIRST_USER_OID = 16384;

  private static final String EDGES =
      """
      SELECT DISTINCT
             CASE WHEN r.oid IS NOT NULL THEN 'pg_class' WHEN k.contypid <> 0 THEN 'pg_type'
                  ELSE dc.relname END AS class,
             COALESCE(r.ev_class, NULLIF(k.contypid, 0), ad.adrelid, d.objid)::int8 AS object,
             CASE WHEN row_type.oid IS NOT NULL THEN 'pg_class' ELSE rc.relname END AS needed_class,
             COALESCE(row_type.typrelid, d.refobjid)::int8 AS needed
        FROM pg_depend d
        JOIN pg_class dc ON dc.oid = d.classid
        JOIN pg_class rc ON rc.oid = d.refclassid
        LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
        LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
        LEFT JOIN pg_attrdef ad ON d.classid = 'pg_attrdef'::regclass AND ad.oid = d.objid
        LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
        LEFT JOIN pg_type row_type
          ON row_type.oid IN (t.oid, CASE WHEN t.typlen = -1 THEN t.typelem END) AND row_type.typrelid <> 0
       WHERE d.objid >= %1$d AND d.refobjid >= %1$d AND d.deptype IN ('n', 'a')
         AND d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_proc'::regclass,
                           'pg_class'::regclass, 'pg_type'::regclass, 'pg_rewrite'::regclass)
         AND (d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
              OR d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)
                 AND d.refclassid IN ('pg_class'::regclass, 'pg_type'::regclass))
      """
          .formatted(FIRST_USER_OID);

  private static final String MEMBERS =
      """
      SELECT c.relname AS class, d.objid::int8 AS object, e.extname, n.nspname
        FROM pg_depend d JOIN pg_class c ON c.oid = d.classid
        JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_namespace n ON n.oid = e.extnamespace
       WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
         AND e.extname <> 'plpgsql'
      """;

  private final Map<CatalogRef, Set<CatalogRef>> needs = new HashMap<>();
  private final Map<CatalogRef, Extension> owners = new HashMap<>();

  static Dependencies read(CatalogSession session) throws SQLException {
    Dependencies dependencies = new Dependencies();
    session.query(
        EDGES,
        Set.of(),
        row -> {
          dependencies.add(
              new CatalogRef(row.getString("class"), row.getLong("object")),
              new CatalogRef(row.getString("needed_class"), row.getLong("needed")));
          return true;
        });
    session.query(
        MEMBERS,
        Set.of(),
        row ->
            dependencies.owners.put(
                new CatalogRef(row.getString("class"), row.getLong("object")),
                new Extension(row.getString("extname"), row.getString("nspname"), List.of())));
    return dependencies;
  }

  void add(CatalogRef object, CatalogRef needed) {
    if (!object.equals(needed)) {
      needs.computeIfAbsent(object, key -> new LinkedHashSet<>()).add(needed);
    }
  }

  /** What the object directly needs. */
  Set<CatalogRef> of(CatalogRef object) {
    return needs.getOrDefault(object, Set.of());
  }

  /** Everything that one of the objects needs, directly or through others; without themselves. */
  Set<CatalogRef> closure(Collection<CatalogRef> objects) {
    Set<CatalogRef> reached = new LinkedHashSet<>();
    Deque<CatalogRef> open = new ArrayDeque<>(objects);
    while (!open.isEmpty()) {
      for (CatalogRef needed : of(open.remove())) {
        if (reached.add(needed)) {
          open.add(needed);
        }
      }
    }
    return reached;
  }

  /** What needs a domain's checks or default. */
  Set<CatalogRef> neededByDomains() {
    return closure(
        needs.keySet().stream()
            .filter(ref -> ref.catalog().equals("pg_type") && owner(ref).isEmpty())
            .collect(Collectors.toSet()));
  }

  /** The extension that owns the object. */
  Optional<Extension> owner(CatalogRef object) {
    return Optional.ofNullable(owners.get(object));
  }

  /** The extensions that own one of the objects, by name. */
  List<Extension> extensions(Collection<CatalogRef> objects) {
    TreeMap<String, Extension> byName = new TreeMap<>();
    for (CatalogRef object : objects) {
      owner(object).ifPresent(extension -> byName.put(extension.name(), extension));
    }
    return List.copyOf(byName.values());
  }

  /** The objects, each after those of them that it needs, otherwise in their order. */
  <T> List<T> sort(List<T> objects, java.util.function.Function<T, CatalogRef> refOf) {
    Map<CatalogRef, T> byRef = new HashMap<>();
    objects.forEach(object -> byRef.put(refOf.apply(object), object));
    Set<CatalogRef> done = new LinkedHashSet<>();
    objects.forEach(object -> visit(refOf.apply(object), done, new LinkedHashSet<>()));
    List<T> sorted = new ArrayList<>();
    for (CatalogRef ref : done) {
      T object = byRef.get(ref);
      if (object != null) {
        sorted.add(object);
      }
    }
    return sorted;
  }

  /** Views and functions may need each other in a circle, which is cut where it closes. */
  private void visit(CatalogRef ref, Set<CatalogRef> done, Set<CatalogRef> path) {
    if (done.contains(ref) || !path.add(ref)) {
      return;
    }
    of(ref).forEach(needed -> visit(needed, done, path));
    done.add(ref);
  }
}
