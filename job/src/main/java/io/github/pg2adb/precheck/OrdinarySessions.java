package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether programs that use both databases see the same values written alike. The task's own
 * sessions have settings of their own.
 */
final class OrdinarySessions implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SESSION_DEFAULTS, PrecheckCode.MONEY_FORMAT);
  }

  private static final String MONETARY = "lc_monetary";
  private static final String TIME_ZONE = "TimeZone";

  /** What decides how a value is written, read or sorted by an ordinary session. */
  static final String[] NAMES = {
    TIME_ZONE,
    "DateStyle",
    "IntervalStyle",
    "bytea_output",
    "default_text_search_config",
    "lc_numeric",
    "lc_time"
  };

  /**
   * What the database, or else every database, sets; or else what the session has, unless that
   * comes from the driver or from the role that the task logs in as, which others do not have.
   */
  private static final String SETTINGS =
      """
      SELECT s.name, COALESCE(
               (SELECT substr(c.setting, strpos(c.setting, '=') + 1)
                  FROM pg_db_role_setting r CROSS JOIN LATERAL unnest(r.setconfig) AS c(setting)
                 WHERE r.setrole = 0 AND lower(split_part(c.setting, '=', 1)) = lower(s.name)
                   AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                 ORDER BY r.setdatabase DESC LIMIT 1),
               CASE WHEN s.source NOT IN ('client', 'user', 'database user', 'session') THEN s.setting END) AS setting
        FROM pg_settings s WHERE s.name = ANY (?)
      """;

  /** The view came with 9.5. */
  private static final String MAY_SEE_FILES =
      """
      SELECT COALESCE(has_table_privilege(to_regclass('pg_catalog.pg_file_settings'), 'SELECT')
               AND (SELECT has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p
                     WHERE p.proname = 'pg_show_all_file_settings'), false)
      """;

  /** As the files spell the names; the last line for one is the one that counts. */
  private static final String FILES =
      """
      SELECT s.name, f.setting FROM pg_file_settings f JOIN pg_settings s ON lower(s.name) = lower(f.name)
       WHERE s.name = ANY (?) AND f.error IS NULL ORDER BY f.seqno
      """;

  private static final String MONEY =
      "SELECT current_setting('lc_monetary'), CAST(1 AS money)::text,"
          + " CAST(CAST(-1234567.89 AS numeric) AS money)::text";

  /** Made of a column, so that the segments make it and not the coordinator beforehand. */
  private static final String MONEY_OF_SEGMENTS =
      "SELECT DISTINCT CAST(CAST(gp_segment_id * 0 - 1234567.89 AS numeric) AS money)::text"
          + " FROM gp_dist_random('gp_id')";

  /**
   * How ordinary sessions of a database write values.
   *
   * @param settings the settings by name, without those that cannot be seen
   * @param money how they write money
   */
  record Habits(Map<String, String> settings, Money money) {

    private static Habits ask(Endpoint endpoint) throws SQLException {
      Map<String, String> settings = new TreeMap<>();
      try (Connection connection = PlainSession.open(endpoint)) {
        if (Query.one(connection, MAY_SEE_FILES, row -> row.getBoolean(1))) {
          Query.all(
              connection,
              FILES,
              row -> put(settings, row.getString(1), row.getString(2)),
              (Object) NAMES);
        }
        Query.all(
            connection,
            SETTINGS,
            row -> row.getString(2) != null && put(settings, row.getString(1), row.getString(2)),
            (Object) NAMES);
        Money money =
            Query.one(
                connection,
                MONEY,
                row -> new Money(row.getString(1), row.getString(2), row.getString(3)));
        return new Habits(settings, money);
      }
    }

    private static boolean put(Map<String, String> settings, String name, String value) {
      return settings.put(name, value) == null;
    }
  }

  /**
   * How money is written.
   *
   * @param locale lc_monetary
   * @param one the text of 1
   * @param large the text of -1234567.89
   */
  record Money(String locale, String one, String large) {

    /** How many digits follow the point: money is stored as a number of the smallest unit. */
    private int decimals() {
      return (int) one.chars().filter(Character::isDigit).count() - 1;
    }
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    // says so, with the reason, if there is no session to be had
    inspection.source();
    inspection.sink();
    PrecheckOptions options = inspection.options();
    Habits source = Habits.ask(options.source());
    Habits sink = Habits.ask(options.sink());
    List<Finding> findings = new ArrayList<>();
    assessSettings(source.settings(), sink.settings(), options.sink().database())
        .ifPresent(findings::add);
    try {
      List<String> columns = moneyColumns(inspection.tables());
      if (!columns.isEmpty()) {
        assessMoney(
                source.money(),
                sink.money(),
                columns,
                options.sink().database(),
                inspection.target().distributed())
            .ifPresent(findings::add);
        segments(inspection, columns).ifPresent(findings::add);
      }
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.MONEY_FORMAT, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  /** The pure part: a setting that one end does not show is not compared. */
  static Optional<Finding> assessSettings(
      Map<String, String> source, Map<String, String> sink, String database) {
    List<String> objects = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    Set<String> unseen = new TreeSet<>();
    for (String name : NAMES) {
      String here = source.get(name);
      String there = sink.get(name);
      if (here == null || there == null) {
        unseen.add(name);
      } else if (!isAlike(name, here, there)) {
        objects.add(name + ": source " + here + ", destination " + there);
        statements.add(
            "ALTER DATABASE "
                + Sql.quote(database)
                + " SET "
                + Sql.quote(name)
                + " TO "
                + value(name, here));
      }
    }
    if (!objects.isEmpty()) {
      return Optional.of(
          Finding.of(
              PrecheckCode.SESSION_DEFAULTS,
              objects,
              "Sessions of other programs have these settings, unless they or their role ask for others.",
              Mend.onSink(statements)));
    }
    return unseen.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.skipped(
                PrecheckCode.SESSION_DEFAULTS,
                "the others are alike, and "
                    + String.join(", ", unseen)
                    + " of the servers' configuration files can be seen with: GRANT SELECT ON pg_file_settings, and"
                    + " EXECUTE ON FUNCTION pg_show_all_file_settings()"));
  }

  /** DateStyle is a list, of which each part would become a name of its own in quotes. */
  private static String value(String name, String setting) {
    return name.equals("DateStyle") ? setting : Sql.literal(setting);
  }

  private static boolean isAlike(String name, String source, String sink) {
    if (source.equalsIgnoreCase(sink) || Locales.isAlike(source, sink)) {
      return true;
    }
    if (!name.equals(TIME_ZONE)) {
      return false;
    }
    try {
      return ZoneId.of(source).getRules().equals(ZoneId.of(sink).getRules());
    } catch (DateTimeException e) {
      // a zone that PostgreSQL alone knows
      return false;
    }
  }

  private static List<String> moneyColumns(List<TableSchema> tables) {
    return tables.stream()
        .flatMap(
            table ->
                table.columns().stream()
                    .filter(column -> column.type().startsWith("money"))
                    .map(column -> table.name() + "." + column.name()))
        .toList();
  }

  /**
   * Segments read what is copied, and Greenplum does not pass the session's lc_monetary on to them:
   * they have the database's or their server's.
   */
  private static Optional<Finding> segments(Inspection inspection, List<String> columns)
      throws SQLException, SkippedException {
    if (!inspection.target().distributed()) {
      return Optional.empty();
    }
    Connection sink = inspection.sink();
    Money session =
        Query.one(
            sink, MONEY, row -> new Money(row.getString(1), row.getString(2), row.getString(3)));
    List<String> texts = Query.all(sink, MONEY_OF_SEGMENTS, row -> row.getString(1));
    return assessSegments(session, texts, columns, inspection.options().sink().database());
  }

  static Optional<Finding> assessSegments(
      Money session, List<String> texts, List<String> columns, String database) {
    return texts.stream().allMatch(session.large()::equals)
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.MONEY_FORMAT,
                columns,
                "The task writes "
                    + session.large()
                    + " and segments, which read it, would write "
                    + String.join(" or ", texts)
                    + ".",
                Mend.onSink(
                    "ALTER DATABASE " + Sql.quote(database) + " SET " + MONETARY + " TO 'C'")));
  }

  /** The pure part for what others will see: the stored values are the same. */
  static Optional<Finding> assessMoney(
      Money source, Money sink, List<String> columns, String database, boolean isDistributed) {
    if (source.large().equals(sink.large()) && source.one().equals(sink.one())) {
      return Optional.empty();
    }
    String alter =
        "ALTER DATABASE "
            + Sql.quote(database)
            + " SET "
            + MONETARY
            + " TO "
            + Sql.literal(source.locale());
    String why =
        "The source writes "
            + source.large()
            + " ("
            + source.locale()
            + ") where the destination writes "
            + sink.large()
            + " ("
            + sink.locale()
            + ")"
            + (source.decimals() == sink.decimals()
                ? ": the same amount."
                : ": with "
                    + source.decimals()
                    + " and "
                    + sink.decimals()
                    + " decimals, so that a stored amount is read as another one.");
    if (isDistributed) {
      // while rows are copied the segments need the task's own locale
      return Optional.of(
          Finding.warning(
              PrecheckCode.MONEY_FORMAT,
              columns,
              why,
              Mend.byHand("When the task is over, on the destination: " + alter + ";")));
    }
    return Optional.of(
        source.decimals() == sink.decimals()
            ? Finding.warning(PrecheckCode.MONEY_FORMAT, columns, why, Mend.onSink(alter))
            : Finding.of(PrecheckCode.MONEY_FORMAT, columns, why, Mend.onSink(alter)));
  }
}
