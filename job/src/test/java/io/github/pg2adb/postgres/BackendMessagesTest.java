package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendMessagesTest {

  private static final byte[] AUTHENTICATION_OK = message('R', new byte[4]);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8_192, 1_000_000})
  void driverAndRowsTakeTurnsWhateverThePacketsAre(int packetBytes) throws IOException {
    Random random = new Random(packetBytes);
    List<byte[]> rows = new ArrayList<>();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    byte[] begin = message('H', new byte[] {0, 0, 0});
    byte[] notice = message('N', "a notice\0".getBytes(StandardCharsets.UTF_8));
    byte[] end = message('c', new byte[0]);
    sent.write('N');
    sent.writeBytes(AUTHENTICATION_OK);
    sent.writeBytes(begin);
    for (int i = 0; i < 300; i++) {
      byte[] row = new byte[i == 150 ? 700_000 : i == 160 ? 262_139 : random.nextInt(3_000)];
      random.nextBytes(row);
      rows.add(row);
      sent.writeBytes(message('d', row));
      if (i % 100 == 50) {
        sent.writeBytes(notice);
      }
    }
    sent.writeBytes(end);
    BackendMessages messages = new BackendMessages(packets(sent.toByteArray(), packetBytes));

    assertThat(messages.takeCopyData()).isFalse();
    assertThat(messages.read()).isEqualTo('N');
    driverReads(messages, AUTHENTICATION_OK);
    driverReads(messages, begin);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(messages.takeCopyData()).isTrue();
      assertThat(row(messages)).isEqualTo(rows.get(i));
      if (i % 100 == 50) {
        assertThat(messages.takeCopyData()).isFalse();
        driverReads(messages, notice);
      }
    }
    assertThat(messages.takeCopyData()).isFalse();
    driverReads(messages, end);
    assertThat(messages.takeCopyData()).isFalse();
    assertThat(messages.read()).isEqualTo(-1);
  }

  @Test
  void driverMayReadAMessageInPartsAndHasItToItself() throws IOException {
    byte[] notice = message('N', new byte[100]);
    BackendMessages messages =
        new BackendMessages(new ByteArrayInputStream(joined(AUTHENTICATION_OK, notice, data(1))));
    driverReads(messages, AUTHENTICATION_OK);

    assertThat(messages.read()).isEqualTo('N');
    assertThat(messages.takeCopyData()).isFalse();
    byte[] rest = new byte[1_000];
    assertThat(messages.read(rest, 0, rest.length)).isEqualTo(notice.length - 1);
    assertThat(messages.takeCopyData()).isTrue();
  }

  @Test
  void driverGetsARowThatNobodyTakes() throws IOException {
    BackendMessages messages =
        new BackendMessages(new ByteArrayInputStream(joined(AUTHENTICATION_OK, data(9))));
    driverReads(messages, AUTHENTICATION_OK);
    driverReads(messages, data(9));
  }

  @ParameterizedTest
  @ValueSource(ints = {'S', 'G', 0x16})
  void encryptedSessionIsTheDriversAlone(int first) throws IOException {
    byte[] bytes = joined(new byte[] {(byte) first}, data(5), data(6));
    BackendMessages messages = new BackendMessages(new ByteArrayInputStream(bytes));
    assertThat(messages.read()).isEqualTo(first);
    assertThat(messages.takeCopyData()).isFalse();
    byte[] read = new byte[100];
    assertThat(messages.read(read, 0, 100)).isEqualTo(bytes.length - 1);
    assertThat(Arrays.copyOf(read, bytes.length - 1))
        .isEqualTo(Arrays.copyOfRange(bytes, 1, bytes.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 600_000})
  void rowThatEndsWithTheConnectionIsNone(int length) throws IOException {
    byte[] row = message('d', new byte[length]);
    BackendMessages messages =
        new BackendMessages(
            new ByteArrayInputStream(
                joined(AUTHENTICATION_OK, Arrays.copyOf(row, row.length - 1))));
    driverReads(messages, AUTHENTICATION_OK);
    assertThatThrownBy(messages::takeCopyData).isInstanceOf(EOFException.class);
  }

  @Test
  void lengthThatCannotBeIsAnError() throws IOException {
    BackendMessages messages =
        new BackendMessages(
            new ByteArrayInputStream(joined(AUTHENTICATION_OK, new byte[] {'d', 0, 0, 0, 3, 0})));
    driverReads(messages, AUTHENTICATION_OK);
    assertThatThrownBy(messages::takeCopyData).hasMessage("The server sent a message of length 3");
  }

  private static void driverReads(BackendMessages messages, byte[] message) throws IOException {
    byte[] read = new byte[message.length];
    int at = 0;
    while (at < read.length) {
      // asks for more than the message, as the driver does
      byte[] more = new byte[8_192];
      int count = messages.read(more, 0, more.length);
      assertThat(count).isBetween(1, message.length - at);
      System.arraycopy(more, 0, read, at, count);
      at += count;
    }
    assertThat(read).isEqualTo(message);
  }

  private static byte[] row(BackendMessages messages) {
    return Arrays.copyOfRange(
        messages.row(), messages.rowOffset(), messages.rowOffset() + messages.rowLength());
  }

  private static byte[] data(int value) {
    return message('d', new byte[] {(byte) value});
  }

  private static byte[] message(char type, byte[] content) {
    return ByteBuffer.allocate(5 + content.length)
        .put((byte) type)
        .putInt(4 + content.length)
        .put(content)
        .array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static InputStream packets(byte[] bytes, int packetBytes) {
    InputStream all = new ByteArrayInputStream(bytes);
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return all.read();
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return all.read(target, offset, Math.min(length, packetBytes));
      }
    };
  }
}
