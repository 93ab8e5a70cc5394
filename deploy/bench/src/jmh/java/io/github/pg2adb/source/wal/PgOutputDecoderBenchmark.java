package io.github.pg2adb.source.wal;

import io.github.pg2adb.model.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One update of an order under REPLICA IDENTITY FULL, as pgoutput sends it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PgOutputDecoderBenchmark {
  private static final String[] ORDER = {
    "1234567",
    "7919",
    "shipped",
    "2024-03-04 05:06:07+00",
    "2024-06-01 02:03:04.123456",
    "1234.56",
    "3",
    "SKU-00012345",
    "EUR",
    "t",
    "0123456789abcdef0123456789abcdef"
  };

  private final byte[] message = message();
  private final Lsn lsn = new Lsn(0x1_0000_0000L);

  /** Decodes the message. */
  @Benchmark
  public Object update() {
    return PgOutputDecoder.decode(message, 0, message.length, lsn);
  }

  private static byte[] message() {
    ByteBuffer bytes = ByteBuffer.allocate(1024);
    bytes.put((byte) 'U').putInt(16_384);
    for (char kind : new char[] {'O', 'N'}) {
      bytes.put((byte) kind).putShort((short) ORDER.length);
      for (String value : ORDER) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        bytes.put((byte) 't').putInt(text.length).put(text);
      }
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
