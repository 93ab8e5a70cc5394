package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PendingChangesTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final PendingChanges pending = new PendingChanges();

  @Test
  void nothingIsPendingWithoutLag() {
    assertThat(pending.left(0, new Lsn(1_000), 5, 0)).isZero();
  }

  @Test
  void howMuchIsPendingIsUnknownUntilWalWasApplied() {
    assertThat(pending.left(0, new Lsn(1_000), 5, 400)).isEqualTo(-1);
    assertThat(pending.left(SECOND, new Lsn(1_000), 5, 800)).isEqualTo(-1);
  }

  @Test
  void walThatIsMissingHasAsManyChangesAsThatBefore() {
    pending.left(0, new Lsn(1_000), 5, 400);

    // 20 changes in 2000 bytes
    assertThat(pending.left(SECOND, new Lsn(3_000), 25, 400)).isEqualTo(4);
  }

  @Test
  void walWithoutChangesOfTheTaskHasNoneLeftEither() {
    pending.left(0, new Lsn(1_000), 5, 400);

    assertThat(pending.left(SECOND, new Lsn(3_000), 5, 400)).isZero();
  }

  @Test
  void thePaceIsThatOfTheLastMinutes() {
    pending.left(0, new Lsn(0), 0, 400);
    pending.left(SECOND, new Lsn(1_000), 1_000, 400);
    long later = Duration.ofMinutes(10).toNanos();
    pending.left(later, new Lsn(2_000), 1_000, 400);

    assertThat(pending.left(later + SECOND, new Lsn(3_000), 1_010, 400)).isEqualTo(4);
  }

  @Test
  void aHaltDoesNotForgetThePace() {
    pending.left(0, new Lsn(0), 0, 400);
    pending.left(SECOND, new Lsn(1_000), 10, 400);
    long later = Duration.ofMinutes(10).toNanos();
    pending.left(later, new Lsn(1_000), 10, 400);

    assertThat(pending.left(later + SECOND, new Lsn(1_000), 10, 400)).isEqualTo(4);
  }
}
