package io.github.pg2adb.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WordingTest {

  @Test
  void bytesHaveTheLargestUnitThatFits() {
    assertThat(Wording.bytes(999)).isEqualTo("999 B");
    assertThat(Wording.bytes(1_000)).isEqualTo("1.0 kB");
    assertThat(Wording.bytes(34_560_000)).isEqualTo("34.6 MB");
    assertThat(Wording.bytes(1_200_000_000_000L)).isEqualTo("1.2 TB");
    assertThat(Wording.bytes(9_200_000_000_000_000L)).isEqualTo("9200.0 TB");
  }

  @Test
  void timesAreMillisecondsWhileThatMatters() {
    assertThat(Wording.time(Duration.ofMillis(9_999))).isEqualTo("9,999 ms");
    assertThat(Wording.time(Duration.ofMillis(61_500))).isEqualTo("61.5 s");
  }

  @Test
  void speedIsGrowthWithinTheWindow() {
    Speed speed = new Speed();
    assertThat(speed.perSecond(0, 100)).isZero();
    assertThat(speed.perSecond(1_000_000_000L, 600)).isEqualTo(500);
    assertThat(speed.perSecond(5_000_000_000L, 600)).isZero();
  }
}
