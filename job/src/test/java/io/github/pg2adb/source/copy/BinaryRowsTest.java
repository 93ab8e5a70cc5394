package io.github.pg2adb.source.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
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
    assertThat(row(rows, joined(HEADER, ROW))).isEqualTo(ROW);
    assertThat(row(rows, ROW_OF_NULL)).isEqualTo(ROW_OF_NULL);
    assertThat(row(rows, TRAILER)).isNull();
  }

  @Test
  void takesTheHeaderFromTheTrailerOfATableWithoutRows() throws SQLException {
    assertThat(row(rows, joined(HEADER, TRAILER))).isNull();
  }

  @Test
  void takesAHeaderByItselfAndOneWithAnExtension() throws SQLException {
    assertThat(row(rows, HEADER)).isNull();
    assertThat(row(rows, ROW)).isEqualTo(ROW);
    byte[] extended = HEADER.clone();
    extended[HEADER.length - 1] = 2;
    assertThat(row(new BinaryRows(), joined(extended, new byte[] {9, 9}, ROW))).isEqualTo(ROW);
  }

  @Test
  void refusesWhatDoesNotBeginWithTheSignature() {
    assertThatThrownBy(
            () ->
                row(
                    rows,
                    "1\tthis is a row of text".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isInstanceOf(SQLException.class)
        .hasMessage("COPY's binary format does not begin with its signature");
    assertThatThrownBy(() -> row(new BinaryRows(), ROW))
        .isInstanceOf(SQLException.class)
        .hasMessage("COPY's binary format does not begin with its signature");
  }

  /** The message's row, from the middle of a larger array. */
  private static byte @Nullable [] row(BinaryRows rows, byte[] message) throws SQLException {
    byte[] data = joined(new byte[] {7, 7, 7}, message, new byte[] {7});
    int skipped = rows.skipped(data, 3, message.length);
    return skipped < 0 ? null : Arrays.copyOfRange(message, skipped, message.length);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
