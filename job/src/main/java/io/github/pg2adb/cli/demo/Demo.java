package io.github.pg2adb.cli.demo;

import io.github.pg2adb.cli.progress.DashboardPort;
import io.github.pg2adb.cli.progress.LedgerProgress;
import io.github.pg2adb.cli.progress.Progress;
import io.github.pg2adb.cli.progress.ProgressDisplay;
import io.github.pg2adb.cli.progress.Screen;
import io.github.pg2adb.cli.progress.Wording;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.verify.TableComparison;
import io.github.pg2adb.verify.TableResult;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One demonstration on two databases that are there: from the empty source to the comparison. For
 * one thread.
 */
final class Demo {

  static final String TASK = "demo";
  static final String LEDGER_SCHEMA = "pg2adb";

  /** What a task without {@code route} and {@code sink.name-case} does to names. */
  private static final Routes ROUTES = Routes.of(List.of(), NameCase.DEFAULT);

  private static final int SESSIONS = 2;
  private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
  private static final Duration STANDSTILL_LIMIT = Duration.ofMinutes(2);

  private final PrintWriter out;
  private final Screen screen;
  private final MigrationLauncher launcher;
  private final DemoOptions options;
  private final Endpoint source;
  private final Endpoint target;

  Demo(
      PrintWriter out,
      Screen screen,
      MigrationLauncher launcher,
      DemoOptions options,
      Endpoint source,
      Endpoint target) {
    this.out = out;
    this.screen = screen;
    this.launcher = launcher;
    this.options = options;
    this.source = source;
    this.target = target;
  }

  /**
   * Runs it.
   *
   * @param port the dashboard's port, freed for it
   * @param whenCompared what to do once the result is printed and while the migration still runs
   * @throws MigrationException if the migration or a server fails
   */
  DemoResult run(DashboardPort port, AfterComparison whenCompared)
      throws SQLException, InterruptedException {
    List<Shop.ShopTable> tables = openShop();
    List<TableName> names = tables.stream().map(Shop.ShopTable::name).toList();
    try (Workload workload = startWorkload()) {
      say("The shop is open: %d sessions insert, update and delete.", SESSIONS);
      say("Starting the migration...");
      port.close();
      try (MigrationRun migration =
              launcher.start(source, target, TASK, Shop.SELECTION, port.number());
          LedgerProgress ledger =
              LedgerProgress.open(source, target, LEDGER_SCHEMA, TASK, ROUTES, names)) {
        say("The migration runs; its dashboard: %s", port.url());
        say("");
        Watch watch = new Watch(ledger, migration, workload);
        watch.whileTheShopIsBusy();
        workload.stop();
        watch.untilTheDestinationHasTheLastCommit();
        say("");
        say("The shop is closed and the destination has its last commit. Comparing by value...");
        say("");
        DemoResult result = watch.result(compare(tables));
        result.print(out);
        whenCompared.run();
        return result;
      }
    }
  }

  /** What happens between the comparison and the end. */
  @FunctionalInterface
  interface AfterComparison {
    void run() throws InterruptedException;
  }

  private List<Shop.ShopTable> openShop() throws SQLException {
    Stopwatch time = new Stopwatch();
    try (Connection connection = Sessions.open(source, "pg2adb demo")) {
      Shop.create(connection, options.rows());
      List<Shop.ShopTable> tables = Shop.tables(connection);
      say(
          "Made a shop of %d tables with %s rows in %s.",
          tables.size(), Wording.count(options.rows()), Wording.time(time.elapsed()));
      return tables;
    }
  }

  private Workload startWorkload() throws SQLException {
    try (Connection connection = Sessions.open(source, "pg2adb demo");
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT (SELECT max(id) FROM shop.customers), (SELECT max(id) FROM shop.orders)")) {
      result.next();
      return Workload.start(source, SESSIONS, result.getInt(1), result.getInt(2));
    }
  }

  private List<TableResult> compare(List<Shop.ShopTable> tables) throws SQLException {
    List<TableResult> results = new ArrayList<>();
    try (Connection sourceSession = Sessions.open(source, "pg2adb demo");
        Connection targetSession = Sessions.open(target, "pg2adb demo")) {
      for (Shop.ShopTable table : tables) {
        results.add(
            TableComparison.compare(
                sourceSession,
                targetSession,
                ROUTES.of(table.name()),
                table.columns(),
                table.key()));
      }
    }
    return results;
  }

  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Follows the migration. */
  private final class Watch {

    private final LedgerProgress ledger;
    private final MigrationRun migration;
    private final Workload workload;
    private final Stopwatch time = new Stopwatch();
    private final ProgressDisplay display = new ProgressDisplay(out, screen);
    private final List<Duration> lags = new ArrayList<>();
    private Optional<Duration> fullLoadTime = Optional.empty();
    private Progress progress;
    private Stopwatch standstill = new Stopwatch();

    Watch(LedgerProgress ledger, MigrationRun migration, Workload workload) {
      this.ledger = ledger;
      this.migration = migration;
      this.workload = workload;
      this.progress = ledger.read();
    }

    void whileTheShopIsBusy() throws InterruptedException {
      while (time.elapsed().compareTo(options.time()) < 0) {
        look(
            String.format(
                Locale.ROOT,
                "shop       %s transactions, %d s of %d s",
                Wording.count(workload.transactions()),
                time.elapsed().toSeconds(),
                options.time().toSeconds()));
        if (progress.isLoaded()) {
          progress.lag().ifPresent(lags::add);
        }
      }
    }

    /**
     * A last row says where the end is: commits arrive in order, so that all others are there when
     * it is.
     */
    void untilTheDestinationHasTheLastCommit() throws SQLException, InterruptedException {
      Lsn end = ledger.walEnd();
      long id = writeLastRow();
      try (Connection connection = Sessions.open(target, "pg2adb demo")) {
        boolean isThere = false;
        while (!isThere) {
          look("shop       closed; waiting for its last commit at " + end);
          isThere =
              progress.isLoaded()
                  && progress.position().filter(position -> !position.isBefore(end)).isPresent()
                  && hasLastRow(connection, id);
        }
      }
      display.finish();
    }

    private long writeLastRow() throws SQLException {
      try (Connection connection = Sessions.open(source, "pg2adb demo");
          Statement statement = connection.createStatement();
          ResultSet result =
              statement.executeQuery(
                  "INSERT INTO shop.audit_log (what) VALUES ('closed') RETURNING id")) {
        result.next();
        return result.getLong(1);
      }
    }

    private static boolean hasLastRow(Connection connection, long id) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT 1 FROM shop.audit_log WHERE id = ? AND what = 'closed'")) {
        statement.setLong(1, id);
        try (ResultSet result = statement.executeQuery()) {
          return result.next();
        }
      }
    }

    private void look(String note) throws InterruptedException {
      TimeUnit.NANOSECONDS.sleep(POLL_INTERVAL.toNanos());
      migration.failure().ifPresent(cause -> fail("The migration failed", cause));
      workload.failure().ifPresent(cause -> fail("The shop failed", cause));
      Progress now = ledger.read();
      if (!now.position().equals(progress.position()) || now.rows() != progress.rows()) {
        standstill = new Stopwatch();
      } else if (standstill.elapsed().compareTo(STANDSTILL_LIMIT) > 0) {
        throw new MigrationException(
            ErrorKind.FAIL,
            "Cannot finish the demo: the destination stands still since "
                + Wording.time(STANDSTILL_LIMIT)
                + ".",
            "See the log on stderr.");
      }
      progress = now;
      if (fullLoadTime.isEmpty() && progress.isLoaded()) {
        fullLoadTime = Optional.of(time.elapsed());
      }
      display.show(progress, note);
    }

    private void fail(String what, Throwable cause) {
      display.finish();
      throw new MigrationException(
          ErrorKind.FAIL, what + ": " + cause.getMessage(), "See the log on stderr.", cause);
    }

    DemoResult result(List<TableResult> tables) {
      return new DemoResult(
          tables,
          workload.changes(),
          new DemoResult.FullLoad(
              progress.rows(), progress.bytes(), fullLoadTime.orElseGet(time::elapsed)),
          progress.transactions(),
          progress.changes(),
          lags);
    }
  }

  /** Time since it was made. */
  private static final class Stopwatch {
    private final long startNanos = System.nanoTime();

    Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - startNanos);
    }
  }
}
