package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.PrecheckCode.Severity;
import java.util.List;

/**
 * What a precheck found of one thing that it looks at.
 *
 * @param code what was looked at
 * @param result how it is
 * @param objects what it is about: tables, settings, processes; empty if it passes
 * @param why what is so and, if it was skipped, why; empty if it passes
 * @param mend what puts it right
 */
public record Finding(
    PrecheckCode code, Result result, List<String> objects, String why, Mend mend) {

  /** How something is. */
  public enum Result {
    /** As it should be. */
    PASS,
    /** The task can run, but a person should know. */
    WARNING,
    /** The task must not start. */
    ERROR,
    /** It was not looked at. */
    SKIPPED
  }

  public Finding {
    objects = List.copyOf(objects);
  }

  /** Whether {@code precheck --fix} can put it right. */
  public boolean isFixable() {
    return mend.isAutomatic();
  }

  static Finding pass(PrecheckCode code) {
    return new Finding(code, Result.PASS, List.of(), "", Mend.NONE);
  }

  static Finding skipped(PrecheckCode code, String reason) {
    return new Finding(code, Result.SKIPPED, List.of(), reason, Mend.NONE);
  }

  /** What is not as it should be, as bad as the code says. */
  static Finding of(PrecheckCode code, List<String> objects, String why, Mend mend) {
    Result result = code.severity() == Severity.WARNING ? Result.WARNING : Result.ERROR;
    return new Finding(code, result, objects, why, mend);
  }

  /** As {@link #of}, but not as bad as the code says. */
  static Finding warning(PrecheckCode code, List<String> objects, String why, Mend mend) {
    return new Finding(code, Result.WARNING, objects, why, mend);
  }
}
