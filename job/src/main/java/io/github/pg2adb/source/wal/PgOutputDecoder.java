package io.github.pg2adb.source.wal;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads one pgoutput message (protocol version 1). Row values stay where they are: the tuples are
 * slices of the message's buffer, which must not be written afterwards. Whatever the bytes are, the
 * outcome is a message or a {@link MigrationException} that names LSN and byte offset.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">message
 *     formats</a>
 */
public final class PgOutputDecoder {

  /** 2000-01-01, PostgreSQL's epoch, in microseconds since 1970-01-01. */
  private static final long POSTGRES_EPOCH_MICROS = 946_684_800_000_000L;

  private static final int IDENTITY_FLAG = 1;
  private static final int TRUNCATE_CASCADE = 1;
  private static final int TRUNCATE_RESTART_IDENTITY = 2;
  private static final int MESSAGE_TRANSACTIONAL = 1;

  private final byte[] buffer;
  private final int start;
  private final int end;
  private final Lsn lsn;
  private int at;

  private PgOutputDecoder(byte[] buffer, int start, int end, Lsn lsn) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.lsn = lsn;
    this.at = start;
  }

  /**
   * Decodes the message in {@code buffer[start..end)}.
   *
   * @param lsn the position that the message came with, for errors
   * @throws MigrationException if the bytes are not exactly one message of protocol 1
   */
  public static PgOutputMessage decode(byte[] buffer, int start, int end, Lsn lsn) {
    PgOutputDecoder decoder = new PgOutputDecoder(buffer, start, end, lsn);
    PgOutputMessage message = decoder.message();
    if (decoder.at != end) {
      throw decoder.malformed((end - decoder.at) + " bytes follow the message's end");
    }
    return message;
  }

  private PgOutputMessage message() {
    int kind = int8("message kind");
    return switch (kind) {
      case 'B' -> begin();
      case 'C' -> commit();
      case 'O' -> new PgOutputMessage.Origin(position("origin LSN"), string("origin name"));
      case 'R' -> relation();
      case 'Y' ->
          new PgOutputMessage.TypeDefinition(
              int32("type oid"), string("type schema"), string("type name"));
      case 'I' -> insert();
      case 'U' -> update();
      case 'D' -> delete();
      case 'T' -> truncate();
      case 'M' -> logicalMessage();
      default -> {
        at--;
        throw malformed("unknown message kind " + printed(kind));
      }
    };
  }

  private PgOutputMessage begin() {
    Lsn commitLsn = position("commit LSN");
    long time = time();
    return new PgOutputMessage.Begin(commitLsn, time, int32("transaction id"));
  }

  private PgOutputMessage commit() {
    int flags = int8("commit flags");
    if (flags != 0) {
      at--;
      throw malformed("unknown commit flags " + flags);
    }
    Lsn commitLsn = position("commit LSN");
    Lsn endLsn = position("end LSN");
    return new PgOutputMessage.Commit(commitLsn, endLsn, time());
  }

  private PgOutputMessage relation() {
    int id = int32("relation oid");
    String schema = string("schema name");
    // The server leaves the name of pg_catalog out.
    TableName table = new TableName(schema.isEmpty() ? "pg_catalog" : schema, string("table name"));
    ReplicaIdentity identity = replicaIdentity();
    int count = count("column count");
    List<Relation.Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean isIdentity = (int8("column flags") & IDENTITY_FLAG) != 0;
      String name = string("column name");
      int type = int32("column type");
      columns.add(new Relation.Column(name, isIdentity, type, int32("column type modifier")));
    }
    return new PgOutputMessage.RelationDefinition(new Relation(id, table, identity, columns));
  }

  private ReplicaIdentity replicaIdentity() {
    int letter = int8("replica identity");
    try {
      return ReplicaIdentity.of((char) letter);
    } catch (IllegalArgumentException e) {
      at--;
      throw malformed("unknown replica identity " + printed(letter));
    }
  }

  private PgOutputMessage insert() {
    int relation = int32("relation oid");
    expect('N', int8("tuple kind"));
    return new PgOutputMessage.Insert(relation, tuple());
  }

  private PgOutputMessage update() {
    int relation = int32("relation oid");
    int kind = int8("tuple kind");
    if (kind != 'K' && kind != 'O') {
      expect('N', kind);
      return new PgOutputMessage.Update(relation, null, false, tuple());
    }
    Tuple oldRow = tuple();
    expect('N', int8("tuple kind"));
    return new PgOutputMessage.Update(relation, oldRow, kind == 'O', tuple());
  }

  private PgOutputMessage delete() {
    int relation = int32("relation oid");
    int kind = int8("tuple kind");
    if (kind != 'K') {
      expect('O', kind);
    }
    return new PgOutputMessage.Delete(relation, tuple(), kind == 'O');
  }

  private PgOutputMessage truncate() {
    int count = int32("relation count");
    int options = int8("truncate options");
    if (count < 0 || count > (end - at) / Integer.BYTES) {
      throw malformed("relation count " + count + " does not fit");
    }
    List<Integer> relations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      relations.add(int32("relation oid"));
    }
    return new PgOutputMessage.TruncateTables(
        relations, (options & TRUNCATE_CASCADE) != 0, (options & TRUNCATE_RESTART_IDENTITY) != 0);
  }

  private PgOutputMessage logicalMessage() {
    boolean transactional = (int8("message flags") & MESSAGE_TRANSACTIONAL) != 0;
    Lsn position = position("message LSN");
    String prefix = string("message prefix");
    int length = int32("message length");
    require(length, "message content");
    byte[] content = new byte[length];
    System.arraycopy(buffer, at, content, 0, length);
    at += length;
    return new PgOutputMessage.LogicalMessage(transactional, position, prefix, content);
  }

  private Tuple tuple() {
    int count = count("value count");
    int[] starts = new int[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      int kind = int8("value kind");
      switch (kind) {
        case 'n' -> lengths[i] = Tuple.NULL;
        case 'u' -> lengths[i] = Tuple.UNCHANGED;
        case 't' -> {
          int length = int32("value length");
          require(length, "value");
          starts[i] = at;
          lengths[i] = length;
          at += length;
        }
        case 'b' -> {
          at--;
          throw malformed("a binary value, which nobody asked for");
        }
        default -> {
          at--;
          throw malformed("unknown value kind " + printed(kind));
        }
      }
    }
    return new Tuple(buffer, starts, lengths);
  }

  private void expect(char wanted, int kind) {
    if (kind != wanted) {
      at--;
      throw malformed("tuple kind " + printed(kind) + " instead of '" + wanted + "'");
    }
  }

  /** A 16-bit number of things that take at least one byte each. */
  private int count(String what) {
    require(Short.BYTES, what);
    int count = (buffer[at] & 0xFF) << 8 | (buffer[at + 1] & 0xFF);
    at += Short.BYTES;
    if (count > end - at) {
      throw malformed(what + " " + count + " does not fit");
    }
    return count;
  }

  private int int8(String what) {
    require(1, what);
    return buffer[at++] & 0xFF;
  }

  private int int32(String what) {
    require(Integer.BYTES, what);
    int value =
        (buffer[at] & 0xFF) << 24
            | (buffer[at + 1] & 0xFF) << 16
            | (buffer[at + 2] & 0xFF) << 8
            | (buffer[at + 3] & 0xFF);
    at += Integer.BYTES;
    return value;
  }

  private long int64(String what) {
    require(Long.BYTES, what);
    return (long) int32(what) << 32 | (int32(what) & 0xFFFFFFFFL);
  }

  private Lsn position(String what) {
    return new Lsn(int64(what));
  }

  private long time() {
    return int64("commit time") + POSTGRES_EPOCH_MICROS;
  }

  private String string(String what) {
    int from = at;
    for (int i = from; i < end; i++) {
      if (buffer[i] == 0) {
        at = i + 1;
        return new String(buffer, from, i - from, StandardCharsets.UTF_8);
      }
    }
    throw malformed(what + " has no end");
  }

  private void require(int length, String what) {
    if (length < 0 || length > end - at) {
      throw malformed(what + " needs " + length + " bytes and " + (end - at) + " are left");
    }
  }

  private static String printed(int kind) {
    return kind > ' ' && kind < 127 ? "'" + (char) kind + "'" : String.format("0x%02X", kind);
  }

  private MigrationException malformed(String reason) {
    return new MigrationException(
        ErrorKind.FAIL,
        "Cannot decode the WAL message at LSN "
            + lsn
            + ": at byte "
            + (at - start)
            + " of "
            + (end - start)
            + ": "
            + reason,
        "Start again; if it happens at the same LSN, report it with the source server's version.");
  }
}
