package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EndpointTest {

  @Test
  void printsNoSecret() {
    Endpoint endpoint =
        new Endpoint(
            "db",
            5432,
            "shop",
            "loader",
            new Secret("hunter2"),
            new Endpoint.Tls(
                Endpoint.Tls.Mode.VERIFY_FULL, "ca", "cert", "key", new Secret("hunter3")));
    assertThat(endpoint).hasToString("loader@db:5432/shop");
    assertThat(endpoint.tls().toString()).doesNotContain("hunter");
    assertThat(String.valueOf(endpoint.password())).isEqualTo("****");
  }
}
