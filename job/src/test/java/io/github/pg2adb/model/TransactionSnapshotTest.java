package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionSnapshotTest {

  @Test
  void seesWhatEndedBeforeItAndNothingThatRanOrCameLater() {
    TransactionSnapshot snapshot = TransactionSnapshot.parse("100:105:100,103");
    assertThat(snapshot.sees(99)).isTrue();
    assertThat(snapshot.sees(100)).isFalse();
    assertThat(snapshot.sees(101)).isTrue();
    assertThat(snapshot.sees(103)).isFalse();
    assertThat(snapshot.sees(104)).isTrue();
    assertThat(snapshot.sees(105)).isFalse();
    assertThat(snapshot.sees(106)).isFalse();
  }

  @Test
  void placesShortIdsInTheRightEpochAcrossTheWrap() {
    // xmax 2^32 + 2: the ids around it are in epochs 0 and 1
    TransactionSnapshot snapshot = TransactionSnapshot.parse("4294967294:4294967298:4294967297");
    assertThat(snapshot.sees(0xFFFFFFFD)).isTrue();
    assertThat(snapshot.sees(0)).isTrue();
    assertThat(snapshot.sees(1)).isFalse();
    assertThat(snapshot.sees(2)).isFalse();
    assertThat(snapshot.sees(3)).isFalse();
  }

  @Property
  void widensToTheNearestIdWithTheseBits(
      @ForAll @LongRange(min = 1L << 32, max = 1L << 50) long xmax,
      @ForAll @LongRange(min = -(1L << 31) + 1, max = (1L << 31) - 1) long distance) {
    TransactionSnapshot snapshot = TransactionSnapshot.parse(xmax + ":" + xmax + ":");
    assertThat(snapshot.widen((int) (xmax + distance))).isEqualTo(xmax + distance);
  }

  @Test
  void readsWhatItPrints() {
    assertThat(TransactionSnapshot.parse("7:9:7,8")).hasToString("7:9:7,8");
    assertThat(TransactionSnapshot.parse("7:7:")).hasToString("7:7:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1:2", "1:2:3:4", "a:b:", "1:2:x"})
  void refusesWhatIsNoSnapshot(String text) {
    assertThatThrownBy(() -> TransactionSnapshot.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Not a transaction snapshot: \"" + text + "\"");
  }

  @Test
  void bothSeeWhatEachOfThemSees() {
    TransactionSnapshot one = TransactionSnapshot.parse("95:101:95,98");
    TransactionSnapshot other = TransactionSnapshot.parse("97:110:97,98,105");

    assertThat(one.and(other).toString()).isEqualTo("95:101:95,97,98");
    assertThat(other.and(one)).isEqualTo(one.and(other));
    for (int xid = 90; xid < 115; xid++) {
      assertThat(one.and(other).sees(xid)).isEqualTo(one.sees(xid) && other.sees(xid));
    }
  }
}
