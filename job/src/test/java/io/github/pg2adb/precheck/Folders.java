package io.github.pg2adb.precheck;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Copies and empties folders. */
final class Folders {

  private Folders() {}

  /** Copies everything in a folder, with its rights, except what has these names. */
  static void copyContents(Path from, Path to, Collection<String> exceptions) throws IOException {
    for (Path entry : entries(from, exceptions)) {
      copy(entry, to.resolve(entry.getFileName()));
    }
  }

  /** Deletes everything in a folder except what has these names. */
  static void deleteContents(Path folder, Collection<String> exceptions) throws IOException {
    for (Path entry : entries(folder, exceptions)) {
      try (Stream<Path> tree = Files.walk(entry)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static List<Path> entries(Path folder, Collection<String> exceptions) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(entry -> !exceptions.contains(entry.getFileName().toString())).toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            return copied(folder);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return copied(file);
          }

          private FileVisitResult copied(Path path) throws IOException {
            Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
