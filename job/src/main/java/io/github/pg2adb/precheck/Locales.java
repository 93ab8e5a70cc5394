package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether both ends hold the same characters and sort them alike. */
final class Locales implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.ENCODING, PrecheckCode.COLLATION);
  }

  private static final String UTF8 = "UTF8";
  private static final String ANY_BYTES = "SQL_ASCII";

  private static final String QUESTION =
      """
      SELECT pg_encoding_to_char(encoding), datcollate, datctype,
             COALESCE(NULLIF(row_to_json(d) ->> 'datlocprovider', 'c'), '')
               || COALESCE(row_to_json(d) ->> 'datlocale', row_to_json(d) ->> 'daticulocale', '')
        FROM pg_database d WHERE datname = current_database()
      """;

  /**
   * How a database treats text.
   *
   * @param encoding the characters that it holds
   * @param collate LC_COLLATE
   * @param ctype LC_CTYPE
   * @param provider what sorts if not the C library: PostgreSQL 15's letter and locale; empty for
   *     the C library
   */
  record TextFacts(String encoding, String collate, String ctype, String provider) {

    private static TextFacts ask(Connection connection) throws SQLException {
      return Query.one(
          connection,
          QUESTION,
          row ->
              new TextFacts(
                  row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
    }

    private String order() {
      return provider.isEmpty() ? collate + ", " + ctype : provider;
    }
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    TextFacts source = TextFacts.ask(inspection.source());
    TextFacts sink = TextFacts.ask(inspection.sink());
    List<Finding> findings = new ArrayList<>();
    assessEncoding(source, sink, inspection.options().sink().database()).ifPresent(findings::add);
    assessOrder(source, sink).ifPresent(findings::add);
    return findings;
  }

  static Optional<Finding> assessEncoding(TextFacts source, TextFacts sink, String database) {
    List<String> objects = List.of("source " + source.encoding(), "destination " + sink.encoding());
    if (source.encoding().equals(ANY_BYTES)) {
      return Optional.of(
          Finding.of(
              PrecheckCode.ENCODING,
              objects,
              "The source's text may be bytes of any encoding, and those that are not UTF-8 cannot be sent as it.",
              Mend.byHand(
                  "Make sure that all text is UTF-8 or ASCII, then name ENCODING in pipeline.ignore.")));
    }
    return sink.encoding().equals(UTF8) || sink.encoding().equals(source.encoding())
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.ENCODING,
                objects,
                "The destination may lack characters that the source has.",
                Mend.byHand(
                    "On the destination: CREATE DATABASE "
                        + Sql.quote(database + "_utf8")
                        + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';",
                    "In the task file: sink.database: " + database + "_utf8")));
  }

  static Optional<Finding> assessOrder(TextFacts source, TextFacts sink) {
    return isAlike(source.order(), sink.order())
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.COLLATION,
                List.of("source " + source.order(), "destination " + sink.order()),
                "Both ends sort text, or know upper and lower case, in different ways.",
                Mend.inTaskFile("pipeline.ignore: [COLLATION]")));
  }

  /** Whether two names are of one locale. */
  static boolean isAlike(String source, String sink) {
    return normal(source).equals(normal(sink));
  }

  /** As operating systems spell one locale in several ways: en_US.UTF-8, en_US.utf8. */
  private static String normal(String locale) {
    return locale.toLowerCase(Locale.ROOT).replace("utf-8", "utf8").replace("posix", "c");
  }
}
