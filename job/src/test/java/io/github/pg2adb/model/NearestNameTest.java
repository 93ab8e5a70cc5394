package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

  @Test
  void findsTheFewestEdits() {
    assertThat(NearestName.find("hostnam", List.of("port", "hostname", "host")))
        .contains("hostname");
    assertThat(NearestName.find("public.Orders", List.of("public.order", "public.orders")))
        .contains("public.orders");
    assertThat(NearestName.find("bb", List.of("ca", "ab"))).contains("ab");
    assertThat(NearestName.find("a", List.of())).isEmpty();
  }

  @Test
  void countsEdits() {
    assertThat(NearestName.editDistance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestName.editDistance("", "abc")).isEqualTo(3);
    assertThat(NearestName.editDistance("abc", "")).isEqualTo(3);
    assertThat(NearestName.editDistance("same", "same")).isZero();
  }
}
