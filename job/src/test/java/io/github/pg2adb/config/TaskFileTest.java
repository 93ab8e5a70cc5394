package io.github.pg2adb.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Endpoint.Tls;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Secret;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TablePattern;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.WithoutIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskFileTest {

  private static final String SMALLEST =
      """
      pipeline:
        name: shop
      source:
        type: postgres
        hostname: db.internal
        database: shop
        username: reader
        tables: [public.*]
      sink:
        type: analyticdb
        hostname: gp.internal
        database: warehouse
        username: loader
      """;

  private static final Map<String, String> ENVIRONMENT =
      Map.of("SOURCE_PASSWORD", "s3:cr#et", "HOST", "db", "EMPTY", "", "LIKE", "${HOST}");

  private static TaskConfig parse(String text) {
    return TaskFile.parse(text, "task.yaml", ENVIRONMENT);
  }

  private static void assertProblems(String text, String... problems) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OPERATOR))
        .hasMessage(
            "Cannot use task file \"task.yaml\":\n  task.yaml:"
                + String.join("\n  task.yaml:", problems));
  }

  /** The smallest file with one more line at the end of a section. */
  private static String with(String section, String line) {
    return SMALLEST.replace(section + ":\n", section + ":\n  " + line + "\n");
  }

  @Test
  void defaultsStandForWhatIsAbsent() {
    TaskConfig config = parse(SMALLEST);

    assertThat(config.pipeline())
        .isEqualTo(
            new PipelineSection(
                "shop",
                Set.of(Phase.SCHEMA, Phase.FULL, Phase.INCREMENTAL),
                2,
                Duration.ofSeconds(5),
                Optional.empty(),
                RetryLimits.DEFAULT,
                Set.of()));
    assertThat(config.source())
        .isEqualTo(
            new SourceSection(
                new Endpoint("db.internal", 5432, "shop", "reader", null, Tls.PREFER),
                List.of("public.*"),
                List.of(),
                WithoutIdentity.REFUSE,
                MemorySize.ofMib(64),
                MemorySize.ofMib(8),
                MemorySize.ofMib(256)));
    assertThat(config.sink())
        .isEqualTo(
            new SinkSection(
                Target.Kind.ANALYTICDB,
                new Endpoint("gp.internal", 5432, "warehouse", "loader", null, Tls.PREFER),
                SinkTables.DEFAULT,
                "pg2adb",
                Duration.ofMillis(500),
                100_000,
                MemorySize.ofMib(64),
                NameCase.DEFAULT));
    assertThat(config.route()).isEmpty();
  }

  @Test
  void everyWrongRouteIsNamed() {
    assertProblems(
        SMALLEST + "route: {source-table: a.b}\n",
        "14:8: section \"route\" must be a list of mappings, each with a source-table");
    assertProblems(
        SMALLEST
            + """
            route:
              - sink-table: a.b
              - source-table: orders
                sink-table: a.b.c
              - source-table: a.b(
              - source-table: a.(b)
                sink-table: $2.$1
                constant-value: $1
              - {source-table: a.(b), replace-symbol: <>, table: x}
              - {source-table: a.b, sink-table: a, columns: x, columns.rename: [a b, (a) AS $2]}
              - {source-table: a.b, constant-column: c, constant-value: $1, constant-type: date}
            """,
        "15:5: route.source-table is missing",
        "16:19: route.source-table must be schema.table, two regular expressions, where \\. stands for any character"
            + " and names with dots are in double quotes, not \"orders\"",
        "18:19: route.source-table must be schema.table, two regular expressions, where \\. stands for any character"
            + " and names with dots are in double quotes, not \"a.b(\"",
        "19:5: route.sink-table takes up a group that route.source-table has not, it has 1",
        "19:5: route.constant-value means nothing without route.constant-column",
        "22:5: route.replace-symbol means nothing without route.sink-table",
        "22:47: unknown key \"table\" in section \"route\", the nearest known key is \"sink-table\"",
        "23:5: route.sink-table must be schema.table, where $1 to $9 stand for groups of source-table and names with dots"
            + " are in double quotes",
        "23:49: route.columns must be a list, as in [a, b]",
        "23:69: route.columns.rename must be column AS name, a regular expression and a name where $1 to $9 stand for"
            + " its groups",
        "23:74: route.columns.rename must be column AS name, a regular expression and a name where $1 to $9 stand for"
            + " its groups",
        "24:5: route.constant-value takes up a group that route.source-table has not, it has 0",
        "24:80: route.constant-type must be one of text, smallint, integer, bigint, not \"date\"");
  }

  private static <T extends java.io.Serializable> ByTable.Rule<T> rule(String pattern, T value) {
    return new ByTable.Rule<>(TablePattern.parse(pattern), value);
  }

  @Test
  void exactNamesWinAndThenTheFirstPattern() {
    ByTable<SinkStorage> storage =
        new ByTable<>(
            List.of(
                rule("a.*", SinkStorage.HEAP),
                rule("*.*", SinkStorage.AO_ROW),
                rule("a.b", SinkStorage.AO_COLUMN)));

    assertThat(storage.find(new TableName("a", "b"))).contains(SinkStorage.AO_COLUMN);
    assertThat(storage.find(new TableName("a", "c"))).contains(SinkStorage.HEAP);
    assertThat(storage.find(new TableName("b", "c"))).contains(SinkStorage.AO_ROW);
    assertThat(ByTable.none().find(new TableName("a", "b"))).isEmpty();
  }

  @Test
  void everyValueArrives() {
    TaskConfig config =
        parse(
            """
            # every option with another value than its default
            pipeline:
              name: Shop_2-x
              phases: [incremental, full]
              parallelism: 4
              checkpoint-interval: 30 s
              checkpoint-directory: s3://bucket/pg2adb
              retry.connection: 15min
              retry.other: 1 min
              ignore: [SINK_ROWS, COLLATION]
            source:
              type: postgres
              hostname: "::1"
              port: 5433
              database: shop db
              username: 'pg2adb'
              password: ${SOURCE_PASSWORD}
              tables: [public.*, 'sales.orders', '"My Schema"."we.ird"']
              tables.exclude:
                - public.tmp_*
              tables.without-identity: inserts-only
              chunk-size: 128 MB
              wal.transaction-buffer: 512kib
              wal.decoding-memory: 1gb
              tls.mode: verify-full
              tls.ca: /etc/ca.pem
              tls.certificate: /etc/client.pem
              tls.key: /etc/client.pk8
              tls.key-password: 0123
            sink:
              type: greenplum
              hostname: gp.internal
              port: 7000
              database: warehouse
              username: loader
              password: no
              tls.mode: disable
              tls.ca: a
              tls.certificate: b
              tls.key: c
              tls.key-password: "d"
              on-existing-table: keep
              distribution:
                public.*: replicated
                sales.orders: [a b, c]
              storage: ao_row
              partitions: {public.*: exact}
              grants: true
              ledger-schema: Ledger
              flush-interval: 1min
              batch-rows: 100
              batch-bytes: 1g
              name-case: upper
            route:
              - source-table: shop.orders_(\\d+)
                sink-table: store.<>
                replace-symbol: <>
                columns: [id, na.*, secret]
                columns.exclude: [secret]
                columns.rename: [na(.*) AS $1]
                constant-column: shard
                constant-value: $1
                constant-type: integer
                description: shards
              - source-table: a.\\.*
            """);

    assertThat(config.pipeline())
        .isEqualTo(
            new PipelineSection(
                "Shop_2-x",
                Set.of(Phase.FULL, Phase.INCREMENTAL),
                4,
                Duration.ofSeconds(30),
                Optional.of("s3://bucket/pg2adb"),
                new RetryLimits(Duration.ofMinutes(15), Duration.ofMinutes(1)),
                Set.of(PrecheckCode.COLLATION, PrecheckCode.SINK_ROWS)));
    assertThat(config.source())
        .isEqualTo(
            new SourceSection(
                new Endpoint(
                    "::1",
                    5433,
                    "shop db",
                    "pg2adb",
                    new Secret("s3:cr#et"),
                    new Tls(
                        Tls.Mode.VERIFY_FULL,
                        "/etc/ca.pem",
                        "/etc/client.pem",
                        "/etc/client.pk8",
                        new Secret("0123"))),
                List.of("public.*", "sales.orders", "\"My Schema\".\"we.ird\""),
                List.of("public.tmp_*"),
                WithoutIdentity.INSERTS_ONLY,
                MemorySize.ofMib(128),
                MemorySize.ofKib(512),
                MemorySize.ofMib(1024)));
    assertThat(config.sink())
        .isEqualTo(
            new SinkSection(
                Target.Kind.GREENPLUM,
                new Endpoint(
                    "gp.internal",
                    7000,
                    "warehouse",
                    "loader",
                    new Secret("no"),
                    new Tls(Tls.Mode.DISABLE, "a", "b", "c", new Secret("d"))),
                new SinkTables(
                    OnExistingTable.KEEP,
                    new ByTable<>(
                        List.of(
                            rule(
                                "public.*",
                                new SinkDistribution(SinkDistribution.Kind.REPLICATED, List.of())),
                            rule(
                                "sales.orders",
                                new SinkDistribution(
                                    SinkDistribution.Kind.BY_COLUMNS, List.of("a b", "c"))))),
                    new ByTable<>(List.of(rule("*.*", SinkStorage.AO_ROW))),
                    new ByTable<>(List.of(rule("public.*", SinkPartitions.EXACT))),
                    true),
                "Ledger",
                Duration.ofMinutes(1),
                100,
                MemorySize.ofMib(1024),
                NameCase.UPPER));
    assertThat(config.route())
        .containsExactly(
            new Route(
                "shop.orders_(\\d+)",
                "store.<>",
                "<>",
                List.of("id", "na.*", "secret"),
                List.of("secret"),
                List.of("na(.*) AS $1"),
                new Route.Constant("shard", Route.Constant.Type.INTEGER, "$1"),
                "shards"),
            new Route("a.\\.*", null, null, List.of(), List.of(), List.of(), null, ""));
    assertThat(config.source().selection().selects(new TableName("My Schema", "we.ird"))).isTrue();
    assertThat(config.source().selection().selects(new TableName("public", "tmp_1"))).isFalse();
  }

  @Test
  void otherFailuresAreRetriedForLessLongThanLostConnections() {
    assertProblems(
        with("pipeline", "retry.other: 12h"),
        "1:1: pipeline.retry.other must be shorter than pipeline.retry.connection");
    assertProblems(
        with("pipeline", "retry.connection: 10min"),
        "1:1: pipeline.retry.other must be shorter than pipeline.retry.connection");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          pipeline | phases: []                    | pipeline.phases must not be empty
          pipeline | phases: [full, full]          | pipeline.phases has a value twice
          pipeline | phases: full                  | pipeline.phases must be a list, as in [a, b]
          pipeline | phases: [verify]              | pipeline.phases must be one of schema, full, incremental, not "verify"
          pipeline | parallelism: 0                | pipeline.parallelism must be a number from 1 to 128, not "0"
          pipeline | parallelism: 129              | pipeline.parallelism must be a number from 1 to 128, not "129"
          pipeline | parallelism: many             | pipeline.parallelism must be a number from 1 to 128, not "many"
          pipeline | parallelism: 99999999999      | pipeline.parallelism must be a number from 1 to 128, not "99999999999"
          pipeline | parallelism:                  | pipeline.parallelism has no value
          pipeline | parallelism: [2]              | pipeline.parallelism must be a single value
          pipeline | parallelism: {a: 2}           | pipeline.parallelism must be a single value
          pipeline | checkpoint-interval: 5        | pipeline.checkpoint-interval must be a duration from 100ms to 1h, not "5"
          pipeline | checkpoint-interval: 5 days   | pipeline.checkpoint-interval must be a duration from 100ms to 1h, not "5 days"
          pipeline | checkpoint-interval: 99ms     | pipeline.checkpoint-interval must be a duration from 100ms to 1h, not "99ms"
          pipeline | checkpoint-interval: 61min    | pipeline.checkpoint-interval must be a duration from 100ms to 1h, not "61min"
          pipeline | checkpoint-interval: -1s      | pipeline.checkpoint-interval must be a duration from 100ms to 1h, not "-1s"
          pipeline | checkpoint-directory: /var/x  | pipeline.checkpoint-directory must be a URI with a scheme, such as file:///var/lib/pg2adb, not "/var/x"
          pipeline | retry.connection: 9min        | pipeline.retry.connection must be a duration from 10min to 1440min, not "9min"
          pipeline | retry.connection: 25h         | pipeline.retry.connection must be a duration from 10min to 1440min, not "25h"
          pipeline | retry.other: 59s              | pipeline.retry.other must be a duration from 1min to 1440min, not "59s"
          pipeline | ignore: COLLATION             | pipeline.ignore must be a list, as in [a, b]
          pipeline | ignore: [COLATION]            | pipeline.ignore must be the code of a precheck, not "COLATION", the nearest is "COLLATION"
          pipeline | ignore: [WAL_LEVEL]           | pipeline.ignore must be the code of a precheck that may be ignored, not "WAL_LEVEL": with WAL_LEVEL the task could not run or would lose data
          source   | port: 65536                   | source.port must be a number from 1 to 65535, not "65536"
          source   | password: [hunter2]           | source.password must be a single value
          source   | password: ""                  | source.password must be text, kept secret
          source   | password: ${EMPTY}            | source.password must be text, kept secret
          source   | tables.exclude: [orders]      | source.tables.exclude must be schema.table, where * stands for any characters and names with dots are in double quotes, not "orders"
          source   | tables.without-identity: skip  | source.tables.without-identity must be one of refuse, inserts-only, not "skip"
          source   | tables.exclude: [[a.b]]       | source.tables.exclude must be a single value
          source   | chunk-size: 4kb               | source.chunk-size must be a size from 8kb to 1024gb, not "4kb"
          source   | chunk-size: 64 parsec         | source.chunk-size must be a size from 8kb to 1024gb, not "64 parsec"
          source   | chunk-size: 999999999999999gb | source.chunk-size must be a size from 8kb to 1024gb, not "999999999999999gb"
          source   | wal.decoding-memory: 2gb      | source.wal.decoding-memory must be a size from 64kb to 2047mb, not "2gb"
          source   | wal.transaction-buffer: 63kb  | source.wal.transaction-buffer must be a size from 64kb to 256mb, not "63kb"
          source   | tls.mode: on                  | source.tls.mode must be one of disable, allow, prefer, require, verify-ca, verify-full, not "on"
          source   | tls.key-password: {a: b}      | source.tls.key-password must be a single value
          sink     | ledger-schema: pg_ledger      | sink.ledger-schema must be a name of at most 63 bytes that does not begin with pg_, not "pg_ledger"
          sink     | on-existing-table: drop       | sink.on-existing-table must be one of fail, keep, not "drop"
          sink     | distribution: id              | sink.distribution must be randomly, replicated or a list of columns; or a mapping of table patterns to such values, not "id"
          sink     | distribution: {a.b: [x, x]}   | sink.distribution must be randomly, replicated or a list of columns; or a mapping of table patterns to such values
          sink     | distribution: {}              | sink.distribution must not be empty
          sink     | storage: {a: heap}            | sink.storage must be one of heap, beam, ao_row, ao_column; or a mapping of table patterns to such values, not "heap"
          sink     | storage: {a.b: heap, a.b: heap} | sink.storage has a pattern twice
          sink     | partitions: {a.b: {}}         | sink.partitions must be a single value
          sink     | grants: yes                   | sink.grants must be true or false, not "yes"
          sink     | flush-interval: 9ms           | sink.flush-interval must be a duration from 10ms to 1min, not "9ms"
          sink     | batch-rows: 99                | sink.batch-rows must be a number from 100 to 1000000, not "99"
          sink     | batch-bytes: 2gb              | sink.batch-bytes must be a size from 64kb to 1gb, not "2gb"
          """)
  void saysWhatIsWrongWithAValue(String section, String line, String problem) {
    String text = with(section, line);
    int row = text.substring(0, text.indexOf(line)).split("\n", -1).length;
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(MigrationException.class)
        .hasMessageMatching(
            "(?s)Cannot use task file \"task.yaml\":\n  task.yaml:"
                + row
                + ":\\d+: \\Q"
                + problem
                + "\\E");
  }

  @Test
  void saysWhatIsWrongWithRequiredValues() {
    assertProblems(
        SMALLEST
            .replace("name: shop", "name: my shop")
            .replace("type: postgres", "type: oracle")
            .replace("type: analyticdb", "type: mysql")
            .replace("[public.*]", "[]")
            .replace("gp.internal", "''"),
        "2:9: pipeline.name must be 1 to 40 letters, digits, underscores and hyphens",
        "4:9: source.type must be postgres, not \"oracle\"",
        "8:11: source.tables must not be empty",
        "10:9: sink.type must be one of analyticdb, greenplum, cloudberry, postgresql, not \"mysql\"",
        "11:13: sink.hostname must be text, not \"\"");
  }

  @Test
  void namesAllProblemsAtOnceByLine() {
    assertProblems(
        """
        pipeline:
          nam: shop
          parallelism: 2
          parallelism: 3
        source:
          type: postgres
          hostnam: db
          port: x
          username: ${NOBODY}
          password: ${also nobody}
          tables: [a]
        snk: {}
        """,
        "1:1: section \"sink\" is missing",
        "2:3: unknown key \"nam\" in section \"pipeline\", the nearest known key is \"name\"",
        "2:3: pipeline.name is missing",
        "4:3: key \"parallelism\" is there twice in section \"pipeline\"",
        "6:3: source.hostname is missing",
        "6:3: source.database is missing",
        "7:3: unknown key \"hostnam\" in section \"source\", the nearest known key is \"hostname\"",
        "8:9: source.port must be a number from 1 to 65535, not \"x\"",
        "9:13: source.username: environment variable \"NOBODY\" is not set",
        "10:13: source.password: \"${\" begins no variable like ${NAME}; write \"$${\" for the characters themselves",
        "11:12: source.tables must be schema.table, where * stands for any characters and names with dots are in"
            + " double quotes, not \"a\"",
        "12:1: unknown key \"snk\" in the task file, the nearest known key is \"sink\"");
  }

  @Test
  void sectionsThatDoNotExistYetAreUnknown() {
    assertProblems(
        SMALLEST + "transform: []\n",
        "14:1: unknown key \"transform\" in the task file, the nearest known key is \"route\"");
  }

  @Test
  void nestedKeysAreNotFlatOnes() {
    assertProblems(
        with("source", "tls: {mode: require}"),
        "4:3: unknown key \"tls\" in section \"source\", the nearest known key is \"tls.ca\"");
  }

  @Test
  void refusesWhatIsNoTaskFile() {
    String invalid =
        "this is not valid YAML; check indentation, colons and brackets, and put values with special characters in quotes";
    assertProblems("", "1:1: the file is empty");
    assertProblems("hunter2", "1:1: the task file must be a mapping of keys to values");
    assertProblems(with("source", "password: @hunter2"), "4:13: " + invalid);
    assertProblems(with("source", "password: *hunter2"), "4:13: " + invalid);
    assertProblems(with("source", "password:hunter2"), "5:7: " + invalid);
    assertProblems(SMALLEST + "\u0000", "1:1: " + invalid);
    assertProblems(
        "pipeline: []\nsource: hunter2\nsink:\n",
        "1:11: section \"pipeline\" must be a mapping of keys to values",
        "2:9: section \"source\" must be a mapping of keys to values",
        "3:6: section \"sink\" must be a mapping of keys to values");
  }

  @Test
  void environmentIsPutInOnceAndCanBeEscaped() {
    TaskConfig config =
        parse(
            SMALLEST
                .replace("hostname: db.internal", "hostname: a.${HOST}.b.${HOST}")
                .replace("database: shop", "database: $${HOST}$$ $x")
                .replace("username: reader", "username: ${LIKE}")
                .replace("[public.*]", "[\"${HOST}.*\"]"));

    assertThat(config.source().endpoint().host()).isEqualTo("a.db.b.db");
    assertThat(config.source().endpoint().database()).isEqualTo("${HOST}$$ $x");
    assertThat(config.source().endpoint().user()).isEqualTo("${HOST}");
    assertThat(config.source().tables()).containsExactly("db.*");
  }

  @Test
  void messagesShowTheVariableAndNotItsValue() {
    assertProblems(
        with("source", "port: ${SOURCE_PASSWORD}"),
        "4:9: source.port must be a number from 1 to 65535, not \"${SOURCE_PASSWORD}\"");
  }

  @Test
  void loadsAFile(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("task.yaml"), SMALLEST);
    assertThat(TaskFile.load(file)).isEqualTo(parse(SMALLEST));

    Path absent = folder.resolve("absent.yaml");
    assertThatThrownBy(() -> TaskFile.load(absent, Map.of()))
        .isInstanceOf(MigrationException.class)
        .hasMessage("Cannot read task file \"" + absent + "\": there is no such file.");
    Path latin = Files.write(file, "name: ü".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TaskFile.load(latin, Map.of()))
        .isInstanceOf(MigrationException.class)
        .hasMessage("Cannot read task file \"" + latin + "\": it is not UTF-8 text.");
  }
}
