package io.github.pg2adb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Target;
import org.junit.jupiter.api.Test;

class TargetProbeTest {

  @Test
  void knowsPostgres() {
    assertThat(TargetProbe.classify("PostgreSQL 12.22 on x86_64-pc-linux-gnu", null, false))
        .isEqualTo(
            new Target(
                Target.Kind.POSTGRESQL,
                "PostgreSQL 12.22 on x86_64-pc-linux-gnu",
                12,
                false,
                true,
                true,
                true));
  }

  @Test
  void knowsGreenplum7() {
    assertThat(
            TargetProbe.classify(
                "PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:abc) on x86_64",
                null,
                true))
        .isEqualTo(new Target(Target.Kind.GREENPLUM, "7.0.0", 12, true, true, true, true));
  }

  @Test
  void knowsGreenplum6WithoutOnConflict() {
    assertThat(
            TargetProbe.classify(
                "PostgreSQL 9.4.26 (Greenplum Database 6.24.3 build commit:abc)", null, true))
        .isEqualTo(new Target(Target.Kind.GREENPLUM, "6.24.3", 9, true, false, false, false));
  }

  @Test
  void knowsAnalyticDb6WhichHasOnConflict() {
    assertThat(
            TargetProbe.classify("PostgreSQL 9.4.24 (Greenplum Database 6.3.0)", "6.3.6.1", true))
        .isEqualTo(new Target(Target.Kind.ANALYTICDB, "6.3.6.1", 9, true, true, false, false));
  }

  @Test
  void knowsCloudberry() {
    assertThat(
            TargetProbe.classify(
                "PostgreSQL 14.4 (Cloudberry Database 1.5.4+dev build 1) on x86_64", null, true))
        .isEqualTo(new Target(Target.Kind.CLOUDBERRY, "1.5.4+dev", 14, true, true, true, true));
  }
}
