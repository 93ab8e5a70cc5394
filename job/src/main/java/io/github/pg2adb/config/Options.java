package io.github.pg2adb.config;

import io.github.pg2adb.config.Option.Presence;
import io.github.pg2adb.config.Option.Shape;
import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.Endpoint.Tls;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Secret;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.WithoutIdentity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every option of the task file: the one place that says its key, type, range, default and meaning.
 */
final class Options {

  static final String PIPELINE = "pipeline";
  static final String SOURCE = "source";
  static final String SINK = "sink";
  static final String ROUTE = "route";

  /** The sections that must be there, in the order in which a task file has them. */
  static final List<String> SECTIONS = List.of(PIPELINE, SOURCE, SINK);

  static final Option<String> NAME =
      Option.required(
          PIPELINE,
          "name",
          ValueType.matching(
              "[A-Za-z0-9_-]{1,40}", "1 to 40 letters, digits, underscores and hyphens"),
          "Names the Flink job, the slot, the publication and the ledger's rows: a task keeps its name.");
  static final Option<Phase> PHASES =
      new Option<>(
          PIPELINE,
          "phases",
          Shape.LIST,
          ValueType.word(Phase.class, Phase::word),
          Presence.OPTIONAL,
          List.of("schema", "full", "incremental"),
          "What is done: create what the destination lacks, copy the rows, apply changes from then on.");
  static final Option<Integer> PARALLELISM =
      Option.of(
          PIPELINE,
          "parallelism",
          ValueType.integer(1, 128),
          "2",
          "How many readers and writers copy rows at the same time.");
  static final Option<Duration> CHECKPOINT_INTERVAL =
      Option.of(
          PIPELINE,
          "checkpoint-interval",
          ValueType.duration("100ms", "1h"),
          "5s",
          "How often Flink keeps the job's state, and the source may drop WAL.");
  static final Option<String> CHECKPOINT_DIRECTORY =
      Option.optional(
          PIPELINE,
          "checkpoint-directory",
          ValueType.uri(),
          "Where Flink keeps the job's state; without it, where the cluster's configuration says.");
  static final Option<Duration> RETRY_CONNECTION =
      Option.of(
          PIPELINE,
          "retry.connection",
          ValueType.duration("10min", "1440min"),
          "720min",
          "For how long the job tries again while a server cannot be reached; then it fails.");
  static final Option<Duration> RETRY_OTHER =
      Option.of(
          PIPELINE,
          "retry.other",
          ValueType.duration("1min", "1440min"),
          "10min",
          "The same for deadlocks, lock timeouts, a full disk or a read-only server; shorter than retry.connection.");

  static final Option<PrecheckCode> IGNORE =
      new Option<>(
          PIPELINE,
          "ignore",
          Shape.LIST,
          ValueType.ignorableCode(),
          Presence.OPTIONAL,
          List.of(),
          "The prechecks that are not made.");

  static final Option<String> SOURCE_TYPE =
      Option.required(
          SOURCE,
          "type",
          ValueType.word(Map.of("postgres", "postgres")),
          "The kind of database that is read.");
  static final ConnectionOptions SOURCE_CONNECTION = ConnectionOptions.in(SOURCE);
  static final Option<String> TABLES =
      new Option<>(
          SOURCE,
          "tables",
          Shape.LIST,
          ValueType.tablePattern(),
          Presence.REQUIRED,
          null,
          "The tables to migrate.");
  static final Option<String> EXCLUDED_TABLES =
      new Option<>(
          SOURCE,
          "tables.exclude",
          Shape.LIST,
          ValueType.tablePattern(),
          Presence.OPTIONAL,
          List.of(),
          "What to leave out of them.");
  static final Option<WithoutIdentity> WITHOUT_IDENTITY =
      Option.of(
          SOURCE,
          "tables.without-identity",
          ValueType.word(WithoutIdentity.class, WithoutIdentity::word),
          "refuse",
          "What a task with phase incremental does with tables whose updates and deletes PostgreSQL cannot publish: refuse to start,"
              + " or replicate rows and inserts only.");
  static final Option<MemorySize> CHUNK_SIZE =
      Option.of(
          SOURCE,
          "chunk-size",
          ValueType.size("8kb", "1024gb"),
          "64mb",
          "How much of a table is read and loaded in one transaction.");
  static final Option<MemorySize> TRANSACTION_BUFFER =
      Option.of(
          SOURCE,
          "wal.transaction-buffer",
          ValueType.size("64kb", "256mb"),
          "8mb",
          "How much of a source transaction is held in memory before it is handed on in pieces.");
  static final Option<MemorySize> DECODING_MEMORY =
      Option.of(
          SOURCE,
          "wal.decoding-memory",
          ValueType.size("64kb", "2047mb"),
          "256mb",
          "How much memory the source's server, from PostgreSQL 13 on, takes for transactions that it decodes before it writes them to its disk;"
              + " its own logical_decoding_work_mem if that is more.");

  static final Option<Target.Kind> SINK_TYPE =
      Option.required(
          SINK,
          "type",
          ValueType.word(Target.Kind.class, Target.Kind::word),
          "The kind of database that is written, checked against what the server says it is.");
  static final ConnectionOptions SINK_CONNECTION = ConnectionOptions.in(SINK);
  static final Option<String> LEDGER_SCHEMA =
      Option.of(
          SINK,
          "ledger-schema",
          ValueType.schemaName(),
          "pg2adb",
          "The destination's schema for the tables that keep the task's progress.");
  static final Option<OnExistingTable> ON_EXISTING_TABLE =
      Option.of(
          SINK,
          "on-existing-table",
          ValueType.word(OnExistingTable.class, OnExistingTable::word),
          "fail",
          "What happens to tables that are there and that the task did not create: it does not start, or they and their rows stay.");
  static final Option<ByTable.Rule<SinkDistribution>> DISTRIBUTION =
      Option.byTable(
          SINK,
          "distribution",
          ValueType.distribution(),
          "How rows are spread over segments, for tables that are not to be spread by their primary key.");
  static final Option<ByTable.Rule<SinkStorage>> STORAGE =
      Option.byTable(
          SINK,
          "storage",
          ValueType.word(SinkStorage.class, SinkStorage::word),
          "How rows are stored; beam where AnalyticDB is 7.0.6.6 or newer, else heap, if nothing is said.");
  static final Option<ByTable.Rule<SinkPartitions>> PARTITIONS =
      Option.byTable(
          SINK,
          "partitions",
          ValueType.word(SinkPartitions.class, SinkPartitions::word),
          "What partitioned tables become: the same partitions and a default one (if nothing is said), those alone, or one plain table.");
  static final Option<Boolean> GRANTS =
      Option.of(
          SINK,
          "grants",
          ValueType.flag(),
          "false",
          "Whether roles that the destination has get the privileges that they have at the source on what was migrated.");
  static final Option<Duration> FLUSH_INTERVAL =
      Option.of(
          SINK,
          "flush-interval",
          ValueType.duration("10ms", "1min"),
          "500ms",
          "How long changes wait at most before they are written.");
  static final Option<Integer> BATCH_ROWS =
      Option.of(
          SINK,
          "batch-rows",
          ValueType.integer(100, 1_000_000),
          "100000",
          "How many changes are collected before they are written.");
  static final Option<MemorySize> BATCH_BYTES =
      Option.of(
          SINK,
          "batch-bytes",
          ValueType.size("64kb", "1gb"),
          "64mb",
          "How many bytes of changes are collected before they are written.");
  static final Option<NameCase> NAME_CASE =
      Option.of(
          SINK,
          "name-case",
          ValueType.word(NameCase.class, NameCase::word),
          "default",
          "How names are spelled that come from the source: by default schemas and tables in lower case and columns as they are.");

  static final Option<String> SOURCE_TABLE =
      Option.required(
          ROUTE,
          "source-table",
          ValueType.routePattern(),
          "The tables that the route is for: the first route that matches a table decides about it.");
  static final Option<String> SINK_TABLE =
      Option.optional(
          ROUTE,
          "sink-table",
          ValueType.routeTarget(),
          "What they are called in the destination; without it, as at the source.");
  static final Option<String> REPLACE_SYMBOL =
      Option.optional(
          ROUTE,
          "replace-symbol",
          ValueType.text(),
          "What stands for the source table's name in `sink-table`, such as `<>`; `$0` does so always.");
  static final Option<String> COLUMNS =
      columns("columns", "The columns to migrate; all without it.");
  static final Option<String> EXCLUDED_COLUMNS =
      columns("columns.exclude", "The columns to leave out, which must not belong to the key.");
  static final Option<String> RENAMED_COLUMNS =
      new Option<>(
          ROUTE,
          "columns.rename",
          Shape.LIST,
          ValueType.renaming(),
          Presence.OPTIONAL,
          List.of(),
          "What columns are called in the destination, as in `[customer_id AS customer]`.");
  static final Option<String> CONSTANT_COLUMN =
      Option.optional(
          ROUTE,
          "constant-column",
          ValueType.text(),
          "A column that the source has not and whose value tells the tables apart that meet in one; it becomes part of the key.");
  static final Option<String> CONSTANT_VALUE =
      Option.optional(
          ROUTE,
          "constant-value",
          ValueType.routeName(),
          "Its value for all rows of a source table; without it, the source table's name with its schema.");
  static final Option<Route.Constant.Type> CONSTANT_TYPE =
      Option.of(
          ROUTE,
          "constant-type",
          ValueType.word(Route.Constant.Type.class, Route.Constant.Type::word),
          "text",
          "Its type.");
  static final Option<String> DESCRIPTION =
      Option.optional(
          ROUTE, "description", ValueType.text(), "What people should know of the route.");

  private static Option<String> columns(String key, String sentence) {
    return new Option<>(
        ROUTE, key, Shape.LIST, ValueType.columnPattern(), Presence.OPTIONAL, List.of(), sentence);
  }

  /** All of them, by section and then in the order in which the README has them. */
  static final List<Option<?>> ALL =
      Stream.of(
              Stream.of(
                  NAME,
                  PHASES,
                  PARALLELISM,
                  CHECKPOINT_INTERVAL,
                  CHECKPOINT_DIRECTORY,
                  RETRY_CONNECTION,
                  RETRY_OTHER,
                  IGNORE),
              Stream.of(SOURCE_TYPE),
              SOURCE_CONNECTION.all(),
              Stream.of(
                  TABLES,
                  EXCLUDED_TABLES,
                  WITHOUT_IDENTITY,
                  CHUNK_SIZE,
                  TRANSACTION_BUFFER,
                  DECODING_MEMORY),
              Stream.of(SINK_TYPE),
              SINK_CONNECTION.all(),
              Stream.of(
                  ON_EXISTING_TABLE,
                  DISTRIBUTION,
                  STORAGE,
                  PARTITIONS,
                  GRANTS,
                  LEDGER_SCHEMA,
                  FLUSH_INTERVAL,
                  BATCH_ROWS,
                  BATCH_BYTES,
                  NAME_CASE),
              Stream.of(
                  SOURCE_TABLE,
                  SINK_TABLE,
                  REPLACE_SYMBOL,
                  COLUMNS,
                  EXCLUDED_COLUMNS,
                  RENAMED_COLUMNS,
                  CONSTANT_COLUMN,
                  CONSTANT_VALUE,
                  CONSTANT_TYPE,
                  DESCRIPTION))
          .<Option<?>>flatMap(options -> options)
          .toList();

  private Options() {}

  /** The section's options. */
  static List<Option<?>> of(String section) {
    return ALL.stream().filter(option -> option.section().equals(section)).toList();
  }

  /** How to reach a database; both ends have the same options. */
  record ConnectionOptions(
      Option<String> hostname,
      Option<Integer> port,
      Option<String> database,
      Option<String> username,
      Option<Secret> password,
      Option<Tls.Mode> tlsMode,
      Option<String> tlsCa,
      Option<String> tlsCertificate,
      Option<String> tlsKey,
      Option<Secret> tlsKeyPassword) {

    private static ConnectionOptions in(String section) {
      return new ConnectionOptions(
          Option.required(section, "hostname", ValueType.text(), "The server's name or address."),
          Option.of(section, "port", ValueType.integer(1, 65535), "5432", "The server's TCP port."),
          Option.required(section, "database", ValueType.text(), "The database's name."),
          Option.required(section, "username", ValueType.text(), "The role to log in as."),
          Option.optional(
              section,
              "password",
              ValueType.secret(),
              "The role's password, best as `${NAME}` from the environment; never printed."),
          Option.of(
              section,
              "tls.mode",
              ValueType.word(Tls.Mode.class, Tls.Mode::word),
              "prefer",
              "How the connection is encrypted and the server checked, as libpq's sslmode."),
          Option.optional(
              section,
              "tls.ca",
              ValueType.text(),
              "The file with the CA certificates that are trusted."),
          Option.optional(
              section,
              "tls.certificate",
              ValueType.text(),
              "The file with the client's certificate."),
          Option.optional(
              section,
              "tls.key",
              ValueType.text(),
              "The file with the client's key, PKCS-8 DER or PKCS-12."),
          Option.optional(
              section,
              "tls.key-password",
              ValueType.secret(),
              "The password of the key's file; never printed."));
    }

    private Stream<Option<?>> all() {
      return Stream.of(
          hostname,
          port,
          database,
          username,
          password,
          tlsMode,
          tlsCa,
          tlsCertificate,
          tlsKey,
          tlsKeyPassword);
    }
  }
}
