package io.github.pg2adb.source.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class BinaryRowsTest {

  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', -1, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final byte[] ROW = {0, 1, 0, 0, 0, 1, 'a'};
  private static final byte[] ROW_OF_NULL = {0, 1, -1, -1, -1, -1};
  private static final byte[] TRAILER = {-1, -1};

  private final BinaryRows rows = new BinaryRows();

  @Test
  void takesTheHeaderFromTheFirstRow() throws SQLException {
    assertThat(rows.row(joined(HEADER, ROW))).isEqualTo(ROW);
    assertThat(rows.row(ROW_OF_NULL)).isSameAs(ROW_OF_NULL);
    assertThat(rows.row(TRAILER)).isNull();
  }

  @Test
  void takesTheHeaderFromTheTrailerOfATableWithoutRows() throws SQLException {
    assertThat(rows.row(joined(HEADER, TRAILER))).isNull();
  }

  @Test
  void takesAHeaderByItselfAndOneWithAnExtension() throws SQLException {
    assertThat(rows.row(HEADER)).isNull();
    assertThat(rows.row(ROW)).isEqualTo(ROW);
    byte[] extended = HEADER.clone();
    extended[HEADER.length - 1] = 2;
    assertThat(new BinaryRows().row(joined(extended, new byte[] {9, 9}, ROW))).isEqualTo(ROW);
  }

  @Test
  void refusesWhatDoesNotBeginWithTheSignature() {
    assertThatThrownBy(
            () ->
                rows.row(
                    "1\tthis is a row of text".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isInstanceOf(SQLException.class)
        .hasMessage("COPY's binary format does not begin with its signature");
    assertThatThrownBy(() -> new BinaryRows().row(ROW))
        .isInstanceOf(SQLException.class)
        .hasMessage("COPY's binary format does not begin with its signature");
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
