package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether the destination does something else with a row than keeping it. */
final class SinkTriggers implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SINK_TRIGGER);
  }

  private static final String ACTING =
      """
      SELECT n.nspname, c.relname, t.tgname AS name, 'TRIGGER' AS kind
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE t.tgrelid = ANY (?) AND NOT t.tgisinternal AND t.tgenabled::text = ANY (?)
      UNION ALL
      SELECT n.nspname, c.relname, r.rulename, 'RULE'
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE r.ev_class = ANY (?) AND r.rulename <> '_RETURN' AND r.ev_enabled::text = ANY (?)
       ORDER BY 1, 2, 3
      """;

  /** Something that acts on rows: kind is the SQL word for it. */
  record Reaction(TableName table, String name, String kind) {}

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    Long[] oids =
        inspection.sinkTables().values().stream().map(SinkTable::oid).toArray(Long[]::new);
    // A: always, R: in sessions that replicate, O: in all others
    String[] acting =
        inspection.maySilenceTriggers() ? new String[] {"A", "R"} : new String[] {"A", "O"};
    List<Reaction> reactions =
        Query.all(
            inspection.sink(),
            ACTING,
            row ->
                new Reaction(
                    new TableName(row.getString(1), row.getString(2)),
                    row.getString(3),
                    row.getString(4)),
            oids,
            acting,
            oids,
            acting);
    return assess(reactions);
  }

  static List<Finding> assess(List<Reaction> reactions) {
    return reactions.isEmpty()
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.SINK_TRIGGER,
                reactions.stream()
                    .map(
                        reaction ->
                            reaction.table()
                                + " ("
                                + reaction.kind().toLowerCase(Locale.ROOT)
                                + " "
                                + reaction.name()
                                + ")")
                    .toList(),
                "These act on every row that is written.",
                Mend.onSink(
                    reactions.stream()
                        .map(
                            reaction ->
                                "ALTER TABLE "
                                    + Sql.quote(reaction.table())
                                    + " DISABLE "
                                    + reaction.kind()
                                    + " "
                                    + Sql.quote(reaction.name()))
                        .toList())));
  }
}
