package io.github.pg2adb.precheck;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TablePattern;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.precheck.Finding.Result;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judgements that no server of the tests gives a reason for. */
class AssessmentTest {

  private static final Endpoint ENDPOINT =
      new Endpoint("db.internal", 5432, "shop", "reader", null, Endpoint.Tls.PREFER);
  private static final TaskNames NAMES = TaskNames.of("shop");
  private static final PrecheckOptions OPTIONS =
      new PrecheckOptions(
          "shop",
          EnumSet.allOf(Phase.class),
          2,
          ENDPOINT,
          ENDPOINT,
          Target.Kind.GREENPLUM,
          "pg2adb",
          SinkTables.DEFAULT,
          Set.of());

  private static final Target GREENPLUM =
      new Target(Target.Kind.GREENPLUM, "7", 12, true, true, true, true);

  private static SourceServer server(int version, Map<String, String> settings) {
    return new SourceServer(version, false, "reader", settings);
  }

  private static TableSchema table(String type) {
    return new TableSchema(
        1,
        new TableName("public", "t"),
        TableSchema.Kind.ORDINARY,
        List.of(new ColumnSchema(1, "c", type, true, null, null, ColumnSchema.Generation.NONE)),
        List.of("c"),
        ReplicaIdentity.DEFAULT,
        List.of("c"),
        List.of("c"),
        List.of(),
        List.of(),
        0,
        0);
  }

  @ParameterizedTest
  @CsvSource({"90624, ERROR", "100023, WARNING", "110000, PASS", "180001, PASS", "190000, WARNING"})
  void knowsWhichSourcesItWasTestedWith(int version, Result expected) {
    Optional<Finding> finding = Versions.assessSource(server(version, Map.of()), true);

    assertThat(finding.map(Finding::result).orElse(Result.PASS)).isEqualTo(expected);
  }

  @Test
  void takesPostgres10WhereNoTruncateCanCome() {
    assertThat(Versions.assessSource(server(100023, Map.of()), false)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ANALYTICDB, 12, true, PASS",
    "GREENPLUM, 9, true, WARNING",
    "POSTGRESQL, 11, false, ERROR",
    "POSTGRESQL, 16, false, PASS"
  })
  void knowsWhichDestinationsItWasTestedWith(
      Target.Kind kind, int major, boolean distributed, Result expected) {
    Target target = new Target(kind, "1.0", major, distributed, true, true, true);

    assertThat(Versions.assessSink(target).map(Finding::result).orElse(Result.PASS))
        .isEqualTo(expected);
  }

  @Test
  void refusesAStandby() {
    SourceServer standby = new SourceServer(160004, true, "reader", Map.of());

    assertThat(Versions.assessPrimary(standby, ENDPOINT))
        .hasValueSatisfying(
            finding -> assertThat(finding.objects()).containsExactly(ENDPOINT.toString()));
    assertThat(Versions.assessPrimary(server(160004, Map.of()), ENDPOINT)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, false, true", "false, true, true", "false, false, false"})
  void warnsOfAnOpenConnectionToAnotherMachine(
      boolean isLocal, boolean isEncrypted, boolean passes) {
    assertThat(
            Encryption.assess(PrecheckCode.SOURCE_TLS, ENDPOINT, "source", isLocal, isEncrypted)
                .isEmpty())
        .isEqualTo(passes);
  }

  @Test
  void namesTheSettingsThatASessionDidNotTake() {
    Map<String, String> good =
        Map.of(
            "DateStyle", "ISO, YMD",
            "IntervalStyle", "postgres",
            "TimeZone", "UTC",
            "extra_float_digits", "3",
            "bytea_output", "hex",
            "client_encoding", "UTF8",
            "statement_timeout", "0");
    Map<String, String> bad = new java.util.HashMap<>(good);
    bad.put("extra_float_digits", "1");

    assertThat(SessionSettings.assess(PrecheckCode.SINK_SESSION, good)).isEmpty();
    assertThat(SessionSettings.assess(PrecheckCode.SINK_SESSION, bad))
        .hasValueSatisfying(
            finding -> assertThat(finding.objects()).containsExactly("extra_float_digits = 1"));
  }

  private static Locales.TextFacts text(String encoding, String collate) {
    return new Locales.TextFacts(encoding, collate, collate, "");
  }

  private static Optional<Finding> money(
      OrdinarySessions.Money source, OrdinarySessions.Money sink, boolean isDistributed) {
    return OrdinarySessions.assessMoney(source, sink, List.of("public.t.c"), "shop", isDistributed);
  }

  @Test
  void refusesMoneyThatWouldBeReadAsAnotherAmount() {
    OrdinarySessions.Money plain = new OrdinarySessions.Money("C", "$1.00", "-$1,234,567.89");
    OrdinarySessions.Money german =
        new OrdinarySessions.Money("de_DE.UTF-8", "1,00 €", "-1.234.567,89 €");
    OrdinarySessions.Money yen = new OrdinarySessions.Money("ja_JP.UTF-8", "¥1", "-¥1,234,568");

    assertThat(money(plain, plain, false)).isEmpty();
    assertThat(money(german, plain, false))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.result()).isEqualTo(Result.WARNING);
              assertThat(finding.mend().steps())
                  .containsExactly("ALTER DATABASE \"shop\" SET lc_monetary TO 'de_DE.UTF-8'");
            });
    assertThat(money(yen, plain, false))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.result()).isEqualTo(Result.ERROR);
              assertThat(finding.why()).contains("with 0 and 2 decimals");
            });
    assertThat(money(yen, plain, true))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.result()).isEqualTo(Result.WARNING);
              assertThat(finding.mend().place()).isEqualTo(Mend.Place.BY_HAND);
            });
    assertThat(
            OrdinarySessions.assessSegments(
                plain, List.of("-$1,234,567.89"), List.of("public.t.c"), "shop"))
        .isEmpty();
    assertThat(
            OrdinarySessions.assessSegments(
                plain, List.of("-1.234.567,89 €"), List.of("public.t.c"), "shop"))
        .hasValueSatisfying(finding -> assertThat(finding.result()).isEqualTo(Result.ERROR));
  }

  @ParameterizedTest
  @CsvSource({
    "TimeZone, Etc/UTC, UTC, true",
    "TimeZone, Europe/Berlin, UTC, false",
    "lc_time, en_US.UTF-8, en_US.utf8, true",
    "IntervalStyle, postgres, iso_8601, false"
  })
  void comparesWhatOtherProgramsSee(String name, String source, String sink, boolean passes) {
    Map<String, String> here = new java.util.HashMap<>();
    for (String setting : OrdinarySessions.NAMES) {
      here.put(setting, "same");
    }
    Map<String, String> there = new java.util.HashMap<>(here);
    here.put(name, source);
    there.put(name, sink);

    assertThat(OrdinarySessions.assessSettings(here, there, "shop").isEmpty()).isEqualTo(passes);
  }

  @Test
  void doesNotClaimThatSettingsAreAlikeWhichItCannotSee() {
    assertThat(OrdinarySessions.assessSettings(Map.of(), Map.of(), "shop"))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.result()).isEqualTo(Result.SKIPPED);
              assertThat(finding.why()).contains("TimeZone").contains("GRANT SELECT");
            });
  }

  private static WalSpace.Wal wal(long keptForSlots, OptionalLong present) {
    return new WalSpace.Wal(1 << 30, 0, keptForSlots, "/data", present, null);
  }

  @Test
  void saysWhatTheDiskMustHoldWhereItCannotBeAsked() {
    long gigabyte = 1 << 30;

    assertThat(
            WalSpace.assess(
                wal(gigabyte, OptionalLong.of(2 * gigabyte)), List.of(), gigabyte, "reader"))
        .isEmpty();
    assertThat(WalSpace.assess(wal(-1, OptionalLong.of(gigabyte)), List.of(), gigabyte, "reader"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.result()).isEqualTo(Result.SKIPPED);
              assertThat(finding.why())
                  .contains("`df -h /data/pg_wal`")
                  .contains("while 1024 MB are copied")
                  .endsWith("There are 1024 MB of WAL now");
            });
    assertThat(WalSpace.assess(wal(gigabyte, OptionalLong.empty()), List.of(), 0, "reader"))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.why())
                    .contains("with 2048 MB (max_wal_size")
                    .endsWith("GRANT pg_monitor TO \"reader\""));
  }

  private static UnenforcedConstraints.Constraint constraint(
      String name, UnenforcedConstraints.Kind kind, String... columns) {
    return new UnenforcedConstraints.Constraint(1, name, kind, List.of(columns));
  }

  /** The objects of what is said of a table with primary key c. */
  private static List<String> leftOut(
      TableForms forms, UnenforcedConstraints.Constraint... constraints) {
    TableSchema table = table("integer");
    UnenforcedConstraints.Absent absent =
        new UnenforcedConstraints.Absent(table, Routes.AS_SOURCE.of(table.name()), table);
    return UnenforcedConstraints.assess(List.of(absent), List.of(constraints), forms).stream()
        .flatMap(finding -> finding.objects().stream())
        .toList();
  }

  private static TableForms spread(SinkDistribution.Kind kind, String... columns) {
    return forms(
        new ByTable<>(
            List.of(
                new ByTable.Rule<>(
                    TablePattern.parse("public.t"), new SinkDistribution(kind, List.of(columns))))),
        ByTable.none());
  }

  private static TableForms forms(
      ByTable<SinkDistribution> distribution, ByTable<SinkStorage> storage) {
    return new TableForms(
        new SinkTables(OnExistingTable.FAIL, distribution, storage, ByTable.none(), false),
        GREENPLUM,
        false,
        Set.of("integer"));
  }

  @Test
  void namesTheConstraintsThatSegmentsCannotEnforce() {
    UnenforcedConstraints.Constraint[] all = {
      constraint("with_key", UnenforcedConstraints.Kind.UNIQUE, "c", "d"),
      constraint("without_key", UnenforcedConstraints.Kind.UNIQUE, "d"),
      constraint("key", UnenforcedConstraints.Kind.PRIMARY_KEY, "c"),
      constraint("overlap", UnenforcedConstraints.Kind.EXCLUSION, "c")
    };
    String overlap = "public.t (exclusion constraint overlap)";
    String withoutKey = "public.t (unique (d) without_key)";
    String withKey = "public.t (unique (c, d) with_key)";
    String key = "public.t (primary key (c) key)";

    assertThat(leftOut(forms(ByTable.none(), ByTable.none()), all))
        .containsExactly(withoutKey, overlap);
    assertThat(leftOut(spread(SinkDistribution.Kind.BY_COLUMNS, "d"), all))
        .containsExactly(key, overlap);
    assertThat(leftOut(spread(SinkDistribution.Kind.RANDOMLY), all))
        .containsExactly(withKey, withoutKey, key, overlap);
    assertThat(leftOut(spread(SinkDistribution.Kind.REPLICATED), all)).containsExactly(overlap);
    ByTable<SinkStorage> appendOptimised =
        new ByTable<>(
            List.of(new ByTable.Rule<>(TablePattern.parse("public.t"), SinkStorage.AO_ROW)));
    assertThat(leftOut(forms(ByTable.none(), appendOptimised), all))
        .containsExactly(withKey, withoutKey, key, overlap);
  }

  @Test
  void saysWhichFormSegmentsCannotGiveATable() {
    SinkTables wishes =
        new SinkTables(
            OnExistingTable.FAIL,
            ByTable.none(),
            new ByTable<>(
                List.of(
                    new ByTable.Rule<>(TablePattern.parse("public.t"), SinkStorage.AO_ROW),
                    new ByTable.Rule<>(TablePattern.parse("public.u*"), SinkStorage.AO_ROW))),
            ByTable.none(),
            false);
    TableForms forms = new TableForms(wishes, GREENPLUM, true, Set.of());

    List<Finding> findings =
        TableOptions.assess(List.of(table("box")), List.of(table("box")), forms);

    assertThat(findings)
        .extracting(Finding::code)
        .containsExactly(PrecheckCode.TABLE_OPTIONS_UNUSED, PrecheckCode.STORAGE_OPTION);
    assertThat(findings)
        .flatExtracting(Finding::objects)
        .containsExactly(
            "\"public.u*\" of sink.storage",
            "public.t (cannot be stored as ao_row: changes are applied to it, and append-optimised tables lock for each and keep deleted rows)");
    assertThat(TableOptions.assess(List.of(table("box")), List.of(), forms))
        .extracting(Finding::code)
        .containsExactly(PrecheckCode.TABLE_OPTIONS_UNUSED);
  }

  @ParameterizedTest
  @CsvSource({
    "16, false, before PostgreSQL 17",
    "17, false, is not made for failover",
    "17, true, refuses to go on"
  })
  void saysWhatAFailoverMeans(int major, boolean isFailover, String reason) {
    SourceSettings.Use use =
        new SourceSettings.Use(1, List.of(), 1, List.of("walreceiver b"), isFailover);

    assertThat(SourceSettings.assessFailover(server(major * 10_000, Map.of()), use, "pg2adb_shop"))
        .hasValueSatisfying(finding -> assertThat(finding.why()).contains(reason));
  }

  @ParameterizedTest
  @CsvSource({
    "UTF8, UTF8, true",
    "LATIN1, UTF8, true",
    "LATIN1, LATIN1, true",
    "UTF8, LATIN1, false",
    "SQL_ASCII, UTF8, false"
  })
  void comparesEncodings(String source, String sink, boolean passes) {
    assertThat(Locales.assessEncoding(text(source, "C"), text(sink, "C"), "shop").isEmpty())
        .isEqualTo(passes);
  }

  @ParameterizedTest
  @CsvSource({"en_US.UTF-8, en_US.utf8, true", "POSIX, C, true", "en_US.UTF-8, C, false"})
  void comparesLocalesAsSystemsSpellThem(String source, String sink, boolean passes) {
    assertThat(Locales.assessOrder(text("UTF8", source), text("UTF8", sink)).isEmpty())
        .isEqualTo(passes);
  }

  @Test
  void asksForAsMuchWalAsThereIsToCopy() {
    long hundredGigabytes = 100L << 30;
    SourceServer bounded = server(160004, Map.of("max_slot_wal_keep_size", "51200"));

    assertThat(SourceSettings.assessRetention(bounded, 0)).isEmpty();
    assertThat(SourceSettings.assessRetention(bounded, hundredGigabytes))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.mend().steps())
                    .contains("ALTER SYSTEM SET max_slot_wal_keep_size = '204800MB'"));
    assertThat(
            SourceSettings.assessRetention(
                server(160004, Map.of("max_slot_wal_keep_size", "-1")), hundredGigabytes))
        .isEmpty();
    assertThat(
            SourceSettings.assessRetention(
                server(180001, Map.of("idle_replication_slot_timeout", "60")), 0))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.objects())
                    .containsExactly("idle_replication_slot_timeout = 60"));
  }

  private static LedgerState ledger(String position, boolean anyLoaded) {
    return new LedgerState(
        true,
        true,
        LedgerState.TABLES,
        Set.of(),
        Optional.ofNullable(position).map(Lsn::parse),
        anyLoaded ? Set.of(new TableName("public", "t")) : Set.of(),
        Set.of(),
        Map.of(),
        Map.of());
  }

  private static SlotFacts slot(String confirmed, String walStatus) {
    return new SlotFacts("pgoutput", "shop", null, Lsn.parse(confirmed), walStatus);
  }

  private static String taskSlot(Optional<SlotFacts> slot, boolean published, LedgerState ledger) {
    return TaskState.assess(slot, published, ledger, NAMES, OPTIONS).map(Finding::why).orElse("");
  }

  @Test
  void goesOnWhereSlotAndLedgerFit() {
    assertThat(taskSlot(Optional.empty(), false, ledger(null, false))).isEmpty();
    assertThat(taskSlot(Optional.empty(), true, ledger(null, false))).isEmpty();
    assertThat(taskSlot(Optional.of(slot("0/10", "reserved")), true, ledger("0/20", true)))
        .isEmpty();
    assertThat(taskSlot(Optional.of(slot("0/10", null)), true, ledger(null, false))).isEmpty();
  }

  @Test
  void refusesWhereChangesWouldBeMissing() {
    assertThat(taskSlot(Optional.empty(), true, ledger("0/20", true)))
        .isEqualTo(
            "The destination is at 0/20 and the source has no slot, so the changes since then are gone. The slot was"
                + " dropped, or the source is a promoted standby or a restored backup, which have none.");
    assertThat(taskSlot(Optional.empty(), false, ledger(null, true)))
        .isEqualTo("The destination has rows of this task that were loaded without a slot.");
    assertThat(taskSlot(Optional.of(slot("0/30", null)), true, ledger("0/20", true)))
        .isEqualTo("The slot was acknowledged up to 0/30, past 0/20 where the destination is.");
    assertThat(taskSlot(Optional.of(slot("0/10", "lost")), true, ledger("0/20", true)))
        .contains("wal_status is lost");
    assertThat(taskSlot(Optional.of(slot("0/10", null)), true, ledger(null, true)))
        .contains("does not say which WAL");
    assertThat(taskSlot(Optional.of(slot("0/10", null)), false, ledger("0/20", true)))
        .contains("publications are gone");
  }

  @Test
  void countsConnectionsThatTheRoleMayHave() {
    FreeConnections.Use superuser =
        new FreeConnections.Use(100, 3, 90, 5, 5, 5, 5, "reader", "shop", true);
    FreeConnections.Use other =
        new FreeConnections.Use(100, 5, 90, 50, 45, -1, 5, "reader", "shop", false);

    assertThat(
            FreeConnections.assess(PrecheckCode.SOURCE_CONNECTIONS, superuser, 6, Mend::onSource))
        .isEmpty();
    assertThat(FreeConnections.assess(PrecheckCode.SOURCE_CONNECTIONS, other, 6, Mend::onSource))
        .flatExtracting(Finding::objects)
        .containsExactly("max_connections = 100", "database shop, limit 50");
  }

  @Test
  void givesEverySegmentOfADiskItsShareAndMore() {
    List<SegmentSpace.Disk> disks =
        List.of(
            new SegmentSpace.Disk("sdw1 /dev/sdb", 500L << 20, 2),
            new SegmentSpace.Disk("sdw2 /dev/sdb", 200L << 20, 2));

    assertThat(SegmentSpace.assess(600L << 20, 4, disks))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.objects())
                    .containsExactly("sdw2 /dev/sdb: 200 MB free, 450 MB needed by 2 segments"));
    assertThat(SegmentSpace.assess(100L << 20, 4, disks)).isEmpty();
  }

  @Test
  void boundsByGroupOrQueue() {
    assertThat(Segments.assessLimit(new Segments.Limit("GROUP", "etl", 2), 3))
        .hasValueSatisfying(
            finding ->
                assertThat(finding.mend().steps())
                    .containsExactly("ALTER RESOURCE GROUP \"etl\" SET CONCURRENCY 3"));
    assertThat(Segments.assessLimit(new Segments.Limit("QUEUE", "etl", -1), 3)).isEmpty();
    assertThat(Segments.assessDetector("on")).isEmpty();
    assertThat(Segments.assessDetector("off"))
        .hasValueSatisfying(
            finding ->
                assertThat(finding.mend().steps())
                    .contains("gpconfig -c gp_enable_global_deadlock_detector -v on"));
  }

  @Test
  void onlyAReaderThatNobodyNeedsIsToBeEnded() {
    Optional<SlotFacts> read =
        Optional.of(new SlotFacts("pgoutput", "shop", 42, Lsn.NONE, "reserved"));
    TaskNames names = TaskNames.of("shop");

    assertThat(mendOfReader(read, Optional.empty(), names).steps())
        .containsExactly("SELECT pg_terminate_backend(42)");
    assertThat(mendOfReader(read, Optional.of(new LockHolder(7, "claim", 31)), names).place())
        .isEqualTo(Mend.Place.SOURCE);
    assertThat(mendOfReader(read, Optional.of(new LockHolder(7, "claim", 29)), names).place())
        .isEqualTo(Mend.Place.BY_HAND);
    assertThat(mendOfReader(read, Optional.of(new LockHolder(7, "claim", -1)), names).place())
        .as("how long it is silent cannot be seen")
        .isEqualTo(Mend.Place.BY_HAND);
    assertThat(TaskState.assessReader(Optional.empty(), Optional.empty(), names)).isEmpty();
  }

  private static Mend mendOfReader(
      Optional<SlotFacts> slot, Optional<LockHolder> holder, TaskNames names) {
    return TaskState.assessReader(slot, holder, names).orElseThrow().mend();
  }
}
