package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PreferQueryMode;

class SessionsITCase {

  private static final String THOUSAND = "SELECT i FROM generate_series(1, 1000) AS i";

  @Test
  void greenplumAloneIsAskedByTheSimpleProtocol() throws Exception {
    try (TestDatabase database = Servers.target().createDatabase();
        Connection session = Sessions.open(database.endpoint(), "pg2adb test")) {
      boolean distributed = Servers.target().product().distributed();
      assertThat(session.unwrap(PGConnection.class).getPreferQueryMode())
          .isEqualTo(distributed ? PreferQueryMode.SIMPLE : PreferQueryMode.EXTENDED);
      assertThat(cursorsWhileReading(session)).isEqualTo(distributed ? 0 : 1);
    }
  }

  @Test
  void rowsComeInPartsWhereSomebodyNeedsIt() throws Exception {
    try (TestDatabase database = Servers.target().createDatabase();
        Connection session = Sessions.open(database.endpoint(), "pg2adb test")) {
      askSimply(session);
      try (Sessions.FetchInParts inParts = Sessions.fetchInParts(session)) {
        assertThat(cursorsWhileReading(session, statement -> inParts.limit(statement, 10)))
            .isEqualTo(1);
      }
      assertThat(session.unwrap(PGConnection.class).getPreferQueryMode())
          .isEqualTo(PreferQueryMode.SIMPLE);
    }
  }

  @Test
  void aResultThatWasBegunInPartsOutlastsThat() throws Exception {
    try (TestDatabase database = Servers.target().createDatabase();
        Connection session = Sessions.open(database.endpoint(), "pg2adb test");
        Statement parts = session.createStatement();
        Statement other = session.createStatement()) {
      askSimply(session);
      session.setAutoCommit(false);
      ResultSet rows;
      try (Sessions.FetchInParts inParts = Sessions.fetchInParts(session)) {
        inParts.limit(parts, 10);
        rows = parts.executeQuery(THOUSAND);
      }
      for (int i = 1; i <= 1_000; i++) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(i);
        if (i % 95 == 0) {
          other.execute("SELECT 1");
        }
      }
      assertThat(rows.next()).isFalse();
    }
  }

  /** A value that ends a literal, or a statement, is a value in both protocols. */
  @Test
  void valuesStayValues() throws Exception {
    String odd = "a'; DROP TABLE t; -- \\' $1 ? \u00e4";
    try (TestDatabase database = Servers.target().createDatabase();
        Connection session = Sessions.open(database.endpoint(), "pg2adb test");
        PreparedStatement statement =
            session.prepareStatement("SELECT ?::text, ?::text[], ?::bigint, ?::bytea")) {
      statement.setString(1, odd);
      statement.setArray(2, session.createArrayOf("text", new String[] {odd, null, ""}));
      statement.setLong(3, Long.MIN_VALUE);
      statement.setBytes(4, new byte[] {0, '\\', '\'', -1});
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo(odd);
        assertThat((String[]) row.getArray(2).getArray()).containsExactly(odd, null, "");
        assertThat(row.getLong(3)).isEqualTo(Long.MIN_VALUE);
        assertThat(row.getBytes(4)).containsExactly(0, '\\', '\'', -1);
      }
    }
  }

  /** As a session with Greenplum is, so that these tests say the same with any destination. */
  private static void askSimply(Connection session) throws SQLException {
    session
        .unwrap(BaseConnection.class)
        .getQueryExecutor()
        .setPreferQueryMode(PreferQueryMode.SIMPLE);
  }

  /** A result with a fetch size is a cursor of the session until its last row is read. */
  private static int cursorsWhileReading(Connection session) throws SQLException {
    return cursorsWhileReading(session, statement -> statement.setFetchSize(10));
  }

  private interface Limit {
    void set(Statement statement) throws SQLException;
  }

  private static int cursorsWhileReading(Connection session, Limit limit) throws SQLException {
    session.setAutoCommit(false);
    try (Statement parts = session.createStatement();
        Statement other = session.createStatement()) {
      limit.set(parts);
      try (ResultSet rows = parts.executeQuery(THOUSAND)) {
        assertThat(rows.next()).isTrue();
        try (ResultSet cursors =
            other.executeQuery("SELECT count(*) FROM pg_cursors WHERE name <> ''")) {
          cursors.next();
          return cursors.getInt(1);
        }
      }
    } finally {
      session.rollback();
      session.setAutoCommit(true);
    }
  }
}
