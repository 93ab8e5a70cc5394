package io.github.pg2adb.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ResultTest {

  @Test
  void theMedianOfOddAndEvenRounds() {
    assertThat(result(3, 1, 2).median()).hasValue(2);
    assertThat(result(4, 1, 3, 2).median()).hasValue(2.5);
    assertThat(result().median()).isEmpty();
  }

  @Test
  void theRatioIsAboveOneForWhoIsBetterWhateverTheUnit() {
    assertThat(result(100).ratioOf(result(150), true).orElseThrow()).isCloseTo(1.5, within(1e-9));
    assertThat(result(150).ratioOf(result(100), false).orElseThrow()).isCloseTo(1.5, within(1e-9));
    assertThat(result(100).ratioOf(result(), true)).isEmpty();
  }

  @Test
  void detailsAreMediansByName() {
    Result result = new Result("pg2adb");
    result.add(Measurement.of(1).with("p99 ms", 10));
    result.add(Measurement.of(1).with("p99 ms", 30));
    result.add(Measurement.of(1).with("p99 ms", 20));

    assertThat(result.details()).containsOnlyKeys("p99 ms").containsEntry("p99 ms", 20.0);
  }

  @Test
  void aPercentileIsAMeasuredValue() {
    double[] sorted = new double[200];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = i + 1;
    }

    assertThat(SteadyLoad.percentile(sorted, 0.5)).isEqualTo(100);
    assertThat(SteadyLoad.percentile(sorted, 0.99)).isEqualTo(198);
    assertThat(SteadyLoad.percentile(sorted, 1)).isEqualTo(200);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SteadyLoad.percentile(new double[0], 0.5))
        .withMessage("nothing was measured");
  }

  @Test
  void anAddressIsThatOfLibpqAndItsPasswordIsNotPrinted() {
    Server server = Server.parse("postgresql://gp%20admin:s%3Acret@db.internal:7000");

    assertThat(server).isEqualTo(new Server("db.internal", 7000, "gp admin", "s:cret"));
    assertThat(server.toString()).isEqualTo("gp admin@db.internal:7000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Server.parse("jdbc:postgresql://db.internal/x"))
        .withMessageContaining("Hint: write postgresql://USER:PASSWORD@HOST:PORT");
  }

  private static Result result(double... values) {
    Result result = new Result("someone");
    for (double value : values) {
      result.add(Measurement.of(value));
    }
    return result;
  }
}
