package io.github.pg2adb.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemorySizeTest {

  @Test
  void isWrittenInTheLargestUnit() {
    assertThat(MemorySize.ofMib(64)).hasToString("64mb");
    assertThat(MemorySize.ofKib(8)).hasToString("8kb");
    assertThat(new MemorySize(1025)).hasToString("1025b");
  }

  @Test
  void isNeverNegative() {
    assertThatThrownBy(() -> new MemorySize(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A size cannot be negative: -1");
  }
}
