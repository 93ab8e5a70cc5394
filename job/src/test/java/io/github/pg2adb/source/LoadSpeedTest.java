package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadSpeedTest {

  private static final long SECOND = 1_000_000_000;

  private final LoadSpeed speed = new LoadSpeed();

  @Test
  void isUnknownUntilSomethingIsDone() {
    assertThat(speed.secondsLeft(0, 10, 100)).isEqualTo(-1);
    assertThat(speed.secondsLeft(5 * SECOND, 10, 100)).isEqualTo(-1);
  }

  @Test
  void goesByWhatWasDoneSinceTheStartWhichMayNotBeTheLoadsStart() {
    speed.secondsLeft(0, 50, 100);

    assertThat(speed.secondsLeft(10 * SECOND, 60, 100)).isEqualTo(40);
  }

  @Test
  void forgetsHowItWasMoreThanFiveMinutesAgo() {
    speed.secondsLeft(0, 0, 1_000);
    speed.secondsLeft(60 * SECOND, 600, 1_000);

    assertThat(speed.secondsLeft(360 * SECOND, 630, 1_000)).isEqualTo(3_700);
  }

  @Test
  void isZeroWhenAllIsDone() {
    assertThat(speed.secondsLeft(SECOND, 100, 100)).isZero();
  }
}
