package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlErrorsTest {

  @ParameterizedTest
  @CsvSource({
    "08006, RETRY_CONNECTION",
    "57P01, RETRY_CONNECTION",
    "57P03, RETRY_CONNECTION",
    "53300, RETRY_CONNECTION",
    "08001, RETRY_CONNECTION",
    "08P01, RETRY_CONNECTION",
    "57P02, RETRY_CONNECTION",
    "55P03, RETRY_TRANSACTION",
    "55006, RETRY_TRANSACTION",
    "58M01, RETRY_TRANSACTION",
    "53400, OPERATOR",
    "55000, FAIL",
    "53100, RETRY_TRANSACTION",
    "40001, RETRY_TRANSACTION",
    "40P01, RETRY_TRANSACTION",
    "57014, RETRY_TRANSACTION",
    "25006, RETRY_TRANSACTION",
    "XX000, RETRY_TRANSACTION",
    "28P01, OPERATOR",
    "3D000, OPERATOR",
    "23505, FAIL",
    "42P01, FAIL",
  })
  void decidesBySqlState(String state, ErrorKind kind) {
    assertThat(SqlErrors.kind(new SQLException("whatever", state))).isEqualTo(kind);
  }

  @Test
  void takesABrokenSocketForALostConnection() {
    assertThat(SqlErrors.kind(new SQLException("x", null, new IOException("reset"))))
        .isEqualTo(ErrorKind.RETRY_CONNECTION);
  }

  @Test
  void saysWhatWasTriedWhyAndWhatToDo() {
    MigrationException error =
        SqlErrors.wrap(
            "Cannot read table \"public.t\"",
            "Grant SELECT on it.",
            new SQLException("permission denied for table t", "42501"));
    assertThat(error)
        .hasMessage(
            "Cannot read table \"public.t\": permission denied for table t (SQLSTATE 42501) Hint: Grant SELECT on it.");
    assertThat(error.kind()).isEqualTo(ErrorKind.FAIL);
    assertThat(error.hint()).isEqualTo("Grant SELECT on it.");
  }
}
