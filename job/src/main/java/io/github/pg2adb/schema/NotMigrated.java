package io.github.pg2adb.schema;

import java.sql.SQLException;
import java.util.List;

/**
 * Something of a table that no destination gets.
 *
 * @param kind the catalog's word for it, such as {@code trigger}
 * @param object what it is, for the report
 */
record NotMigrated(String kind, String object) {

  private static final String ALL =
      """
      WITH objects AS (SELECT oid FROM unnest(?::oid[]) AS selected(oid))
      SELECT 'trigger' AS kind, tg.tgname::text AS name, n.nspname, c.relname
        FROM objects AS selected JOIN pg_trigger tg ON tg.tgrelid = selected.oid
        JOIN pg_class c ON c.oid = selected.oid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE NOT tg.tgisinternal
      UNION ALL
      SELECT 'rule', r.rulename::text, n.nspname, c.relname
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE r.ev_class IN (SELECT oid FROM objects) AND r.rulename <> '_RETURN'
      UNION ALL
      SELECT 'policy', p.polname::text, n.nspname, c.relname
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE p.polrelid IN (SELECT oid FROM objects)
      %s
      ORDER BY 1, 3, 4, 2
      """;

  private static final String STATISTICS =
      """
      UNION ALL
      SELECT 'statistics', s.stxname::text, n.nspname, c.relname
        FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE s.stxrelid IN (SELECT oid FROM objects)
      """;

  private static final String PARTITION_INDEXES =
      """
      WITH RECURSIVE tree(oid) AS (
        SELECT i.inhrelid FROM unnest(?::oid[]) AS selected(oid)
          JOIN pg_class c ON c.oid = selected.oid AND c.relkind = 'p'
          JOIN pg_inherits i ON i.inhparent = c.oid
        UNION ALL
        SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
      )
      SELECT x.relname::text AS name, n.nspname, c.relname
        FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_index i ON i.indrelid = tree.oid JOIN pg_class x ON x.oid = i.indexrelid
       WHERE NOT EXISTS (SELECT FROM pg_inherits p WHERE p.inhrelid = i.indexrelid)
       ORDER BY 2, 3, 1
      """;

  /** Why, as a sentence. */
  String reason() {
    return switch (kind) {
      case "trigger" ->
          "What it does arrives as changes of their own, and Greenplum has no triggers on rows.";
      case "rule" -> "It would rewrite the statements that write the rows.";
      case "policy" -> "It would hide rows from the role that writes them.";
      case "partition index" -> "Only indexes of the partitioned table itself are created.";
      default -> "Planner statistics are made by ANALYZE alone.";
    };
  }

  /** All of them on these tables. */
  static List<NotMigrated> read(CatalogSession session, List<Long> tables) throws SQLException {
    List<NotMigrated> found =
        new java.util.ArrayList<>(
            session.query(
                ALL.formatted(session.since(10, STATISTICS, "")),
                tables,
                row ->
                    new NotMigrated(
                        row.getString("kind"),
                        row.getString("kind")
                            + " "
                            + row.getString("name")
                            + " of "
                            + row.getString("nspname")
                            + "."
                            + row.getString("relname"))));
    if (session.major() >= 10) {
      found.addAll(
          session.query(
              PARTITION_INDEXES,
              tables,
              row ->
                  new NotMigrated(
                      "partition index",
                      "index "
                          + row.getString("name")
                          + " of partition "
                          + row.getString("nspname")
                          + "."
                          + row.getString("relname"))));
    }
    return found;
  }
}
