package io.github.pg2adb.source.wal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes messages as pgoutput does. */
final class PgOutputBytes {

  /** Stands for a TOAST value that the update did not change. */
  static final String UNCHANGED = new String("unchanged");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  private PgOutputBytes(char kind) {
    int8(kind);
  }

  static byte[] begin(long commitLsn, long postgresMicros, int xid) {
    return new PgOutputBytes('B').int64(commitLsn).int64(postgresMicros).int32(xid).toBytes();
  }

  static byte[] commit(long commitLsn, long endLsn, long postgresMicros) {
    return new PgOutputBytes('C')
        .int8(0)
        .int64(commitLsn)
        .int64(endLsn)
        .int64(postgresMicros)
        .toBytes();
  }

  static byte[] origin(long lsn, String name) {
    return new PgOutputBytes('O').int64(lsn).string(name).toBytes();
  }

  static byte[] type(int oid, String schema, String name) {
    return new PgOutputBytes('Y').int32(oid).string(schema).string(name).toBytes();
  }

  /** Columns named as given; a star at the end marks one of the identity. */
  static byte[] relation(int id, String schema, String name, char identity, String... columns) {
    PgOutputBytes message =
        new PgOutputBytes('R').int32(id).string(schema).string(name).int8(identity);
    message.int16(columns.length);
    for (String column : columns) {
      boolean key = column.endsWith("*");
      message.int8(key ? 1 : 0).string(key ? column.substring(0, column.length() - 1) : column);
      message.int32(25).int32(-1);
    }
    return message.toBytes();
  }

  static byte[] insert(int relation, @Nullable String... values) {
    return new PgOutputBytes('I').int32(relation).tuple('N', values).toBytes();
  }

  static byte[] update(
      int relation, char oldKind, @Nullable String @Nullable [] old, @Nullable String... values) {
    PgOutputBytes message = new PgOutputBytes('U').int32(relation);
    if (old != null) {
      message.tuple(oldKind, old);
    }
    return message.tuple('N', values).toBytes();
  }

  static byte[] delete(int relation, char oldKind, @Nullable String... old) {
    return new PgOutputBytes('D').int32(relation).tuple(oldKind, old).toBytes();
  }

  static byte[] truncate(int options, int... relations) {
    PgOutputBytes message = new PgOutputBytes('T').int32(relations.length).int8(options);
    for (int relation : relations) {
      message.int32(relation);
    }
    return message.toBytes();
  }

  static byte[] logical(int flags, long lsn, String prefix, byte[] content) {
    PgOutputBytes message = new PgOutputBytes('M').int8(flags).int64(lsn).string(prefix);
    message.int32(content.length);
    message.bytes.writeBytes(content);
    return message.toBytes();
  }

  private PgOutputBytes tuple(char kind, @Nullable String... values) {
    int8(kind).int16(values.length);
    for (String value : values) {
      if (value == null) {
        int8('n');
      } else if (isUnchanged(value)) {
        int8('u');
      } else {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        int8('t').int32(encoded.length);
        bytes.writeBytes(encoded);
      }
    }
    return this;
  }

  @SuppressWarnings({
    "ReferenceEquality",
    "StringEquality"
  }) // one object is the mark, its text is not
  private static boolean isUnchanged(String value) {
    return value == UNCHANGED;
  }

  private PgOutputBytes int8(int value) {
    return write(() -> out.writeByte(value));
  }

  private PgOutputBytes int16(int value) {
    return write(() -> out.writeShort(value));
  }

  private PgOutputBytes int32(int value) {
    return write(() -> out.writeInt(value));
  }

  private PgOutputBytes int64(long value) {
    return write(() -> out.writeLong(value));
  }

  private PgOutputBytes string(String value) {
    bytes.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    return int8(0);
  }

  private PgOutputBytes write(Write write) {
    try {
      write.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] toBytes() {
    return bytes.toByteArray();
  }

  /** Writes something. */
  private interface Write {
    void run() throws IOException;
  }
}
