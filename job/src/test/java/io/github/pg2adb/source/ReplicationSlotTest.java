package io.github.pg2adb.source;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class ReplicationSlotTest {

  @Test
  void keepsAPlainTaskNameAndMarksAChangedOne() {
    assertThat(ReplicationSlot.identifier("shop_2")).isEqualTo("shop_2");
    assertThat(ReplicationSlot.identifier("Shop 2")).matches("shop_2_[0-9a-f]{8}");
    assertThat(ReplicationSlot.identifier("shop-2"))
        .matches("shop_2_[0-9a-f]{8}")
        .isNotEqualTo(ReplicationSlot.identifier("shop.2"));
    assertThat(ReplicationSlot.identifier("x".repeat(80))).hasSize(49);
  }

  @Property
  void isAlwaysASlotNameThatLeavesRoomForThePublications(@ForAll @NotEmpty String task) {
    assertThat(ReplicationSlot.identifier(task)).matches("[a-z0-9_]{1,49}");
  }
}
