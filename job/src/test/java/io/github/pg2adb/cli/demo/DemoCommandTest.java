package io.github.pg2adb.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class DemoCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--seconds=0   | Invalid value for option '--seconds': 0 is less than 1",
        "--rows=999    | Invalid value for option '--rows': 999 is less than 1000",
        "--port=70000  | Invalid value for option '--port': 70000 is not from 1 to 65535",
        "--port=x      | Invalid value for option '--port': 'x' is not an int",
        "--row=5000    | Unknown option: '--row=5000'",
      })
  void refusesWrongUse(String argument, String message) {
    Outcome outcome = run(argument);

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).startsWith(message);
  }

  @Test
  void refusesATakenPortThatWasAskedFor() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = run("--port=" + socket.getLocalPort());

      assertThat(outcome.exitCode()).isEqualTo(2);
      assertThat(outcome.err())
          .startsWith("Cannot show the dashboard on port " + socket.getLocalPort() + ": ")
          .contains(" Hint: Name another port with --port, or leave it out.");
    }
  }

  @Test
  void explainsItsOptionsAndExitCodes() {
    Outcome outcome = run("--help");

    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out())
        .contains(
            "--seconds=N", "default 60", "--rows=N", "default 300000", "--port=PORT", "--keep")
        .contains("1   the migration failed, or a table differs");
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        new CommandLine(
                new DemoCommand(
                    (source, target, task, tables, port) -> {
                      throw new AssertionError("started");
                    }))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private record Outcome(int exitCode, String out, String err) {}
}
