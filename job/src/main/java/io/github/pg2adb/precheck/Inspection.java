package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PlannedTypes;
import io.github.pg2adb.model.ReplacedTypes;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TaskNames;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.postgres.TypeLookup;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What items look at: the task, a session with each end, and what more than one item asks. Every
 * answer is asked for at most once; what cannot be had is a {@link SkippedException} with the
 * reason. For one thread.
 */
final class Inspection implements AutoCloseable {

  private static final String APPLICATION = "pg2adb precheck";

  /** Not permitted, not known, not built in. */
  private static final Set<String> REFUSED = Set.of("42501", "42704", "22023", "0A000");

  private final PrecheckOptions options;
  private final TaskNames names;
  private final Once<Connection> source;
  private final Once<Connection> sink;
  private final Once<SourceSchema> schema;
  private final Once<RoutedSchema> routed;
  private final Once<SourceServer> sourceServer;
  private final Once<Target> target;
  private final Once<TableForms> forms;
  private final Once<LedgerState> ledger;
  private final Once<Map<TableName, SinkTable>> sinkTables;
  private final Once<Optional<SlotFacts>> slot;
  private final Once<Boolean> silences;

  Inspection(PrecheckOptions options, Precheck.SchemaReader reader) {
    this.options = options;
    this.names = TaskNames.of(options.task());
    this.source = new Once<>(() -> open(options.source(), "source"));
    this.sink = new Once<>(() -> open(options.sink(), "destination"));
    this.schema = new Once<>(() -> read(reader));
    this.routed = new Once<>(() -> RoutedSchema.unchecked(schema(), options.routes()));
    this.sourceServer = new Once<>(() -> SourceServer.ask(source()));
    this.target = new Once<>(() -> TargetProbe.ask(sink()));
    this.forms = new Once<>(this::askForms);
    this.ledger = new Once<>(() -> LedgerState.ask(sink(), options));
    this.sinkTables = new Once<>(() -> SinkTable.ask(sink(), target(), sinkNames()));
    this.slot = new Once<>(() -> SlotFacts.ask(source(), names.slot()));
    this.silences = new Once<>(() -> trySilencing(sink()));
  }

  private static Connection open(Endpoint endpoint, String end)
      throws SQLException, SkippedException {
    Connection connection;
    try {
      connection = Sessions.open(endpoint, APPLICATION);
    } catch (MigrationException e) {
      throw new SkippedException("there is no session with the " + end, e);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout TO '5s'");
      connection.setReadOnly(true);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  private SourceSchema read(Precheck.SchemaReader reader) throws SQLException, SkippedException {
    try {
      return reader.read(source());
    } catch (MigrationException e) {
      throw new SkippedException("the selected tables are not known", e);
    }
  }

  PrecheckOptions options() {
    return options;
  }

  /** What the task's slot and publications are called. */
  TaskNames names() {
    return names;
  }

  /** A read-only session with the source, in autocommit mode. */
  Connection source() throws SQLException, SkippedException {
    return source.get();
  }

  /** A read-only session with the destination, in autocommit mode. */
  Connection sink() throws SQLException, SkippedException {
    return sink.get();
  }

  /** The selected tables. */
  SourceSchema schema() throws SQLException, SkippedException {
    return schema.get();
  }

  List<TableSchema> tables() throws SQLException, SkippedException {
    return schema().tables();
  }

  List<TableName> tableNames() throws SQLException, SkippedException {
    return tables().stream().map(TableSchema::name).toList();
  }

  /** The selected tables and what they are called in the destination. */
  RoutedSchema routed() throws SQLException, SkippedException {
    return routed.get();
  }

  /** What the selected tables are called in the destination. */
  List<TableName> sinkNames() throws SQLException, SkippedException {
    return routed().target().tables().stream().map(TableSchema::name).toList();
  }

  /** The selected tables' oids in the source. */
  Long[] tableOids() throws SQLException, SkippedException {
    return tables().stream().map(TableSchema::oid).toArray(Long[]::new);
  }

  SourceServer sourceServer() throws SQLException, SkippedException {
    return sourceServer.get();
  }

  Target target() throws SQLException, SkippedException {
    return target.get();
  }

  /** What form the tables would get that the schema phase creates. */
  TableForms forms() throws SQLException, SkippedException {
    return forms.get();
  }

  private TableForms askForms() throws SQLException, SkippedException {
    SourceSchema planned = routed().target();
    Set<String> types = TableForms.typesThatMatter(planned.tables(), options.sinkTables());
    ReplacedTypes rules = ReplacedTypes.of(planned.types());
    Set<String> hashable = new HashSet<>();
    if (target().distributed()) {
      Set<String> replaced = new HashSet<>(types);
      replaced.removeAll(TypeLookup.known(sink(), types));
      Set<String> asked = new HashSet<>(types);
      replaced.forEach(type -> rules.replacement(type).ifPresent(asked::add));
      hashable.addAll(TypeLookup.hashable(sink(), asked));
      replaced.removeIf(type -> rules.replacement(type).filter(hashable::contains).isEmpty());
      hashable.addAll(replaced);
      hashable.addAll(new PlannedTypes(planned).hashable(types));
    }
    return new TableForms(options.sinkTables(), target(), options.isIncremental(), hashable);
  }

  /** What the destination's ledger says of this task and others. */
  LedgerState ledger() throws SQLException, SkippedException {
    return ledger.get();
  }

  /** The destination's relations that have the names that selected tables have there. */
  Map<TableName, SinkTable> sinkTables() throws SQLException, SkippedException {
    return sinkTables.get();
  }

  /** The task's slot, empty if the source has none of that name. */
  Optional<SlotFacts> slot() throws SQLException, SkippedException {
    return slot.get();
  }

  /**
   * Whether the role may silence triggers and foreign keys in the destination: tried, and undone.
   */
  boolean maySilenceTriggers() throws SQLException, SkippedException {
    return silences.get();
  }

  private static boolean trySilencing(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL session_replication_role TO 'replica'");
      return true;
    } catch (SQLException e) {
      if (!REFUSED.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
      return false;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /**
   * Ends the item if changes are not followed.
   *
   * @throws SkippedException without the incremental phase
   */
  void requireIncremental() throws SkippedException {
    if (!options.isIncremental()) {
      throw new SkippedException("the task has no phase incremental");
    }
  }

  /**
   * Ends the item if the destination has no segments.
   *
   * @throws SkippedException for PostgreSQL
   */
  void requireDistributed() throws SQLException, SkippedException {
    if (!target().distributed()) {
      throw new SkippedException("the destination has no segments");
    }
  }

  @Override
  public void close() throws SQLException {
    Optional<Connection> first = source.given();
    Optional<Connection> second = sink.given();
    try {
      if (first.isPresent()) {
        first.get().close();
      }
    } finally {
      if (second.isPresent()) {
        second.get().close();
      }
    }
  }
}
