package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CopySessionITCase {

  private TestDatabase database;
  private CopySession session;

  @BeforeEach
  void start() throws Exception {
    database = Servers.source().createDatabase();
    session = Sessions.openCopy(database.endpoint(), "pg2adb test");
  }

  @AfterEach
  void stop() throws Exception {
    session.close();
    database.close();
  }

  private static List<String> lines(CopyRows rows) throws SQLException {
    List<String> lines = new ArrayList<>();
    while (rows.next()) {
      lines.add(new String(rows.data(), rows.offset(), rows.length(), StandardCharsets.UTF_8));
    }
    return lines;
  }

  @Test
  void noticesBetweenRowsAreNoRows() throws Exception {
    database.execute(
        """
        CREATE FUNCTION loud(i int) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          IF i % 3 = 0 THEN RAISE WARNING 'row %', i; END IF;
          RETURN CASE i WHEN 500 THEN repeat('x', 3000000) ELSE 'v' || i END;
        END $$""");
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      expected.add((i == 500 ? "x".repeat(3_000_000) : "v" + i) + "\n");
    }

    CopyRows rows =
        session.copyOut("COPY (SELECT public.loud(i) FROM generate_series(1, 1000) i) TO STDOUT");

    assertThat(lines(rows)).isEqualTo(expected);
    assertThat(rows.sentRows()).isEqualTo(1_000);
  }

  @Test
  void sessionReadsAgainAndAgain() throws Exception {
    for (int i = 0; i < 50; i++) {
      CopyRows rows =
          session.copyOut("COPY (SELECT n FROM generate_series(1, " + i + ") n) TO STDOUT");
      assertThat(lines(rows)).hasSize(i);
      assertThat(rows.sentRows()).isEqualTo(i);
      try (Statement statement = session.connection().createStatement()) {
        assertThat(statement.executeUpdate("SET work_mem TO '" + (4096 + i) + "kB'")).isZero();
      }
    }
  }

  @Test
  void errorOfTheServerEndsTheRowsAndNotTheSession() throws Exception {
    CopyRows rows =
        session.copyOut("COPY (SELECT 1 / (i - 9000) FROM generate_series(1, 10000) i) TO STDOUT");
    assertThatThrownBy(() -> lines(rows))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));

    assertThat(lines(session.copyOut("COPY (SELECT 'again') TO STDOUT")))
        .containsExactly("again\n");
  }

  @Test
  void lostConnectionIsAnErrorOfConnections() throws Exception {
    CopyRows rows =
        session.copyOut(
            "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT");
    assertThat(rows.next()).isTrue();
    session.connection().abort(Runnable::run);
    assertThatThrownBy(() -> lines(rows))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
  }
}
