package io.github.pg2adb.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.verify.RowDifference;
import io.github.pg2adb.verify.TableResult;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemoResultTest {

  private static final TableName ORDERS = new TableName("shop", "orders");
  private static final TableName CARTS = new TableName("shop", "carts");
  private static final TableResult EQUAL =
      new TableResult(ORDERS, 1_234_567, 1_234_567, true, 0, 0, 0, List.of());
  private static final TableResult DIFFERENT =
      new TableResult(
          CARTS,
          10,
          9,
          false,
          1,
          0,
          2,
          List.of(new RowDifference(RowDifference.Kind.MISSING, "(7)")));

  @Test
  void printsATableAndSums() {
    assertThat(print(List.of(EQUAL)))
        .isEqualTo(
            String.format(
                "  table             source  destination      changes   by value%n"
                    + "  shop.orders    1,234,567    1,234,567           42   equal%n"
                    + "%n"
                    + "full load 300,000 rows, 40.0 MB in 2.5 s (120,000 rows/s, 16.0 MB/s);"
                    + " 99 changes in 12 transactions applied; lag p50 51 ms, p99 100 ms;"
                    + " all 1 tables are equal.%n"));
  }

  @Test
  void printsWhatDiffers() {
    assertThat(print(List.of(EQUAL, DIFFERENT)))
        .contains(
            String.format(
                "shop.carts: 1 rows missing, 0 extra, 2 different%n  missing (7)%n%nfull load"))
        .contains("1 of 2 tables DIFFER.");
  }

  private static String print(List<TableResult> tables) {
    DemoResult result =
        new DemoResult(
            tables,
            Map.of(ORDERS, 42L),
            new DemoResult.FullLoad(300_000, 40_000_000, Duration.ofMillis(2_500)),
            12,
            99,
            IntStream.rangeClosed(1, 100).mapToObj(Duration::ofMillis).toList());
    StringWriter text = new StringWriter();
    result.print(new PrintWriter(text));
    return text.toString();
  }
}
