package io.github.pg2adb.schema;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.PlannedObject.Order;
import io.github.pg2adb.schema.PlannedObject.Step;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates what comes after the rows: functions, indexes, constraints, views, foreign keys,
 * comments. Every object has its own transaction, and one that is there is kept, so this can be run
 * again after a crash and goes on where that happened. What the destination refuses is reported and
 * left out; nothing that is there is altered.
 *
 * <p>For one thread, except {@link #cancel}.
 */
public final class AfterLoad {

  private static final Logger LOG = LoggerFactory.getLogger(AfterLoad.class);

  private static final String APPLICATION = "pg2adb after load";

  /** An internal error: what Greenplum says to some statements that it does not support. */
  private static final String INTERNAL_ERROR = "XX000";

  private final Options options;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cancelled;

  public AfterLoad(Options options) {
    this.options = options;
  }

  /** When an object can be created. */
  public enum Stage {
    /**
     * When the rows are there, before changes are applied: what would lock tables against them for
     * long.
     */
    BEFORE_CHANGES,
    /** While changes are applied. */
    BESIDE_CHANGES,
    /** When the tables show the source as of one moment. */
    WHEN_CONSISTENT
  }

  /**
   * Where and for which tables.
   *
   * @param source the source database
   * @param sink the destination database
   * @param schema the selected tables
   * @param selection which those are
   * @param routes what they are called in the destination
   * @param parallelism how many objects are created at the same time
   * @param changing whether changes are applied after the load
   * @param rules what the task asks of its tables
   */
  public record Options(
      Endpoint source,
      Endpoint sink,
      SourceSchema schema,
      TableSelection selection,
      Routes routes,
      int parallelism,
      boolean changing,
      SchemaRules rules)
      implements Serializable {

    RoutedSchema routed() {
      return RoutedSchema.of(schema, routes);
    }
  }

  /**
   * Creates what is still missing of these stages.
   *
   * @param inSeveralChunks the tables that were read in more than one chunk
   * @return what was created, was there, differs and is left out; what the source has and no stage
   *     creates is in the report of {@link Stage#BEFORE_CHANGES}
   * @throws MigrationException if a server fails; doing the same again then goes on
   */
  public SchemaReport create(Set<Stage> stages, Set<TableName> inSeveralChunks) {
    try (Connection connection = Sessions.open(options.sink(), APPLICATION)) {
      Target target = TargetProbe.ask(connection);
      Set<ObjectKey> there = new DestinationObjects(connection, target).keys();
      ObjectPlan plan = plan(connection, target, inSeveralChunks, there);
      List<Entry> entries = new ArrayList<>();
      for (Step step : Step.values()) {
        if (stages.contains(step.stage())) {
          List<PlannedObject> objects =
              plan.objects().stream().filter(object -> object.step() == step).toList();
          entries.addAll(create(step, objects, there));
        }
      }
      if (stages.contains(Stage.BEFORE_CHANGES)) {
        entries.addAll(plan.entries());
      }
      return new SchemaReport(entries);
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot create indexes, constraints and views in " + options.sink(), "", e);
    }
  }

  /** Creates everything at once: for tables that nothing changes. */
  public SchemaReport createAll() {
    return create(EnumSet.allOf(Stage.class), Set.of());
  }

  private ObjectPlan plan(
      Connection sink, Target target, Set<TableName> inSeveralChunks, Set<ObjectKey> there)
      throws SQLException {
    RoutedSchema routed = options.routed();
    Set<TableName> cut =
        inSeveralChunks.stream()
            .map(table -> routed.route(table).target())
            .collect(Collectors.toSet());
    DestinationObjects destination = new DestinationObjects(sink, target);
    Source source = readSource(routed);
    ObjectPlan plan =
        ObjectPlan.of(
            source.objects(),
            routed,
            new ObjectPlan.Facts(
                target,
                destination.indexMethods(),
                destination.distributions(),
                options.changing() ? cut : Set.of(),
                options.changing(),
                destination.triggersCanBeTurnedOff(),
                destination.partitionedTables(),
                there));
    return options.rules().tables().grants()
        ? plan.and(
            new GrantPlan(source.objects(), routed, destination.roles()).plan(source.grants()))
        : plan;
  }

  /** What the source has; its privileges only if they are asked for. */
  private record Source(SourceObjects objects, List<SourceGrant> grants) {}

  private Source readSource(RoutedSchema routed) {
    try (Connection source = Sessions.open(options.source(), APPLICATION)) {
      CatalogSession session = CatalogSession.of(source);
      return new Source(
          SourceObjects.read(session, options.selection(), routed),
          options.rules().tables().grants() ? SourceGrant.read(session) : List.of());
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the catalog of " + options.source(), "", e);
    }
  }

  private List<Entry> create(Step step, List<PlannedObject> objects, Set<ObjectKey> there) {
    List<Entry> entries = new ArrayList<>();
    List<PlannedObject> absent = new ArrayList<>();
    for (PlannedObject object : objects) {
      if (!there.contains(object.key())) {
        absent.add(object);
      } else if (object.isReported() && step != Step.SCHEMA) {
        entries.add(new Entry(Outcome.KEPT, object.object(), ""));
      }
    }
    if (!absent.isEmpty()) {
      LOG.info("Creates {} objects: {}", absent.size(), step);
      entries.addAll(run(units(step.order(), absent)));
    }
    return entries;
  }

  /** What one session does one after the other. */
  private static List<List<PlannedObject>> units(Order order, List<PlannedObject> objects) {
    return switch (order) {
      case SERIAL -> List.of(objects);
      case PARALLEL -> objects.stream().map(List::of).toList();
      case BY_TABLE -> {
        Map<@Nullable TableName, List<PlannedObject>> byTable = new LinkedHashMap<>();
        objects.forEach(
            object ->
                byTable.computeIfAbsent(object.table(), table -> new ArrayList<>()).add(object));
        yield List.copyOf(byTable.values());
      }
    };
  }

  private List<Entry> run(List<List<PlannedObject>> units) {
    Queue<List<PlannedObject>> waiting = new ConcurrentLinkedQueue<>(units);
    int workers = Math.min(options.parallelism(), units.size());
    AtomicInteger number = new AtomicInteger();
    ExecutorService executor =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "pg2adb after load " + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<CompletableFuture<List<Entry>>> results =
          Stream.generate(() -> CompletableFuture.supplyAsync(() -> work(waiting), executor))
              .limit(workers)
              .toList();
      List<Entry> entries = new ArrayList<>();
      @Nullable RuntimeException failure = null;
      for (CompletableFuture<List<Entry>> result : results) {
        try {
          entries.addAll(result.join());
        } catch (CompletionException e) {
          // the others end with what they are at
          waiting.clear();
          failure =
              e.getCause() instanceof RuntimeException cause && failure == null ? cause : failure;
        }
      }
      if (failure != null) {
        throw failure;
      }
      return entries;
    } finally {
      executor.shutdown();
    }
  }

  private List<Entry> work(Queue<List<PlannedObject>> waiting) {
    List<Entry> entries = new ArrayList<>();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      try {
        for (List<PlannedObject> unit = waiting.poll(); unit != null; unit = waiting.poll()) {
          for (PlannedObject object : unit) {
            create(connection, object, entries);
          }
        }
      } finally {
        open.remove(connection);
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close the session with " + options.sink(), "", e);
    }
    return entries;
  }

  private void create(Connection connection, PlannedObject object, List<Entry> entries)
      throws SQLException {
    requireNotCancelled();
    String attempt =
        object.step() == Step.VALIDATION || object.step() == Step.ANALYZE
            ? object.statement()
            : object.object();
    try {
      long started = System.nanoTime();
      boolean created =
          new Creator(connection).create(Creation.of(attempt, object.statement()), "").created();
      if (!created && !isThere(connection, object)) {
        entries.add(
            new Entry(
                Outcome.LEFT_OUT,
                object.object(),
                object.step() == Step.VIEW
                    ? "The destination refuses it: a name is taken that it needs while it is created."
                    : "The destination refuses it: rows of the table break it (SQLSTATE 23505)."));
      } else if (object.isReported()) {
        entries.add(new Entry(created ? Outcome.CREATED : Outcome.KEPT, object.object(), ""));
        LOG.info(
            "{} {} in {} ms",
            created ? "Created" : "Found",
            object.object(),
            (System.nanoTime() - started) / 1_000_000);
      }
    } catch (MigrationException e) {
      requireNotCancelled();
      if (!isRefusal(e, connection)) {
        throw e;
      }
      // what a comment is on is reported as left out itself; a function may have been made by
      // another
      if (object.step() != Step.COMMENT && !isThere(connection, object)) {
        entries.add(new Entry(Outcome.LEFT_OUT, object.object(), reason(object.step(), e)));
      }
    }
  }

  /**
   * Whether someone else created it meanwhile: a unique index that rows break has the same SQLSTATE
   * as a row of the catalog that is there already.
   */
  private boolean isThere(Connection connection, PlannedObject object) throws SQLException {
    boolean there =
        new DestinationObjects(connection, TargetProbe.ask(connection))
            .keys()
            .contains(object.key());
    connection.rollback();
    return there;
  }

  private static boolean isRefusal(MigrationException error, Connection connection)
      throws SQLException {
    if (error.kind() == ErrorKind.FAIL) {
      return true;
    }
    return error.getCause() instanceof SQLException cause
        && INTERNAL_ERROR.equals(cause.getSQLState())
        && connection.isValid(5);
  }

  /** The messages of SQLSTATE class 22 quote the value that was refused. */
  private static String reason(Step step, MigrationException error) {
    String what =
        step == Step.VALIDATION
            ? "It is there, but rows that were loaded may break it: "
            : "The destination refuses it: ";
    if (!(error.getCause() instanceof SQLException cause)) {
      return what + error.getMessage();
    }
    String state = String.valueOf(cause.getSQLState());
    String why = state.startsWith("22") ? "a value is not what it takes" : SqlErrors.reason(cause);
    return what + why + " (SQLSTATE " + state + ").";
  }

  private Connection connect() {
    requireNotCancelled();
    Connection connection = Sessions.open(options.sink(), APPLICATION);
    open.add(connection);
    return connection;
  }

  private void requireNotCancelled() {
    if (cancelled) {
      throw new MigrationException(
          ErrorKind.FAIL, "Cannot go on creating objects: the job is being stopped", "");
    }
  }

  /** Whether {@link #cancel} was called. */
  public boolean isCancelled() {
    return cancelled;
  }

  /** Makes {@link #create} end soon, with an error; for another thread. */
  public void cancel() {
    cancelled = true;
    for (Connection connection : open) {
      try {
        connection.unwrap(PGConnection.class).cancelQuery();
      } catch (SQLException e) {
        LOG.debug("The session with {} is gone already", options.sink(), e);
      }
    }
  }
}
