package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LagClockTest {

  private final LagClock clock = new LagClock();

  @Test
  void nothingIsBehindBeforeTheSourceWasAsked() {
    assertThat(behindSince(5)).isEmpty();
  }

  @Test
  void whatHasTheNewestEndIsNotBehindHoweverOldItsNewestCommitIs() {
    clock.sourceEndsAt(new Lsn(100), 1_000);

    assertThat(clock.behindSince(new Lsn(100), OptionalLong.of(3))).isEmpty();
    assertThat(clock.behindSince(new Lsn(101), OptionalLong.of(3))).isEmpty();
  }

  @Test
  void isBehindSinceTheSourceLastEndedAtWhatIsApplied() {
    clock.sourceEndsAt(new Lsn(100), 1_000);
    clock.sourceEndsAt(new Lsn(200), 2_000);
    clock.sourceEndsAt(new Lsn(300), 3_000);

    assertThat(behindSince(100)).hasValue(1_000);
    assertThat(behindSince(250)).hasValue(2_000);
    assertThat(behindSince(300)).isEmpty();
  }

  @Test
  void anEndThatStaysMovesTheTimeOn() {
    clock.sourceEndsAt(new Lsn(100), 1_000);
    clock.sourceEndsAt(new Lsn(100), 9_000);
    clock.sourceEndsAt(new Lsn(200), 10_000);

    assertThat(behindSince(100)).hasValue(9_000);
  }

  @Test
  void aLaterCommitIsMoreExact() {
    clock.sourceEndsAt(new Lsn(100), 1_000);
    clock.sourceEndsAt(new Lsn(200), 2_000);

    assertThat(clock.behindSince(new Lsn(150), OptionalLong.of(1_900))).hasValue(1_900);
    assertThat(clock.behindSince(new Lsn(150), OptionalLong.of(500))).hasValue(1_000);
  }

  @Test
  void afterAStartTheCommitTimeSaysMoreThanTheFirstLook() {
    clock.sourceEndsAt(new Lsn(100), 1_000);

    assertThat(clock.behindSince(new Lsn(50), OptionalLong.of(20))).hasValue(20);
    assertThat(behindSince(50)).hasValue(1_000);
  }

  @Test
  void rememberingForDaysCostsLittleAndErrsOnTheSideOfMoreLag() {
    for (int i = 1; i <= 100_000; i++) {
      clock.sourceEndsAt(new Lsn(i), i);
    }

    assertThat(behindSince(60_000).orElseThrow()).isBetween(1L, 60_000L);
    assertThat(behindSince(99_999)).hasValue(99_999);
  }

  private OptionalLong behindSince(long applied) {
    return clock.behindSince(new Lsn(applied), OptionalLong.empty());
  }
}
