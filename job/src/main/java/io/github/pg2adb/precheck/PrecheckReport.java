package io.github.pg2adb.precheck;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.precheck.Finding.Result;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that a precheck found, in the order of the codes; a code may have several findings.
 *
 * @param findings at least one per code
 */
public record PrecheckReport(List<Finding> findings) {

  private static final int SHOWN = 10;

  public PrecheckReport {
    findings = List.copyOf(findings);
  }

  /** The findings with this result. */
  public List<Finding> of(Result result) {
    return findings.stream().filter(finding -> finding.result() == result).toList();
  }

  /** Whether the task must not start. */
  public boolean hasErrors() {
    return !of(Result.ERROR).isEmpty();
  }

  /**
   * Refuses a task with errors.
   *
   * @throws MigrationException with all of them and what mends them
   */
  public void throwIfErrors(String task) {
    List<Finding> errors = of(Result.ERROR);
    if (!errors.isEmpty()) {
      throw new MigrationException(
          ErrorKind.OPERATOR,
          "Cannot run task \""
              + task
              + "\": the precheck found "
              + (errors.size() == 1 ? "1 error" : errors.size() + " errors")
              + errors.stream()
                  .map(error -> "\n  " + sentence(error).replace("\n", "\n    "))
                  .collect(Collectors.joining())
              + "\n",
          "`pg2adb precheck -f TASK.yaml` shows all that was looked at.");
    }
  }

  /** A finding for a log or message: code, objects, why, and the mend on lines of its own. */
  public static String sentence(Finding finding) {
    String mend = steps(finding).stream().map(step -> "\n" + step).collect(Collectors.joining());
    return finding.code()
        + ": "
        + finding.why()
        + (finding.objects().isEmpty() ? "" : " (" + objects(finding) + ")")
        + (mend.isEmpty() ? "" : " Mend it " + finding.mend().place().words() + ":" + mend);
  }

  /** The objects, as many as a message can bear. */
  public static String objects(Finding finding) {
    int more = finding.objects().size() - SHOWN;
    String shown = finding.objects().stream().limit(SHOWN).collect(Collectors.joining(", "));
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  /** The mend's commands, as many as a message can bear; those for SQL end in a semicolon. */
  public static List<String> steps(Finding finding) {
    String end =
        switch (finding.mend().place()) {
          case SOURCE, SINK -> ";";
          case TASK_FILE, BY_HAND, NOWHERE -> "";
        };
    List<String> steps = finding.mend().steps();
    Stream<String> shown = steps.stream().limit(SHOWN).map(step -> step + end);
    int more = steps.size() - SHOWN;
    return more > 0
        ? Stream.concat(
                shown, Stream.of("and " + more + " more, which `pg2adb precheck --json` has"))
            .toList()
        : shown.toList();
  }
}
