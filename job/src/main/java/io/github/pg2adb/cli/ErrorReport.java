package io.github.pg2adb.cli;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Prints an error as a person needs it: our own as its message with the hint, anything else with
 * its stack, since that is a fault of ours.
 */
final class ErrorReport implements IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult parseResult) {
    if (failure instanceof MigrationException error) {
      command.getErr().println("pg2adb: " + error.getMessage());
      command.getErr().flush();
      return exitCode(error.kind());
    }
    failure.printStackTrace(command.getErr());
    command.getErr().flush();
    return 1;
  }

  private static int exitCode(ErrorKind kind) {
    return switch (kind) {
      case OPERATOR -> 2;
      case FAIL, RETRY_CONNECTION, RETRY_TRANSACTION -> 1;
    };
  }
}
