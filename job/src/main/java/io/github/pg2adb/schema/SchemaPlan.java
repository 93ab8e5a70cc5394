package io.github.pg2adb.schema;

import io.github.pg2adb.model.RoutedSchema;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the schema phase would do now, found without touching anything.
 *
 * @param target what the destination is
 * @param statements what would be executed, in order
 * @param decisions what is kept, differs from the source or is left out, and why
 */
public record SchemaPlan(Target target, List<Statement> statements, List<Entry> decisions) {

  private static final String APPLICATION = "pg2adb plan";

  public SchemaPlan {
    statements = List.copyOf(statements);
    decisions = List.copyOf(decisions);
  }

  /** When a statement is executed. */
  public enum Moment {
    /** Before the first row is copied. */
    BEFORE_LOAD,
    /** When all rows are there. */
    AFTER_LOAD
  }

  /**
   * A statement.
   *
   * @param moment when it is executed
   * @param object what it creates, as in {@code table public.orders}
   * @param sql its text without a semicolon at the end; several statements with semicolons between
   *     belong into one transaction
   */
  public record Statement(Moment moment, String object, String sql) {}

  /**
   * Finds out. Table sizes are taken as if no changes were applied beside: which tables are then
   * read in several chunks is known only when they are.
   *
   * @throws io.github.pg2adb.model.MigrationException if something that is there cannot hold the
   *     rows, or a server fails
   */
  public static SchemaPlan of(AfterLoad.Options options) {
    try (Connection source = Sessions.open(options.source(), APPLICATION);
        Connection sink = Sessions.open(options.sink(), APPLICATION)) {
      Target target = TargetProbe.ask(sink);
      RoutedSchema routed = options.routed();
      SourceObjects objects =
          SourceObjects.read(CatalogSession.of(source), options.selection(), routed);
      DestinationObjects destination = new DestinationObjects(sink, target);
      Set<ObjectKey> there = destination.keys();
      ObjectPlan grants =
          options.rules().tables().grants()
              ? new GrantPlan(objects, routed, destination.roles())
                  .plan(SourceGrant.read(CatalogSession.of(source)))
              : new ObjectPlan(List.of(), List.of());
      return of(
          sink,
          routed,
          options.rules(),
          objects,
          grants,
          there,
          new ObjectPlan.Facts(
              target,
              destination.indexMethods(),
              destination.distributions(),
              Set.of(),
              options.changing(),
              destination.triggersCanBeTurnedOff(),
              destination.partitionedTables(),
              there));
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot plan the schema of " + options.sink(), "", e);
    }
  }

  /** Finds out from what is known of source and destination. */
  static SchemaPlan of(
      Connection sink,
      RoutedSchema schema,
      SchemaRules rules,
      SourceObjects objects,
      ObjectPlan grants,
      Set<ObjectKey> there,
      ObjectPlan.Facts facts)
      throws SQLException {
    List<Creation> before = new ArrayList<>();
    Map<TableName, SinkDistribution> distributions = new HashMap<>(facts.distributions());
    Set<TableName> partitioned = new HashSet<>(facts.partitioned());
    SchemaReport report =
        SchemaStep.plan(sink, schema, facts.target(), rules, before, distributions, partitioned);
    ObjectPlan after =
        ObjectPlan.of(
                objects,
                schema,
                new ObjectPlan.Facts(
                    facts.target(),
                    facts.methods(),
                    distributions,
                    facts.inSeveralChunks(),
                    facts.changing(),
                    facts.keysCanBeTurnedOff(),
                    partitioned,
                    there))
            .and(grants);
    List<Statement> statements = new ArrayList<>();
    Set<String> planned = new HashSet<>();
    for (Creation creation : before) {
      planned.add(creation.statement());
      statements.add(
          new Statement(Moment.BEFORE_LOAD, unquoted(creation.object()), creation.statement()));
    }
    for (PlannedObject object : after.objects()) {
      if (!there.contains(object.key()) && planned.add(object.statement())) {
        statements.add(new Statement(Moment.AFTER_LOAD, object.object(), object.statement()));
      }
    }
    List<Entry> decisions = new ArrayList<>();
    report.entries().stream()
        .filter(entry -> entry.outcome() != Outcome.CREATED)
        .forEach(decisions::add);
    decisions.addAll(after.entries());
    return new SchemaPlan(facts.target(), statements, decisions);
  }

  /** {@code table "public.orders"} as reports have it. */
  private static String unquoted(String object) {
    return object.replaceFirst("^(\\w+) \"(.*)\"$", "$1 $2");
  }
}
