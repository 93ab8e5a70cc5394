package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

  @Property
  void readsWhatItPrints(@ForAll long value) {
    assertThat(Lsn.parse(new Lsn(value).toString())).isEqualTo(new Lsn(value));
  }

  @Property
  void ordersAsUnsignedNumbers(@ForAll long first, @ForAll long second) {
    assertThat(new Lsn(first).isBefore(new Lsn(second)))
        .isEqualTo(Long.compareUnsigned(first, second) < 0);
    assertThat(Lsn.max(new Lsn(first), new Lsn(second)).compareTo(new Lsn(first))).isNotNegative();
  }

  @Test
  void countsBytesOnlyForwards() {
    Lsn earlier = Lsn.parse("0/16B3748");
    Lsn later = Lsn.parse("1/16B3748");
    assertThat(later.bytesSince(earlier)).isEqualTo(1L << 32);
    assertThat(earlier.bytesSince(later)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "0/", "/0", "0-0", "0/123456789", "x/1", "1/2/3", "-1/0"})
  void refusesWhatIsNoLsn(String text) {
    assertThatThrownBy(() -> Lsn.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Not an LSN: \"" + text + "\"");
  }
}
