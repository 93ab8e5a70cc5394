package io.github.pg2adb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class Pg2AdbTest {
  @Test
  void printsItsVersionAndSucceeds() {
    StringWriter out = new StringWriter();

    int exitCode = Pg2Adb.commandLine().setOut(new PrintWriter(out)).execute("--version");

    assertThat(exitCode).isZero();
    assertThat(out.toString()).startsWith("pg2adb ");
  }

  @Test
  void refusesAnUnknownOptionAsWrongUse() {
    StringWriter err = new StringWriter();

    int exitCode = Pg2Adb.commandLine().setErr(new PrintWriter(err)).execute("--no-such-option");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("Unknown option: '--no-such-option'");
  }
}
