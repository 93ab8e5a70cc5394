package io.github.pg2adb.source.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PgOutputDecoderTest {

  private static final Lsn AT = Lsn.parse("1/2A");

  @Test
  void readsBeginAndCommitWithTimesSince1970() {
    assertThat(decode(PgOutputBytes.begin(42, 5, -7)))
        .isEqualTo(new PgOutputMessage.Begin(new Lsn(42), 946_684_800_000_005L, -7));
    assertThat(decode(PgOutputBytes.commit(42, 99, 0)))
        .isEqualTo(new PgOutputMessage.Commit(new Lsn(42), new Lsn(99), 946_684_800_000_000L));
  }

  @Test
  void readsOriginTypeAndMessage() {
    assertThat(decode(PgOutputBytes.origin(7, "other")))
        .isEqualTo(new PgOutputMessage.Origin(new Lsn(7), "other"));
    assertThat(decode(PgOutputBytes.type(600, "public", "mood")))
        .isEqualTo(new PgOutputMessage.TypeDefinition(600, "public", "mood"));
    byte[] content = {1, 0, 2};
    PgOutputMessage.LogicalMessage message =
        (PgOutputMessage.LogicalMessage) decode(PgOutputBytes.logical(1, 8, "prefix", content));
    assertThat(message.transactional()).isTrue();
    assertThat(message.lsn()).isEqualTo(new Lsn(8));
    assertThat(message.prefix()).isEqualTo("prefix");
    assertThat(message.content()).isEqualTo(content);
  }

  @Test
  void readsRelationsWithTheirIdentity() {
    assertThat(decode(PgOutputBytes.relation(16384, "Sch.1", "täble", 'i', "id*", "va\"lue")))
        .isEqualTo(
            new PgOutputMessage.RelationDefinition(
                new Relation(
                    16384,
                    new TableName("Sch.1", "täble"),
                    ReplicaIdentity.INDEX,
                    List.of(
                        new Relation.Column("id", true, 25, -1),
                        new Relation.Column("va\"lue", false, 25, -1)))));
  }

  @Test
  void readsRowsAsSlicesOfTheMessage() {
    byte[] bytes = PgOutputBytes.insert(1, "é", null, "", PgOutputBytes.UNCHANGED);
    Tuple row = ((PgOutputMessage.Insert) decode(bytes)).newRow();
    assertThat(row.buffer()).isSameAs(bytes);
    assertThat(row.text(0)).isEqualTo("é");
    assertThat(row.isNull(1)).isTrue();
    assertThat(row.text(2)).isEmpty();
    assertThat(row.isUnchanged(3)).isTrue();
  }

  @Test
  void readsUpdatesWithAndWithoutOldRows() {
    assertThat(decode(PgOutputBytes.update(1, 'K', null, "n")))
        .isEqualTo(new PgOutputMessage.Update(1, null, false, Tuple.of("n")));
    assertThat(decode(PgOutputBytes.update(1, 'K', new String[] {"k"}, "n")))
        .isEqualTo(new PgOutputMessage.Update(1, Tuple.of("k"), false, Tuple.of("n")));
    assertThat(decode(PgOutputBytes.update(1, 'O', new String[] {"o"}, "n")))
        .isEqualTo(new PgOutputMessage.Update(1, Tuple.of("o"), true, Tuple.of("n")));
    assertThat(decode(PgOutputBytes.delete(1, 'K', "k")))
        .isEqualTo(new PgOutputMessage.Delete(1, Tuple.of("k"), false));
    assertThat(decode(PgOutputBytes.delete(1, 'O', "o")))
        .isEqualTo(new PgOutputMessage.Delete(1, Tuple.of("o"), true));
  }

  @Test
  void readsTruncateWithItsOptions() {
    assertThat(decode(PgOutputBytes.truncate(0, 1)))
        .isEqualTo(new PgOutputMessage.TruncateTables(List.of(1), false, false));
    assertThat(decode(PgOutputBytes.truncate(3, 1, -2)))
        .isEqualTo(new PgOutputMessage.TruncateTables(List.of(1, -2), true, true));
  }

  @Test
  void namesLsnAndOffsetOfWhatItCannotRead() {
    assertMalformed(new byte[0], "at byte 0 of 0: message kind needs 1 bytes and 0 are left");
    assertMalformed(new byte[] {'Z'}, "at byte 0 of 1: unknown message kind 'Z'");
    assertMalformed(new byte[] {0}, "at byte 0 of 1: unknown message kind 0x00");
    byte[] commit = PgOutputBytes.commit(1, 2, 3);
    commit[1] = 4;
    assertMalformed(commit, "at byte 1 of 26: unknown commit flags 4");
    byte[] begin = Arrays.copyOf(PgOutputBytes.begin(1, 2, 3), 22);
    assertMalformed(begin, "at byte 21 of 22: 1 bytes follow the message's end");
    assertMalformed(
        PgOutputBytes.relation(1, "s", "t", 'x'), "at byte 9 of 12: unknown replica identity 'x'");
    byte[] binary = PgOutputBytes.insert(1, "v");
    binary[8] = 'b';
    assertMalformed(binary, "at byte 8 of 14: a binary value, which nobody asked for");
    byte[] length = PgOutputBytes.insert(1, "v");
    length[9] = (byte) 0xFF;
    assertMalformed(length, "at byte 13 of 14: value needs -16777215 bytes and 1 are left");
    byte[] count = PgOutputBytes.insert(1, "v");
    count[6] = (byte) 0x7F;
    assertMalformed(count, "at byte 8 of 14: value count 32513 does not fit");
    assertMalformed(
        new byte[] {'O', 0, 0, 0, 0, 0, 0, 0, 1, 'x'}, "at byte 9 of 10: origin name has no end");
    assertMalformed(
        new byte[] {'T', 0x7F, 0, 0, 0, 0},
        "at byte 6 of 6: relation count 2130706432 does not fit");
  }

  @Property
  void givesAMessageOrAnErrorWithLsnAndOffsetForEveryCut(
      @ForAll("messages") byte[] message, @ForAll @IntRange(max = 1 << 16) int seed) {
    byte[] cut = Arrays.copyOf(message, seed % message.length);
    assertThatThrownBy(() -> decode(cut))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("at LSN 1/2A: at byte ");
  }

  @Property
  void givesAMessageOrAnErrorWithLsnAndOffsetForEveryDamage(
      @ForAll("messages") byte[] message,
      @ForAll @IntRange(max = 1 << 16) int position,
      @ForAll byte value) {
    byte[] damaged = message.clone();
    damaged[position % damaged.length] = value;
    assertMessageOrError(damaged);
  }

  @Property
  void givesAMessageOrAnErrorWithLsnAndOffsetForAnyBytes(@ForAll byte[] bytes) {
    assertMessageOrError(bytes);
  }

  @Property
  void readsMessagesInTheMiddleOfABuffer(
      @ForAll("messages") byte[] message, @ForAll @IntRange(max = 20) int before) {
    byte[] buffer = new byte[before + message.length + 3];
    System.arraycopy(message, 0, buffer, before, message.length);
    PgOutputMessage found = PgOutputDecoder.decode(buffer, before, before + message.length, AT);
    assertThat(found.getClass()).isEqualTo(decode(message).getClass());
  }

  @Provide
  Arbitrary<byte[]> messages() {
    Arbitrary<String> text = Arbitraries.strings().excludeChars('\0').ofMaxLength(20);
    Arbitrary<String[]> values =
        text.injectNull(0.2)
            .map(value -> "z".equals(value) ? PgOutputBytes.UNCHANGED : value)
            .array(String[].class)
            .ofMaxSize(6);
    Arbitrary<Integer> id = Arbitraries.integers();
    Arbitrary<Long> lsn = Arbitraries.longs();
    return Arbitraries.oneOf(
        lsn.map(value -> PgOutputBytes.begin(value, value, 5)),
        lsn.map(value -> PgOutputBytes.commit(value, value, value)),
        text.map(name -> PgOutputBytes.origin(1, name)),
        text.map(name -> PgOutputBytes.type(1, name, name)),
        text.map(name -> PgOutputBytes.logical(1, 2, name, name.getBytes(StandardCharsets.UTF_8))),
        text.map(name -> PgOutputBytes.relation(9, name, name, 'd', name + "*", name)),
        values.map(row -> PgOutputBytes.insert(3, row)),
        values.map(row -> PgOutputBytes.update(3, 'O', row, row)),
        values.map(row -> PgOutputBytes.delete(3, 'K', row)),
        id.map(relation -> PgOutputBytes.truncate(relation & 3, relation, relation)));
  }

  private static void assertMessageOrError(byte[] bytes) {
    try {
      assertThat(decode(bytes)).isNotNull();
    } catch (MigrationException e) {
      assertThat(e).hasMessageContaining("at LSN 1/2A: at byte ");
    }
  }

  private static void assertMalformed(byte[] bytes, String reason) {
    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("Cannot decode the WAL message at LSN 1/2A: " + reason + " Hint: ");
  }

  private static PgOutputMessage decode(byte[] bytes) {
    return PgOutputDecoder.decode(bytes, 0, bytes.length, AT);
  }
}
