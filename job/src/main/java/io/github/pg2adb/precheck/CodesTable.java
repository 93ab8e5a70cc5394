package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The codes as the README shows them. */
public final class CodesTable {

  private CodesTable() {}

  /** A Markdown table with a line feed at the end. */
  public static String markdown() {
    return "| code | result | what must hold | why |\n|---|---|---|---|\n"
        + Arrays.stream(PrecheckCode.values()).map(CodesTable::row).collect(Collectors.joining());
  }

  private static String row(PrecheckCode code) {
    return "| `"
        + code
        + "` | "
        + result(code)
        + " | "
        + code.title()
        + " | "
        + code.reason()
        + " |\n";
  }

  private static String result(PrecheckCode code) {
    return switch (code.severity()) {
      case WARNING -> "warning";
      case IGNORABLE_ERROR -> "error, may be ignored";
      case ERROR -> "error";
    };
  }
}
