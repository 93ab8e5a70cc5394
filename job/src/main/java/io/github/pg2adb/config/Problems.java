package io.github.pg2adb.config;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;

/** What is wrong with a task file, all of it. */
final class Problems {

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  private final String file;
  private final List<Problem> problems = new ArrayList<>();

  Problems(String file) {
    this.file = file;
  }

  /** Lines and columns are counted from 1. */
  private record Problem(int line, int column, String message) {}

  /**
   * Adds a problem.
   *
   * @param place where it is, null for the beginning of the file
   */
  void add(@Nullable Mark place, String message) {
    problems.add(
        place == null
            ? new Problem(1, 1, message)
            : new Problem(place.getLine() + 1, place.getColumn() + 1, message));
  }

  /**
   * Fails if there is a problem.
   *
   * @throws MigrationException with all of them by line
   */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw exception();
    }
  }

  MigrationException exception() {
    String lines =
        problems.stream()
            .sorted(BY_PLACE)
            .map(
                problem ->
                    "\n  "
                        + file
                        + ":"
                        + problem.line()
                        + ":"
                        + problem.column()
                        + ": "
                        + problem.message())
            .collect(Collectors.joining());
    return new MigrationException(
        ErrorKind.OPERATOR, "Cannot use task file \"" + file + "\":" + lines, "");
  }
}
