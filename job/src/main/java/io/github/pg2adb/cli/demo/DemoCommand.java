package io.github.pg2adb.cli.demo;

import io.github.pg2adb.cli.progress.DashboardPort;
import io.github.pg2adb.cli.progress.Screen;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows a migration: starts two PostgreSQL servers on this machine, moves a busy shop from one to the"
          + " other, and compares every table by value.",
      "Nothing has to be installed or configured, and nothing is left behind."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every table is equal",
      "1:the migration failed, or a table differs",
      "2:wrong use"
    })
public final class DemoCommand implements Callable<Integer> {

  /** What a source server needs to be read. */
  private static final Map<String, String> SOURCE_SETTINGS =
      Map.of("wal_level", "logical", "max_wal_senders", "10", "max_replication_slots", "10");

  private static final int DIFFERENT = 1;

  private final MigrationLauncher launcher;

  @Spec private CommandSpec spec;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      paramLabel = "N",
      description = "How long the shop is busy, default ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--rows",
      defaultValue = "300000",
      paramLabel = "N",
      description = "How many rows it starts with, default ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Where the dashboard is, default " + DashboardPort.USUAL + " or a free one.")
  private @Nullable Integer port;

  @Option(
      names = "--keep",
      description = "Go on running at the end, until Ctrl-C, so that you can look around.")
  private boolean keep;

  /**
   * @param launcher starts the migration
   */
  public DemoCommand(MigrationLauncher launcher) {
    this.launcher = launcher;
  }

  @Override
  public Integer call() throws SQLException, InterruptedException {
    DemoOptions options = options();
    PrintWriter out = spec.commandLine().getOut();
    try (DashboardPort dashboard = chooseDashboard()) {
      out.println("pg2adb demo; the dashboard will be at " + dashboard.url());
      dashboard.notice().ifPresent(out::println);
      return run(options, dashboard, out);
    }
  }

  private int run(DemoOptions options, DashboardPort dashboard, PrintWriter out)
      throws SQLException, InterruptedException {
    out.println("Starting two PostgreSQL servers...");
    out.flush();
    String targetVersion = EmbeddedServer.isAvailable("12") ? "12" : "14";
    try (EmbeddedServer source = EmbeddedServer.start("16", SOURCE_SETTINGS);
        EmbeddedServer target = EmbeddedServer.start(targetVersion, Map.of())) {
      out.println("  source       PostgreSQL " + source.version() + ", " + psql(source.endpoint()));
      out.println("  destination  PostgreSQL " + target.version() + ", " + psql(target.endpoint()));
      Demo demo =
          new Demo(out, Screen.detect(), launcher, options, source.endpoint(), target.endpoint());
      DemoResult result =
          demo.run(dashboard, () -> stay(out, source.endpoint(), target.endpoint()));
      return result.isEqual() ? 0 : DIFFERENT;
    }
  }

  private DemoOptions options() {
    if (seconds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--seconds': " + seconds + " is less than 1");
    }
    if (rows < Shop.SMALLEST) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--rows': " + rows + " is less than " + Shop.SMALLEST);
    }
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--port': " + port + " is not from 1 to 65535");
    }
    return new DemoOptions(Duration.ofSeconds(seconds), rows);
  }

  private DashboardPort chooseDashboard() {
    try {
      return DashboardPort.choose(port);
    } catch (MigrationException e) {
      if (e.kind() == ErrorKind.OPERATOR) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
      throw e;
    }
  }

  private void stay(PrintWriter out, Endpoint source, Endpoint target) throws InterruptedException {
    if (!keep) {
      return;
    }
    out.println();
    out.println(
        "Servers and migration go on until you press Ctrl-C. Change something in the source:");
    out.println("  " + psql(source));
    out.println("and find it in the destination:");
    out.println("  " + psql(target));
    out.flush();
    // Ctrl-C ends the JVM, whose exit hooks stop everything.
    new CountDownLatch(1).await();
  }

  private static String psql(Endpoint endpoint) {
    return "psql -h "
        + endpoint.host()
        + " -p "
        + endpoint.port()
        + " -U "
        + endpoint.user()
        + " "
        + endpoint.database();
  }
}
