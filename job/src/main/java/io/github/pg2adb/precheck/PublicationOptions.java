package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Whether publications that are there leave nothing out. */
final class PublicationOptions implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.PUBLICATION_OPTIONS);
  }

  private static final int PARTITION_ROOTS = 13;
  private static final int TRUNCATE = 11;

  private static final String PUBLICATIONS =
      """
      SELECT p.pubname, p.pubinsert, p.pubupdate AND p.pubdelete AS changes,
             COALESCE((to_jsonb(p) ->> 'pubtruncate')::boolean, true) AS truncates,
             COALESCE((to_jsonb(p) ->> 'pubviaroot')::boolean, true) AS via_root,
             ARRAY(SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                     FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
                     JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE r.prpubid = p.oid
                      AND (to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL)
                    ORDER BY 1) AS cut
        FROM pg_publication p WHERE p.pubname IN (?, ?) ORDER BY 1
      """;

  /**
   * A publication.
   *
   * @param cut the tables, qualified and quoted, of which it publishes some rows or columns alone
   */
  record Publication(
      String name,
      boolean inserts,
      boolean changes,
      boolean truncates,
      boolean viaRoot,
      List<String> cut) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    TaskNames names = inspection.names();
    List<Publication> publications =
        Query.all(
            inspection.source(),
            PUBLICATIONS,
            row ->
                new Publication(
                    row.getString("pubname"),
                    row.getBoolean("pubinsert"),
                    row.getBoolean("changes"),
                    row.getBoolean("truncates"),
                    row.getBoolean("via_root"),
                    Query.strings(row, "cut")),
            names.publication(),
            names.insertPublication());
    int major = inspection.sourceServer().major();
    return publications.stream()
        .flatMap(
            publication ->
                assess(publication, publication.name().equals(names.publication()), major).stream())
        .toList();
  }

  /**
   * The pure part.
   *
   * @param isWhole whether it is the one that publishes updates and deletes
   */
  static List<Finding> assess(Publication publication, boolean isWhole, int major) {
    List<Finding> findings = new ArrayList<>();
    String name = Sql.quote(publication.name());
    if (!publication.inserts()
        || (isWhole && !publication.changes())
        || !publication.truncates()
        || !publication.viaRoot()) {
      String operations =
          (isWhole ? "insert, update, delete" : "insert") + (major >= TRUNCATE ? ", truncate" : "");
      findings.add(
          Finding.of(
              PrecheckCode.PUBLICATION_OPTIONS,
              List.of("publication " + publication.name()),
              "The publication is there and leaves out operations, or publishes partitions by themselves.",
              Mend.onSource(
                  "ALTER PUBLICATION "
                      + name
                      + " SET (publish = "
                      + Sql.literal(operations)
                      + (major >= PARTITION_ROOTS ? ", publish_via_partition_root = true" : "")
                      + ")")));
    }
    if (!publication.cut().isEmpty()) {
      findings.add(
          Finding.of(
              PrecheckCode.PUBLICATION_OPTIONS,
              publication.cut(),
              "Publication "
                  + publication.name()
                  + " publishes some rows or columns of these tables alone.",
              Mend.onSource(
                  "ALTER PUBLICATION "
                      + name
                      + " DROP TABLE "
                      + String.join(", ", publication.cut()))));
    }
    return findings;
  }
}
