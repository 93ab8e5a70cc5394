package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GatheringInputTest {

  private final AtomicInteger heard = new AtomicInteger();

  @Test
  void losesAndMixesNoByte() throws IOException {
    byte[] bytes = new byte[2_000_000];
    new Random(7).nextBytes(bytes);
    GatheringInput input = input(packets(bytes, 70_000));

    byte[] read = new byte[bytes.length];
    int at = 0;
    while (at < read.length) {
      if (at % 3 == 0) {
        int one = input.read();
        read[at++] = (byte) one;
      } else {
        at += input.read(read, at, Math.min(1_000, read.length - at));
      }
    }

    assertThat(read).isEqualTo(bytes);
    assertThat(input.read()).isEqualTo(-1);
    assertThat(input.read(new byte[1], 0, 1)).isEqualTo(-1);
    assertThat(input.read(new byte[0], 0, 0)).isZero();
    assertThat(heard).hasPositiveValue();
  }

  @Test
  void restsBetweenReadsThatBringLittle() throws IOException {
    GatheringInput input = input(packets(new byte[20], 1));
    long start = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(input.read()).isZero();
    }
    assertThat(System.nanoTime() - start)
        .isGreaterThanOrEqualTo(TimeUnit.MICROSECONDS.toNanos(19 * 400));
  }

  @Test
  void takesAllThatHasComeInOneRead() throws IOException {
    GatheringInput input = input(new ByteArrayInputStream(new byte[1_000]));
    for (int i = 0; i < 1_000; i++) {
      input.read();
    }
    assertThat(heard).hasValue(1);
  }

  @Test
  void goesOnAfterATimeout() throws IOException {
    InputStream late =
        new InputStream() {
          private int calls;

          @Override
          public int read() {
            throw new AssertionError("one byte at a time");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            if (calls++ == 0) {
              throw new SocketTimeoutException("nothing came");
            }
            target[offset] = 5;
            return 1;
          }
        };
    GatheringInput input = input(late);

    assertThatThrownBy(input::read).isInstanceOf(SocketTimeoutException.class);
    assertThat(heard).hasValue(0);
    assertThat(input.read()).isEqualTo(5);
  }

  @Test
  void saysWhatIsThere() throws IOException {
    GatheringInput input = input(new ByteArrayInputStream(new byte[10]));
    assertThat(input.available()).isEqualTo(10);
    input.read();
    assertThat(input.available()).isEqualTo(9);
  }

  private GatheringInput input(InputStream socket) {
    return new GatheringInput(socket, heard::incrementAndGet);
  }

  /** A socket that has one packet at a time. */
  private static InputStream packets(byte[] bytes, int size) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, size));
      }

      @Override
      public synchronized int available() {
        return Math.min(size, super.available());
      }
    };
  }
}
