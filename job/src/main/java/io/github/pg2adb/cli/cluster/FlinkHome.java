package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.WebOptions;

/**
 * The folder that a cluster on this machine runs in, laid out like a Flink distribution: {@code
 * lib} and {@code plugins} lead to the jars, {@code conf} has the configuration with what the
 * command line changed, {@code bin/flink} is Flink's command line, {@code log} the logs, {@code
 * run} the pid files, {@code usrlib} the job jar of application mode.
 */
public final class FlinkHome {

  private static final String CONFIGURATION_FILE = "config.yaml";
  private static final String JOB_JAR = "pg2adb-job.jar";

  private final Path folder;
  private final Path libraries;
  private final Path plugins;
  private final Path template;

  private FlinkHome(Path folder, Path libraries, Path plugins, Path template) {
    this.folder = folder;
    this.libraries = libraries;
    this.plugins = plugins;
    this.template = template;
  }

  /**
   * The home that {@code deploy/pg2adb} names in system properties.
   *
   * @throws MigrationException if the command was started in another way
   */
  public static FlinkHome installed() {
    return new FlinkHome(
        named("flink-home"), named("flink-lib"), named("flink-plugins"), named("flink-conf"));
  }

  private static Path named(String name) {
    String value = System.getProperty("pg2adb." + name);
    if (value == null) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot find Flink: the system property pg2adb." + name + " is not set.",
          "Start the command with deploy/pg2adb, which sets it.");
    }
    return Path.of(value).toAbsolutePath();
  }

  /**
   * Where {@code config.yaml} of the cluster is that commands talk to: this home's if there is one,
   * otherwise the one it would be made of. Empty for a command that was not started by {@code
   * deploy/pg2adb}, which then has to be told the address.
   */
  static Configuration configurationOfCommands() {
    for (String name : List.of("flink-home", "flink-conf")) {
      String value = System.getProperty("pg2adb." + name);
      if (value != null) {
        Path conf = name.equals("flink-home") ? Path.of(value, "conf") : Path.of(value);
        if (Files.exists(conf.resolve(CONFIGURATION_FILE))) {
          return GlobalConfiguration.loadConfiguration(conf.toString());
        }
      }
    }
    return new Configuration();
  }

  Path folder() {
    return folder;
  }

  Path logs() {
    return folder.resolve("log");
  }

  Path processes() {
    return folder.resolve("run");
  }

  Path configurationFolder() {
    return folder.resolve("conf");
  }

  /** The configuration that {@link #assemble} has written. */
  Configuration configuration() {
    return GlobalConfiguration.loadConfiguration(configurationFolder().toString());
  }

  /** How processes are started in this home. */
  FlinkJvm jvm() {
    return new FlinkJvm(folder.resolve("lib"), folder.resolve("plugins"), configurationFolder());
  }

  /** What a process of this home needs besides the memory's options to log into a file. */
  List<String> logging(List<String> jvmOptions, String process) {
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("-Dlog.file=" + logs().resolve(process + ".log"));
    options.add("-Dlog4j2.configurationFile=" + configurationFolder().resolve("log4j.properties"));
    return options;
  }

  /**
   * Makes the home, or makes it anew around what is there.
   *
   * @param changes keys and values that win over those of the configuration folder
   * @param jobJar what the JobManager of a cluster for one job runs
   * @return the configuration that the cluster will have
   */
  Configuration assemble(Map<String, String> changes, Optional<Path> jobJar) {
    checkLibraries();
    try {
      for (Path made : List.of(folder.resolve("bin"), configurationFolder(), logs(), processes())) {
        Files.createDirectories(made);
      }
      link("lib", libraries);
      link("plugins", plugins);
      // Flink looks for it beside lib
      Path userLibraries = Files.createDirectories(folder.resolve("usrlib"));
      Files.deleteIfExists(userLibraries.resolve(JOB_JAR));
      if (jobJar.isPresent()) {
        Files.createSymbolicLink(userLibraries.resolve(JOB_JAR), jobJar.get());
      }
      copyTemplate();
      Configuration configuration =
          GlobalConfiguration.loadConfiguration(
              template.toString(), Configuration.fromMap(changes));
      keepTemporaryFilesHere(configuration);
      Files.write(
          configurationFolder().resolve(CONFIGURATION_FILE),
          ConfigurationUtils.convertConfigToWritableLines(configuration, false));
      writeClient();
      return configuration;
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR, "Cannot make the Flink home " + folder + ": " + e, "", e);
    }
  }

  private void checkLibraries() {
    if (!Files.isDirectory(libraries)) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot start Flink: there is no folder " + libraries + ".",
          "FLINK_HOME must be a Flink 1.20 distribution; without it, deploy/pg2adb uses its own Flink.");
    }
  }

  private void link(String name, Path goal) throws IOException {
    Path link = folder.resolve(name);
    if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(link);
    }
    Files.createSymbolicLink(link, goal);
  }

  private void copyTemplate() throws IOException {
    try (Stream<Path> files = Files.list(template)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file,
            configurationFolder().resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Uploaded jobs pass through these, and a job holds passwords. */
  private void keepTemporaryFilesHere(Configuration configuration) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
    if (!configuration.contains(CoreOptions.TMP_DIRS)) {
      configuration.set(CoreOptions.TMP_DIRS, temporary.toString());
    }
    if (!configuration.contains(WebOptions.TMP_DIR)) {
      configuration.set(WebOptions.TMP_DIR, temporary.toString());
    }
  }

  /** Flink's command line for this home, also by its own path. */
  private void writeClient() throws IOException {
    Path client = folder.resolve("bin/flink");
    Files.writeString(
        client,
        """
        #!/usr/bin/env bash
        # Flink's command line for the cluster of this folder, without the scripts of Flink's distribution.
        home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
        export FLINK_CONF_DIR="${FLINK_CONF_DIR:-$home/conf}" FLINK_LIB_DIR="$home/lib" FLINK_PLUGINS_DIR="$home/plugins"
        opens=()
        for package in java.lang java.lang.reflect java.io java.net java.nio java.text java.time java.util \\
          java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks sun.nio.ch; do
          opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
        done
        exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${opens[@]}" \\
          -Dlog4j2.configurationFile="$FLINK_CONF_DIR/log4j-cli.properties" -Dlog.file="$home/log/flink-client.log" \\
          -cp "$home/lib/*" org.apache.flink.client.cli.CliFrontend "$@"
        """);
    Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
