package io.github.pg2adb.precheck;

import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PrecheckCode;
import java.util.List;

/** Makes findings of errors that have a hint. */
final class Refusals {

  private static final String HINT = " Hint: ";

  private Refusals() {}

  /** The error that kept something from being had. */
  static Finding finding(PrecheckCode code, List<String> objects, SkippedException skipped) {
    MigrationException refusal = skipped.refusal();
    return refusal == null
        ? Finding.of(code, objects, String.valueOf(skipped.getMessage()), Mend.NONE)
        : finding(code, objects, refusal);
  }

  static Finding finding(PrecheckCode code, List<String> objects, MigrationException refusal) {
    String hint = refusal.hint();
    String bare = String.valueOf(refusal.getMessage()).replace(HINT + hint, "");
    String message = bare.endsWith(".") ? bare : bare + ".";
    return hint.isEmpty()
        ? Finding.of(code, objects, message, Mend.NONE)
        : Finding.of(code, objects, message, Mend.byHand(hint));
  }
}
