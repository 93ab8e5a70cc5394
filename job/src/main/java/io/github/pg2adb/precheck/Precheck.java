package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at both ends of a task before it starts. */
public final class Precheck {

  private static final Logger LOG = LoggerFactory.getLogger(Precheck.class);

  /** A younger transaction will most probably end by itself before anybody minds. */
  private static final Duration LONG_TRANSACTION = Duration.ofMinutes(1);

  /** A slot that is read keeps less, as a rule. */
  private static final long MUCH_WAL = 1L << 30;

  private Precheck() {}

  /** Reads the selected part of the source's catalog. */
  @FunctionalInterface
  public interface SchemaReader {
    /**
     * Reads it.
     *
     * @throws MigrationException if the selection does not fit the source
     */
    SourceSchema read(Connection source);
  }

  /**
   * Looks at everything, and changes nothing. All items are tried even if some fail.
   *
   * @param reader reads the source's catalog, on a read-only session
   */
  public static PrecheckReport run(PrecheckOptions options, SchemaReader reader) {
    return run(options, reader, items(LONG_TRANSACTION, MUCH_WAL));
  }

  /**
   * Mends what can be mended without harm, then looks at everything again.
   *
   * @return what is so afterwards
   * @throws MigrationException if a server refuses to mend something
   */
  public static PrecheckReport fix(PrecheckOptions options, SchemaReader reader) {
    for (Finding finding : run(options, reader).findings()) {
      if (finding.isFixable()) {
        apply(options, finding);
      }
    }
    return run(options, reader);
  }

  private static void apply(PrecheckOptions options, Finding finding) {
    Endpoint endpoint =
        switch (finding.mend().place()) {
          case SOURCE -> options.source();
          case SINK -> options.sink();
          case TASK_FILE, BY_HAND, NOWHERE ->
              throw new IllegalStateException(finding.code() + " is not mended by SQL");
        };
    try (Connection connection = Sessions.open(endpoint, "pg2adb precheck --fix");
        Statement statement = connection.createStatement()) {
      for (String step : finding.mend().steps()) {
        statement.execute(step);
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot mend " + finding.code(),
          "Have someone who may do it: " + String.join(" ", finding.mend().steps()),
          e);
    }
  }

  /**
   * Everything that is looked at.
   *
   * @param longTransaction how long a transaction must be open to be reported
   * @param muchWal how many bytes of WAL a slot of others must keep to be reported
   */
  static List<Item> items(Duration longTransaction, long muchWal) {
    return List.of(
        new Reachability(),
        new Encryption(),
        new Poolers(),
        new SessionSettings(),
        new Versions(),
        new Locales(),
        new OrdinarySessions(),
        new SourceSettings(),
        new WalSpace(muchWal),
        new ReplicationLogin(),
        new OpenTransactions(longTransaction),
        new SelectedTables(),
        new Names(),
        new Inheritance(),
        new Hypertables(),
        new LargeObjects(),
        new SourceRights(),
        new PublicationRights(),
        new PublicationOptions(),
        new ReplicaIdentities(),
        new TaskState(),
        new FreeConnections(),
        new SinkRights(),
        new TypesOfColumns(),
        new UnenforcedConstraints(),
        new TableOptions(),
        new ExistingTables(),
        new ExistingRows(),
        new ExistingConstraints(),
        new SinkTriggers(),
        new Segments(),
        new SegmentSpace());
  }

  static PrecheckReport run(PrecheckOptions options, SchemaReader reader, List<Item> items) {
    Map<PrecheckCode, List<Finding>> findings = new EnumMap<>(PrecheckCode.class);
    try (Inspection inspection = new Inspection(options, reader)) {
      for (Item item : items) {
        long started = System.nanoTime();
        List<Finding> found = look(item, inspection);
        LOG.debug(
            "{} took {} ms",
            item.getClass().getSimpleName(),
            (System.nanoTime() - started) / 1_000_000);
        for (Finding finding : found) {
          findings.computeIfAbsent(finding.code(), code -> new ArrayList<>()).add(finding);
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close the precheck's sessions", "", e);
    }
    return new PrecheckReport(findings.values().stream().flatMap(List::stream).toList());
  }

  /** One or more findings for every code of the item. */
  private static List<Finding> look(Item item, Inspection inspection) {
    Set<PrecheckCode> ignored = inspection.options().ignored();
    List<Finding> findings = new ArrayList<>();
    if (!ignored.containsAll(item.codes())) {
      findings.addAll(found(item, inspection));
    }
    findings.removeIf(finding -> ignored.contains(finding.code()));
    for (PrecheckCode code : item.codes()) {
      if (ignored.contains(code)) {
        findings.add(Finding.skipped(code, "pipeline.ignore names it"));
      } else if (findings.stream().noneMatch(finding -> finding.code() == code)) {
        findings.add(Finding.pass(code));
      }
    }
    return findings;
  }

  private static List<Finding> found(Item item, Inspection inspection) {
    try {
      return item.find(inspection);
    } catch (SkippedException e) {
      return skipped(item, String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      return skipped(
          item,
          "the server refused the question: " + e.getMessage() + " (" + e.getSQLState() + ")");
    }
  }

  private static List<Finding> skipped(Item item, String reason) {
    return item.codes().stream().map(code -> Finding.skipped(code, reason)).toList();
  }
}
