package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RetryLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetriesTest {

  private static final RetryLimits LIMITS =
      new RetryLimits(Duration.ofMinutes(30), Duration.ofMinutes(5));
  private final MigrationException lost =
      new MigrationException(ErrorKind.RETRY_CONNECTION, "Cannot write: gone", "");
  private final MigrationException deadlock =
      new MigrationException(ErrorKind.RETRY_TRANSACTION, "Cannot write: deadlock", "");

  private long nanos;
  private double random;
  private final Retries retries = new Retries("Test", LIMITS, () -> nanos, () -> random);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void waitsTwiceAsLongEachTimeUpToHalfAMinute() {
    long[] expected = {200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000};
    for (long millis : expected) {
      assertThat(retries.again(lost)).isEqualTo(Duration.ofMillis(millis));
    }
    random = 1;
    assertThat(retries.again(lost)).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void givesUpWithTheLastCauseWhenTheLimitIsReached() {
    for (int minute = 0; minute < 30; minute += 3) {
      retries.again(lost);
      pass(Duration.ofMinutes(3));
    }
    assertThatThrownBy(() -> retries.again(lost))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.FAIL))
        .hasMessage(
            "Gave up after 11 attempts in 1800 s: Cannot write: gone"
                + " Hint: pipeline.retry.connection is how long it is tried.")
        .hasCause(lost);
    assertThat(retries.attempts()).isZero();
  }

  @Test
  void theLastAttemptIsAtTheLimit() {
    retries.again(deadlock);
    pass(Duration.ofMinutes(5).minusSeconds(1));
    for (int i = 0; i < 9; i++) {
      retries.restart(deadlock);
    }
    assertThat(retries.again(deadlock)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void otherFailuresCountFromTheFirstAfterALostConnection() {
    retries.again(deadlock);
    pass(Duration.ofMinutes(4));
    retries.again(lost);
    pass(Duration.ofMinutes(4));
    retries.again(deadlock);
    pass(Duration.ofMinutes(4));
    retries.again(deadlock);
    pass(Duration.ofMinutes(1));
    assertThatThrownBy(() -> retries.restart(deadlock))
        .hasMessageStartingWith("Gave up after 5 attempts in 300 s: Cannot write: deadlock")
        .hasMessageEndingWith("pipeline.retry.other is how long it is tried.");
  }

  @Test
  void successAndQuietEndTheRow() {
    retries.again(deadlock);
    assertThat(retries.attempts()).isEqualTo(1);
    assertThat(retries.sinceMillis()).isPositive();
    assertThat(retries.nextMillis()).isGreaterThanOrEqualTo(retries.sinceMillis());
    retries.succeeded();
    assertThat(retries.attempts()).isZero();
    assertThat(retries.sinceMillis()).isZero();
    assertThat(retries.nextMillis()).isZero();

    retries.again(deadlock);
    pass(Duration.ofMinutes(11));
    assertThat(retries.again(deadlock)).isEqualTo(Duration.ofMillis(200));
    assertThat(retries.attempts()).isEqualTo(1);
  }

  @Test
  void whatCannotPassIsNotTriedAgain() {
    MigrationException refused = new MigrationException(ErrorKind.OPERATOR, "Cannot log in", "");
    assertThatThrownBy(() -> retries.again(refused)).isSameAs(refused).hasMessage("Cannot log in");
    assertThat(retries.attempts()).isZero();
  }

  @Test
  void theCountOutlivesItsReader() {
    Retries first = Retries.of("RetriesTest reader", LIMITS);
    first.restart(lost);
    assertThat(Retries.of("RetriesTest reader", LIMITS).attempts()).isEqualTo(1);
    assertThat(Retries.of("RetriesTest reader", RetryLimits.DEFAULT).attempts()).isZero();
  }
}
