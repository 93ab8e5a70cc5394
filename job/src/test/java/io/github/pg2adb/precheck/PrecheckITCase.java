package io.github.pg2adb.precheck;

import static io.github.pg2adb.precheck.Probe.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Secret;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.TaskLock;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

class PrecheckITCase {

  private TestDatabase source;
  private TestDatabase sink;

  @BeforeEach
  void createDatabases() {
    source = Servers.source().createDatabase();
    sink = Servers.target().createDatabase();
    source.execute("CREATE TABLE plain (id int PRIMARY KEY, v text)");
  }

  @AfterEach
  void dropDatabases() {
    source.close();
    sink.close();
  }

  private static PrecheckReport run(Endpoint source, Endpoint sink) {
    return Probe.run(source, sink);
  }

  private PrecheckReport run() {
    return run(source.endpoint(), sink.endpoint());
  }

  @Test
  void findsNothingWhereNothingIsWrong() {
    PrecheckReport report = run();

    assertThat(report.findings()).hasSize(PrecheckCode.values().length);
    assertThat(report.of(Result.ERROR)).isEmpty();
    assertThat(report.of(Result.SKIPPED)).hasSizeLessThan(11);
    if (!Servers.target().product().distributed()) {
      assertThat(report.of(Result.WARNING)).isEmpty();
    }
  }

  @Test
  void looksAtWhatItCanWhenTheSourceIsNotThere() {
    Endpoint nowhere = new Endpoint("127.0.0.1", 1, "shop", "postgres", null, Endpoint.Tls.PREFER);
    sink.execute("CREATE TABLE plain (id int PRIMARY KEY)");

    PrecheckReport report = run(nowhere, sink.endpoint());

    assertThat(only(report, PrecheckCode.SOURCE_CONNECTION).why())
        .startsWith("Cannot connect to postgres@127.0.0.1:1/shop: ");
    assertThat(only(report, PrecheckCode.WAL_LEVEL))
        .isEqualTo(Finding.skipped(PrecheckCode.WAL_LEVEL, "there is no session with the source"));
    assertThat(only(report, PrecheckCode.SINK_READ_ONLY).result()).isEqualTo(Result.PASS);
    assertThatThrownBy(() -> report.throwIfErrors("shop"))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OPERATOR))
        .hasMessageStartingWith(
            "Cannot run task \"shop\": the precheck found 1 error\n  SOURCE_CONNECTION: Cannot connect to");
  }

  @Test
  void fixesWhatIsHarmlessAndNothingElse() {
    source.execute("CREATE TABLE keyless (v text)", "CREATE UNLOGGED TABLE fast (id int)");
    Finding before = only(run(), PrecheckCode.REPLICA_IDENTITY);

    PrecheckReport after =
        Precheck.fix(Probe.options(source.endpoint(), sink.endpoint()), Probe.READER);

    assertThat(before.mend().steps())
        .containsExactly("ALTER TABLE \"public\".\"keyless\" REPLICA IDENTITY FULL");
    assertThat(only(after, PrecheckCode.REPLICA_IDENTITY).result()).isEqualTo(Result.PASS);
    assertThat(only(after, PrecheckCode.TABLE_UNLOGGED).result()).isEqualTo(Result.WARNING);
  }

  @Test
  void changesNothingUnlessItIsToldTo() {
    source.execute("CREATE TABLE keyless (v text)");
    String state =
        "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_replication_slots"
            + " WHERE database = current_database()), relreplident FROM pg_class WHERE relname = 'keyless'";
    List<List<String>> before = source.query(state);
    String relations = sink.single("SELECT count(*) FROM pg_class");

    run();

    assertThat(source.query(state)).isEqualTo(before);
    assertThat(sink.single("SELECT count(*) FROM pg_class")).isEqualTo(relations);
  }

  @Test
  void leavesOutWhatTheTaskIgnores() {
    source.execute("CREATE UNLOGGED TABLE fast (id int)");

    PrecheckReport report =
        Precheck.run(
            Probe.options(source.endpoint(), sink.endpoint(), PrecheckCode.TABLE_UNLOGGED),
            Probe.READER);

    assertThat(only(report, PrecheckCode.TABLE_UNLOGGED))
        .isEqualTo(Finding.skipped(PrecheckCode.TABLE_UNLOGGED, "pipeline.ignore names it"));
  }

  @Test
  void namesWhomTheSlotWouldWaitFor() throws Exception {
    try (Connection connection = source.plainConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO plain VALUES (1, 'a')");
      int pid = connection.unwrap(PGConnection.class).getBackendPID();

      Finding finding = only(run(), PrecheckCode.OPEN_TRANSACTION);

      assertThat(finding.result()).isEqualTo(Result.WARNING);
      assertThat(finding.objects())
          .anyMatch(
              object -> object.matches("pid " + pid + ", role \\w+, .* last statement at .*"));
      source.execute(
          finding.mend().steps().stream()
              .filter(step -> step.contains("(" + pid + ")"))
              .toArray(String[]::new));
      Awaitility.await("the transaction ends")
          .until(() -> only(run(), PrecheckCode.OPEN_TRANSACTION).result() == Result.PASS);
    }
  }

  @Test
  void namesTheReaderOfTheTasksSlot() throws Exception {
    String slot = TaskNames.of(Probe.TASK).slot();
    source.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
    try (Connection connection = Sessions.openReplication(source.endpoint(), "reader")) {
      connection
          .unwrap(PGConnection.class)
          .getReplicationAPI()
          .replicationStream()
          .logical()
          .withSlotName(slot)
          .start();
      PrecheckReport report = run();

      assertThat(only(report, PrecheckCode.TASK_SLOT).why())
          .startsWith("The source's slot of that name has plugin test_decoding");
      assertThatARunThatIsAliveIsToBeStopped();
      Finding finding = only(report, PrecheckCode.TASK_RUNNING);
      assertThat(finding.result()).isEqualTo(Result.WARNING);
      assertThat(finding.why()).contains("its job is gone");
      source.execute(finding.mend().steps().toArray(String[]::new));
      Awaitility.await("the reader ends")
          .until(() -> only(run(), PrecheckCode.TASK_RUNNING).result() == Result.PASS);
    }
  }

  /** Nothing is offered that would end the reader of a healthy job. */
  private void assertThatARunThatIsAliveIsToBeStopped() throws SQLException {
    try (Connection run = Sessions.open(sink.endpoint(), "the run");
        Statement statement = run.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(" + TaskLock.of("pg2adb", Probe.TASK).key() + ")");
      Finding finding = only(run(), PrecheckCode.TASK_RUNNING);

      assertThat(finding.result()).isEqualTo(Result.WARNING);
      assertThat(finding.why()).contains("(\"the run\") holds the task's lock");
      assertThat(finding.mend().place()).isEqualTo(Mend.Place.BY_HAND);
      assertThat(finding.mend().steps()).anyMatch(step -> step.contains("flink stop"));
    }
    Awaitility.await("the run's lock is free")
        .until(() -> only(run(), PrecheckCode.TASK_RUNNING).mend().place() == Mend.Place.SOURCE);
  }

  @Test
  void takesADatabaseNameThatIsNoIdentifier() {
    String name = "Shop-db with \"quotes\" " + ProcessHandle.current().pid();
    String quoted = Sql.quote(name);
    source.execute("CREATE DATABASE " + quoted);
    try {
      PrecheckReport report =
          Precheck.run(
              Probe.options(Servers.source().endpoint(name), sink.endpoint()),
              connection ->
                  SourceCatalog.read(
                      connection, TableSelection.parse(List.of("pg2adb.*"), List.of())));

      assertThat(report.of(Result.ERROR))
          .extracting(Finding::code)
          .containsExactly(PrecheckCode.TABLES_SELECTED);
    } finally {
      source.execute("DROP DATABASE " + quoted);
    }
  }

  @Test
  void saysWhichTransactionsItMayNotSee() throws Exception {
    String role = "precheck_it_" + ProcessHandle.current().pid();
    source.execute("CREATE ROLE " + role + " LOGIN REPLICATION" + password(source));
    Endpoint limited = withUser(source.endpoint(), role);
    try (Connection connection = source.plainConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO plain VALUES (1, 'a')");
      int pid = connection.unwrap(PGConnection.class).getBackendPID();

      Finding finding = only(run(limited, sink.endpoint()), PrecheckCode.OPEN_TRANSACTION);

      assertThat(finding.result()).isEqualTo(Result.WARNING);
      assertThat(finding.why()).contains("may not see since when");
      assertThat(finding.objects()).anyMatch(object -> object.startsWith("pid " + pid + ", role "));
      assertThat(finding.mend().steps())
          .containsExactly("GRANT pg_read_all_stats TO \"" + role + "\"");
      Probe.mend(finding, source, sink);
      assertThat(
              Probe.result(
                  Probe.run(limited, sink.endpoint(), Duration.ofHours(1)),
                  PrecheckCode.OPEN_TRANSACTION))
          .isEqualTo(Result.PASS);
    } finally {
      source.execute("DROP ROLE " + role);
    }
  }

  /** Servers in containers ask for one. */
  private static String password(TestDatabase database) {
    Secret password = database.endpoint().password();
    return password == null ? "" : " PASSWORD " + Sql.literal(password.reveal());
  }

  private static Endpoint withUser(Endpoint endpoint, String user) {
    return new Endpoint(
        endpoint.host(),
        endpoint.port(),
        endpoint.database(),
        user,
        endpoint.password(),
        endpoint.tls());
  }
}
