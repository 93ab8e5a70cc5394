package io.github.pg2adb.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line's entry point, and the main class that {@code flink run} starts. */
@Command(
    name = "pg2adb",
    mixinStandardHelpOptions = true,
    versionProvider = Pg2Adb.Version.class,
    description = "Moves a live PostgreSQL database into AnalyticDB for PostgreSQL.")
public final class Pg2Adb implements Runnable {
  @Spec private CommandSpec spec;

  private Pg2Adb() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Pg2Adb());
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Pg2Adb.class.getPackage().getImplementationVersion();
      return new String[] {"pg2adb " + Objects.requireNonNullElse(version, "(not packaged)")};
    }
  }
}
