package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class TaskNamesTest {

  @Test
  void keepsAPlainTaskNameAndMarksAChangedOne() {
    assertThat(TaskNames.identifier("shop_2")).isEqualTo("shop_2");
    assertThat(TaskNames.identifier("Shop 2")).matches("shop_2_[0-9a-f]{8}");
    assertThat(TaskNames.identifier("shop-2"))
        .matches("shop_2_[0-9a-f]{8}")
        .isNotEqualTo(TaskNames.identifier("shop.2"));
    assertThat(TaskNames.identifier("x".repeat(80))).hasSize(49);
  }

  @Property
  void isAlwaysASlotNameThatLeavesRoomForThePublications(@ForAll @NotEmpty String task) {
    assertThat(TaskNames.identifier(task)).matches("[a-z0-9_]{1,49}");
  }
}
