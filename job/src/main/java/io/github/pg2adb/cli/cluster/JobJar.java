package io.github.pg2adb.cli.cluster;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a cluster runs. */
public final class JobJar {

  private JobJar() {}

  /**
   * The jar that {@code deploy/pg2adb} names, otherwise the one that this class is in.
   *
   * @throws MigrationException if that is no jar
   */
  public static Path path() {
    String named = System.getProperty("pg2adb.job-jar");
    try {
      Path jar =
          named != null
              ? Path.of(named)
              : Path.of(JobJar.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(jar)) {
        return jar.toAbsolutePath();
      }
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot submit " + jar + ": it is no jar.",
          "Use deploy/pg2adb, which builds one.");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A path of this machine becomes absolute: a cluster has another working directory. */
  public static String savepoint(String path) {
    return path.matches("[a-z0-9]+:.*") ? path : Path.of(path).toAbsolutePath().toString();
  }
}
