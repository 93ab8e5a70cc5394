package io.github.pg2adb.postgres;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a destination server is: the one place that looks at names and versions.
 *
 * <p>AnalyticDB answers {@code SHOW adbpg_version}; Greenplum and its relatives name themselves in
 * {@code version()}, as in {@code PostgreSQL 12.12 (Greenplum Database 7.0.0 build ...)}.
 */
public final class TargetProbe {

  private static final Pattern POSTGRES = Pattern.compile("PostgreSQL (\\d+)");
  private static final Pattern GREENPLUM = Pattern.compile("Greenplum Database (\\d\\S*)");
  private static final Pattern CLOUDBERRY = Pattern.compile("Cloudberry Database (\\d\\S*)");

  private TargetProbe() {}

  /** Asks the server, with a session of its own. */
  public static Target ask(Endpoint endpoint) {
    try (Connection connection = Sessions.open(endpoint, "pg2adb")) {
      return ask(connection);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot find out what " + endpoint + " is", "", e);
    }
  }

  /** Asks the server. Leaves the session as it is. */
  public static Target ask(Connection connection) throws SQLException {
    String version = single(connection, "SELECT pg_catalog.version()");
    String adbVersion =
        single(
            connection,
            "SELECT pg_catalog.current_setting(name) FROM pg_catalog.pg_settings WHERE name = 'adbpg_version'");
    boolean distributed =
        single(
                connection,
                "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'gp_distribution_policy' AND relnamespace = 11")
            != null;
    return classify(version == null ? "" : version, adbVersion, distributed);
  }

  /** The pure part of {@link #ask}. */
  static Target classify(String version, @Nullable String adbVersion, boolean distributed) {
    Matcher postgres = POSTGRES.matcher(version);
    int major = postgres.find() ? Integer.parseInt(postgres.group(1)) : 0;
    Matcher greenplum = GREENPLUM.matcher(version);
    Matcher cloudberry = CLOUDBERRY.matcher(version);
    Target.Kind kind;
    String productVersion;
    if (adbVersion != null) {
      kind = Target.Kind.ANALYTICDB;
      productVersion = adbVersion;
    } else if (cloudberry.find()) {
      kind = Target.Kind.CLOUDBERRY;
      productVersion = cloudberry.group(1);
    } else if (distributed) {
      kind = Target.Kind.GREENPLUM;
      productVersion = greenplum.find() ? greenplum.group(1) : version;
    } else {
      kind = Target.Kind.POSTGRESQL;
      productVersion = version;
    }
    // AnalyticDB 6 has ON CONFLICT on its 9.4 base, Greenplum 6 has not
    boolean insertOnConflict = major >= 10 || kind == Target.Kind.ANALYTICDB;
    return new Target(
        kind, productVersion, major, distributed, insertOnConflict, major >= 10, major >= 12);
  }

  private static @Nullable String single(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      return result.next() ? result.getString(1) : null;
    }
  }
}
