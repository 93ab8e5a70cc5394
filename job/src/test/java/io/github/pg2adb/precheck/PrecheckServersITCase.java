package io.github.pg2adb.precheck;

import static io.github.pg2adb.precheck.Probe.only;
import static io.github.pg2adb.precheck.Probe.result;
import static io.github.pg2adb.precheck.Probe.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.precheck.Finding.Result;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What takes a server, or something before it, of the test's own. */
class PrecheckServersITCase {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String DETECTOR = "gp_enable_global_deadlock_detector";
  private static final String PLAIN = "CREATE TABLE plain (id int PRIMARY KEY, v text)";

  private static void say(String line) {
    System.out.println("[pg2adb tests] " + line);
  }

  private static void skip(String reason) {
    say("SKIPPED: " + reason);
    Assumptions.abort(reason);
  }

  private static void awaitResult(
      TestDatabase source, TestDatabase sink, PrecheckCode code, Result expected) {
    Awaitility.await(code + " is " + expected)
        .atMost(LIMIT)
        .until(() -> result(run(source.endpoint(), sink.endpoint()), code) == expected);
  }

  @Test
  void mendsWhatNeedsARestart() throws Exception {
    try (TestServer server = Servers.bare("16");
        TestDatabase source = server.createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(
          PLAIN,
          "ALTER SYSTEM SET max_replication_slots = 1",
          "ALTER SYSTEM SET max_wal_senders = 1",
          "ALTER SYSTEM SET archive_mode = on",
          "ALTER SYSTEM SET archive_command = 'false'",
          "SELECT pg_create_physical_replication_slot('taken')");
      restart(server, source);
      PrecheckReport poor;
      try (Connection walsender = Sessions.openReplication(source.endpoint(), "precheck test")) {
        assertThat(walsender.isClosed()).isFalse();
        poor = run(source.endpoint(), sink.endpoint());
      }

      List<PrecheckCode> lacking =
          List.of(
              PrecheckCode.WAL_LEVEL,
              PrecheckCode.REPLICATION_LOGIN,
              PrecheckCode.FREE_SLOT,
              PrecheckCode.FREE_WALSENDER);
      assertThat(poor.of(Result.ERROR))
          .extracting(Finding::code)
          .containsExactlyElementsOf(lacking);
      assertThat(only(poor, PrecheckCode.WAL_LEVEL).objects())
          .containsExactly("wal_level = replica");
      assertThat(only(poor, PrecheckCode.FREE_SLOT).objects())
          .containsExactly("slot taken, which nobody reads");
      assertThat(only(poor, PrecheckCode.FREE_WALSENDER).objects())
          .containsExactly("max_wal_senders = 1");
      for (PrecheckCode code :
          List.of(PrecheckCode.WAL_LEVEL, PrecheckCode.FREE_SLOT, PrecheckCode.FREE_WALSENDER)) {
        Probe.mendServer(only(poor, code), source);
      }
      restart(server, source);

      try (Connection walsender = Sessions.openReplication(source.endpoint(), "precheck test")) {
        assertThat(walsender.isClosed()).isFalse();
        PrecheckReport mended = run(source.endpoint(), sink.endpoint());
        assertThat(lacking)
            .allSatisfy(code -> assertThat(result(mended, code)).isEqualTo(Result.PASS));
      }
      seesTheWalDirectoryFill(source, sink);
    }
  }

  /** The session of the database would find its server gone. */
  private static void restart(TestServer server, TestDatabase database) {
    database.disconnect();
    server.restart();
  }

  private static void seesTheWalDirectoryFill(TestDatabase source, TestDatabase sink) {
    source.execute(
        "SELECT pg_drop_replication_slot('taken')",
        "INSERT INTO plain VALUES (1, 'a')",
        "SELECT pg_switch_wal()");
    awaitResult(source, sink, PrecheckCode.WAL_SPACE, Result.WARNING);
    Finding finding = only(run(source.endpoint(), sink.endpoint()), PrecheckCode.WAL_SPACE);
    assertThat(finding.objects()).singleElement().asString().startsWith("WAL file 0000");
    assertThat(finding.mend().steps()).contains("SELECT * FROM pg_stat_archiver;");

    source.execute("ALTER SYSTEM SET archive_command = 'true'", "SELECT pg_reload_conf()");
    awaitResult(source, sink, PrecheckCode.WAL_SPACE, Result.SKIPPED);

    // what was written while more was allowed stays until the next checkpoint
    for (int file = 0; file < 10; file++) {
      source.execute("UPDATE plain SET v = v || 'b'", "SELECT pg_switch_wal()");
    }
    source.execute(
        "ALTER SYSTEM SET checkpoint_timeout = '1h'",
        "ALTER SYSTEM SET max_wal_size = '32MB'",
        "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
        "SELECT pg_reload_conf()");
    awaitResult(source, sink, PrecheckCode.WAL_SPACE, Result.PASS);
  }

  @Test
  void tellsAStandbyFromItsPrimary() throws Exception {
    try (TestServer primary = Servers.embedded("16");
        TestServer standby = Servers.embedded("16");
        TestDatabase source = primary.createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(PLAIN);
      assertThat(result(run(source.endpoint(), sink.endpoint()), PrecheckCode.SOURCE_FAILOVER))
          .isEqualTo(Result.PASS);
      makeStandby(standby, primary, source);
      Endpoint copy = standby.endpoint(source.name());
      Awaitility.await("the standby follows")
          .atMost(LIMIT)
          .until(() -> "1".equals(source.single("SELECT count(*) FROM pg_stat_replication")));

      PrecheckReport fromStandby = run(copy, sink.endpoint());
      PrecheckReport fromPrimary = run(source.endpoint(), sink.endpoint());

      Finding finding = only(fromStandby, PrecheckCode.SOURCE_STANDBY);
      assertThat(finding.result()).isEqualTo(Result.ERROR);
      assertThat(finding.objects()).containsExactly(copy.toString());
      assertThat(finding.mend().steps()).containsExactly("source.hostname: the primary's");
      assertThat(result(fromPrimary, PrecheckCode.SOURCE_STANDBY)).isEqualTo(Result.PASS);
      assertThat(only(fromPrimary, PrecheckCode.SOURCE_FAILOVER).objects())
          .containsExactly("walreceiver walreceiver");
      assertThat(fromPrimary.hasErrors()).isFalse();
      PrecheckReport intoStandby = run(source.endpoint(), copy);
      assertThat(only(intoStandby, PrecheckCode.SINK_READ_ONLY).why())
          .isEqualTo("The destination is a standby or in recovery.");
    }
  }

  /** As a copy of the primary's data while it is stopped. */
  private static void makeStandby(TestServer standby, TestServer primary, TestDatabase source)
      throws IOException {
    Path from = primary.dataFolder();
    Path to = standby.dataFolder();
    source.disconnect();
    standby.kill();
    primary.kill();
    List<String> own = List.of("postmaster.opts", "postmaster.pid", "log");
    Folders.deleteContents(to, own);
    Folders.copyContents(from, to, own);
    primary.restart();
    Files.createFile(to.resolve("standby.signal"));
    Files.writeString(
        to.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'%n"
            .formatted(primary.endpoint().port()));
    standby.restart();
  }

  @Test
  void saysWhatAFailoverSlotIsGoodFor() {
    try (TestServer server = Servers.embedded("17");
        TestDatabase source = server.createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(PLAIN, "SELECT pg_create_physical_replication_slot('standby')");

      assertThat(only(run(source.endpoint(), sink.endpoint()), PrecheckCode.SOURCE_FAILOVER).why())
          .contains("is not made for failover");
      source.execute(
          "SELECT pg_create_logical_replication_slot('pg2adb_precheck_it', 'pgoutput', failover => true)");
      assertThat(only(run(source.endpoint(), sink.endpoint()), PrecheckCode.SOURCE_FAILOVER).why())
          .contains("Those with sync_replication_slots have slot pg2adb_precheck_it too");
    }
  }

  /**
   * An address of this machine that is neither the client's nor written as one of this machine's
   * own: what another machine looks like.
   */
  private static Endpoint elsewhere(Endpoint endpoint, Endpoint.Tls tls) {
    return new Endpoint(
        "::ffff:127.0.0.2",
        endpoint.port(),
        endpoint.database(),
        endpoint.user(),
        endpoint.password(),
        tls);
  }

  @Test
  void wantsTlsToAnotherMachine(@TempDir Path folder) throws Exception {
    try (TestServer server =
            Servers.embedded("16", Map.of("listen_addresses", "127.0.0.1,127.0.0.2"));
        TestDatabase source = server.createDatabase();
        TestDatabase sink = server.createDatabase()) {
      source.execute(PLAIN);
      Endpoint.Tls require = new Endpoint.Tls(Endpoint.Tls.Mode.REQUIRE, null, null, null, null);
      PrecheckReport open =
          runPostgres(
              elsewhere(source.endpoint(), Endpoint.Tls.PREFER),
              elsewhere(sink.endpoint(), Endpoint.Tls.PREFER));
      if (result(open, PrecheckCode.SOURCE_CONNECTION) == Result.ERROR) {
        skip("this system does not have the address 127.0.0.2");
      }

      for (PrecheckCode code : List.of(PrecheckCode.SOURCE_TLS, PrecheckCode.SINK_TLS)) {
        assertThat(result(open, code)).as(code.name()).isEqualTo(Result.WARNING);
      }
      assertThat(only(open, PrecheckCode.SOURCE_TLS).mend().steps())
          .contains("In the task file: source.tls.mode: require");
      assertThat(result(runPostgres(source.endpoint(), sink.endpoint()), PrecheckCode.SOURCE_TLS))
          .as("a connection within this machine")
          .isEqualTo(Result.PASS);
      Finding refused =
          only(
              runPostgres(elsewhere(source.endpoint(), require), sink.endpoint()),
              PrecheckCode.SOURCE_CONNECTION);
      assertThat(refused.why()).contains("does not support SSL");

      Certificate.create(folder).installIn(server.dataFolder());
      Probe.mendServer(only(open, PrecheckCode.SOURCE_TLS), source);
      Awaitility.await("the connection is encrypted")
          .atMost(LIMIT)
          .until(
              () -> {
                PrecheckReport closed =
                    runPostgres(
                        elsewhere(source.endpoint(), require), elsewhere(sink.endpoint(), require));
                return result(closed, PrecheckCode.SOURCE_CONNECTION) == Result.PASS
                    && result(closed, PrecheckCode.SOURCE_TLS) == Result.PASS
                    && result(closed, PrecheckCode.SINK_TLS) == Result.PASS;
              });
    }
  }

  /** Into a server that is PostgreSQL whatever the shared one is. */
  private static PrecheckReport runPostgres(Endpoint source, Endpoint sink) {
    return Precheck.run(Probe.options(source, sink, Target.Kind.POSTGRESQL), Probe.READER);
  }

  @Test
  void refusesASourceThatIsTooOld() {
    try (TestServer server = Servers.bare("9.6");
        TestDatabase source = server.createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(PLAIN);

      PrecheckReport report = run(source.endpoint(), sink.endpoint());

      Finding finding = only(report, PrecheckCode.SOURCE_VERSION);
      assertThat(finding.result()).isEqualTo(Result.ERROR);
      assertThat(finding.objects()).containsExactly("PostgreSQL 9");
      assertThat(report.of(Result.PASS))
          .extracting(Finding::code)
          .contains(PrecheckCode.SOURCE_CONNECTION, PrecheckCode.SINK_READ_ONLY);
    }
  }

  @Test
  void refusesADestinationThatIsTooOld() {
    try (TestServer server = Servers.bare("11");
        TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = server.createDatabase()) {
      source.execute(PLAIN);
      sink.execute(PLAIN);

      PrecheckReport report = runPostgres(source.endpoint(), sink.endpoint());

      Finding finding = only(report, PrecheckCode.SINK_VERSION);
      assertThat(finding.result()).isEqualTo(Result.ERROR);
      assertThat(finding.objects()).containsExactly("PostgreSQL 11");
      assertThat(report.of(Result.ERROR)).containsExactly(finding);
    }
  }

  @Test
  void namesTheSettingsThatAGatewayDrops() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase();
        FakePooler sourceGateway = FakePooler.gateway(source.endpoint());
        FakePooler sinkGateway = FakePooler.gateway(sink.endpoint())) {
      source.execute(PLAIN, "ALTER DATABASE " + source.name() + " SET bytea_output TO 'escape'");
      sink.execute("ALTER DATABASE " + sink.name() + " SET IntervalStyle TO 'iso_8601'");

      PrecheckReport behind = run(sourceGateway.endpoint(), sinkGateway.endpoint());
      PrecheckReport direct = run(source.endpoint(), sink.endpoint());

      assertThat(only(behind, PrecheckCode.SOURCE_SESSION).objects())
          .contains("bytea_output = escape");
      assertThat(only(behind, PrecheckCode.SINK_SESSION).objects())
          .contains("IntervalStyle = iso_8601");
      assertThat(only(behind, PrecheckCode.SINK_SESSION).mend().steps())
          .containsExactly(
              "Connect to the server itself, without a pooler or gateway that drops them.");
      for (PrecheckCode code : List.of(PrecheckCode.SOURCE_SESSION, PrecheckCode.SINK_SESSION)) {
        assertThat(result(direct, code)).as(code.name()).isEqualTo(Result.PASS);
      }
    }
  }

  @Test
  void namesThePoolerBetween() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase();
        FakePooler sourcePooler = FakePooler.pooler(source.endpoint());
        FakePooler sinkPooler = FakePooler.pooler(sink.endpoint())) {
      source.execute(PLAIN);

      PrecheckReport behind = run(sourcePooler.endpoint(), sinkPooler.endpoint());
      PrecheckReport direct = run(source.endpoint(), sink.endpoint());

      for (PrecheckCode code : List.of(PrecheckCode.SOURCE_POOLER, PrecheckCode.SINK_POOLER)) {
        assertThat(only(behind, code).result()).isEqualTo(Result.ERROR);
        assertThat(only(behind, code).why())
            .matches("Process 1 was logged in to and process \\d+ answers: .*");
        assertThat(result(direct, code)).as(code.name()).isEqualTo(Result.PASS);
      }
    }
  }

  @Test
  void knowsPgBouncer(@TempDir Path folder) throws Exception {
    if (!PgBouncer.isInstalled()) {
      skip("pgbouncer is not installed");
    }
    try (TestServer server = Servers.embedded("16");
        TestDatabase source = server.createDatabase();
        TestDatabase sink = server.createDatabase();
        PgBouncer refusing = PgBouncer.before(server.endpoint(), folder.resolve("refusing"), "");
        PgBouncer dropping =
            PgBouncer.before(server.endpoint(), folder.resolve("dropping"), "options")) {
      source.execute(PLAIN);

      for (PgBouncer bouncer : List.of(refusing, dropping)) {
        PrecheckReport report =
            runPostgres(bouncer.endpoint(source.name()), bouncer.endpoint(sink.name()));
        for (PrecheckCode code : List.of(PrecheckCode.SOURCE_POOLER, PrecheckCode.SINK_POOLER)) {
          assertThat(only(report, code).result()).as("%s", report).isEqualTo(Result.ERROR);
          assertThat(only(report, code).why()).contains("a pooler is between");
        }
      }
      assertThat(runPostgres(source.endpoint(), sink.endpoint()).of(Result.ERROR)).isEmpty();
    }
  }

  /** Servers know those that their machine has. */
  private static void requireLocale(TestDatabase database, String locale) {
    database.execute("SELECT pg_import_system_collations('pg_catalog')");
    if (database.query("SELECT 1 FROM pg_collation WHERE collname = '" + locale + "'").isEmpty()) {
      skip(database.server() + " does not know the locale " + locale);
    }
  }

  @Test
  void refusesMoneyOfAnotherUnit() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      if (Servers.target().product().distributed()) {
        skip("the segments' money is another test's");
      }
      Map<String, Result> locales =
          Map.of("ja_JP.utf8", Result.ERROR, "de_DE.utf8", Result.WARNING);
      locales.keySet().forEach(locale -> requireLocale(source, locale));
      source.execute(PLAIN, "ALTER TABLE plain ADD COLUMN price money");
      for (Map.Entry<String, Result> locale : locales.entrySet()) {
        source.execute(
            "ALTER DATABASE " + source.name() + " SET lc_monetary TO '" + locale.getKey() + "'");

        Finding finding = only(run(source.endpoint(), sink.endpoint()), PrecheckCode.MONEY_FORMAT);

        assertThat(finding.result()).as("%s", finding).isEqualTo(locale.getValue());
        assertThat(finding.objects()).containsExactly("public.plain.price");
        Probe.mend(finding, source, sink);
        assertThat(result(run(source.endpoint(), sink.endpoint()), PrecheckCode.MONEY_FORMAT))
            .isEqualTo(Result.PASS);
        sink.execute("ALTER DATABASE " + sink.name() + " RESET lc_monetary");
      }
    }
  }

  @Test
  void readsMoneyAsTheSegmentsDo() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      requireDistributed();
      source.execute(PLAIN, "ALTER TABLE plain ADD COLUMN price money");
      assertThat(result(run(source.endpoint(), sink.endpoint()), PrecheckCode.MONEY_FORMAT))
          .isEqualTo(Result.PASS);
      String locale = "de_DE.utf8";
      requireLocale(sink, locale);
      sink.execute("ALTER DATABASE " + sink.name() + " SET lc_monetary TO '" + locale + "'");

      List<Finding> findings =
          run(source.endpoint(), sink.endpoint()).findings().stream()
              .filter(finding -> finding.code() == PrecheckCode.MONEY_FORMAT)
              .filter(finding -> finding.result() == Result.ERROR)
              .toList();

      assertThat(findings).hasSize(1);
      assertThat(findings.get(0).why()).contains("-1.234.567,89");
      Probe.mend(findings.get(0), source, sink);
      assertThat(result(run(source.endpoint(), sink.endpoint()), PrecheckCode.MONEY_FORMAT))
          .isEqualTo(Result.PASS);
    }
  }

  private static void requireDistributed() {
    if (!Servers.target().product().distributed()) {
      skip("the destination has no segments: PG2ADB_TEST_SINK_URL names none");
    }
  }

  /**
   * The setting takes a restart of the whole cluster. Where nobody says how that is done, the
   * answer is compared with what it is.
   */
  @Test
  void wantsTheDeadlockDetectorOn() throws Exception {
    requireDistributed();
    String setting = detector();
    assertThatTheDetectorIsJudged(setting);
    String command = System.getenv("PG2ADB_TEST_SINK_CONFIGURE");
    if (command == null) {
      say("SKIPPED: the other outcome, since PG2ADB_TEST_SINK_CONFIGURE names no command");
      return;
    }
    try {
      for (String other : List.of("off", "on")) {
        configure(command, other);
        assertThat(detector()).isEqualTo(other);
        assertThatTheDetectorIsJudged(other);
      }
    } finally {
      configure(command, setting);
    }
  }

  private static String detector() {
    try (TestDatabase sink = Servers.target().createDatabase()) {
      return sink.single("SHOW " + DETECTOR);
    }
  }

  /** What gpconfig and gpstop do, which the mend names and not every test's cluster has. */
  private static void configure(String command, String value) throws Exception {
    Process process = new ProcessBuilder(command, DETECTOR, value).inheritIO().start();
    assertThat(process.waitFor()).as("%s %s %s", command, DETECTOR, value).isZero();
  }

  private static void assertThatTheDetectorIsJudged(String setting) {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(PLAIN);

      Finding finding =
          only(run(source.endpoint(), sink.endpoint()), PrecheckCode.DEADLOCK_DETECTOR);

      say(DETECTOR + " is " + setting + ": " + finding.result());
      assertThat(finding.result()).isEqualTo(setting.equals("on") ? Result.PASS : Result.WARNING);
      assertThat(finding.mend().steps())
          .isEqualTo(
              setting.equals("on")
                  ? List.of()
                  : List.of("gpconfig -c " + DETECTOR + " -v on", "gpstop -ra"));
    }
  }

  /** The sizes of the source's tables are made up; the room is the segments'. */
  @Test
  void asksSegmentsForTheirRoom() {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      requireDistributed();
      source.execute(PLAIN);

      Finding huge = only(runWithBytes(source, sink, 1L << 60), PrecheckCode.SINK_SPACE);
      Finding small = only(runWithBytes(source, sink, 1L << 20), PrecheckCode.SINK_SPACE);
      if (huge.result() == Result.SKIPPED) {
        skip("the destination's gp_toolkit.gp_disk_free does not work: " + huge.why());
      }

      assertThat(huge.result()).isEqualTo(Result.WARNING);
      assertThat(huge.objects()).isNotEmpty().allMatch(disk -> disk.contains(" MB free, "));
      assertThat(small.result()).isEqualTo(Result.PASS);
    }
  }

  private static PrecheckReport runWithBytes(TestDatabase source, TestDatabase sink, long bytes) {
    Precheck.SchemaReader reader =
        connection -> {
          SourceSchema schema = Probe.READER.read(connection);
          return new SourceSchema(
              schema.tables().stream().map(table -> withBytes(table, bytes)).toList(),
              schema.types(),
              schema.extensions(),
              schema.needs(),
              schema.skipped(),
              schema.views());
        };
    return Precheck.run(Probe.options(source.endpoint(), sink.endpoint()), reader);
  }

  private static TableSchema withBytes(TableSchema table, long bytes) {
    return new TableSchema(
        table.oid(),
        table.name(),
        table.kind(),
        table.columns(),
        table.primaryKey(),
        table.replicaIdentity(),
        table.identityKey(),
        table.chunkKey(),
        table.uniqueKeys(),
        table.leaves(),
        bytes,
        table.estimatedRows());
  }

  /** The mend's value is given to another server, since embedded ones have theirs from outside. */
  @Test
  void asksForRoomForAllConnections() throws Exception {
    Finding finding = connectionsOfServer("7");

    assertThat(finding.result()).isEqualTo(Result.ERROR);
    assertThat(finding.objects()).containsExactly("max_connections = 7");
    assertThat(finding.mend().steps()).contains("ALTER SYSTEM SET max_connections = 13;");
    assertThat(finding.mend().place()).isEqualTo(Mend.Place.BY_HAND);
    assertThat(connectionsOfServer("13").result()).isEqualTo(Result.PASS);
  }

  private static Finding connectionsOfServer(String maxConnections) throws Exception {
    try (TestServer server = Servers.embedded("16", Map.of("max_connections", maxConnections));
        TestDatabase source = server.createDatabase();
        TestDatabase sink = Servers.target().createDatabase()) {
      source.execute(PLAIN);
      return only(run(source.endpoint(), sink.endpoint()), PrecheckCode.SOURCE_CONNECTIONS);
    }
  }
}
