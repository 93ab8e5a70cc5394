package io.github.pg2adb.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.verify.DifferenceCounter.HashedRow;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DifferenceCounterTest {

  @Test
  void findsNothingInEqualLists() {
    DifferenceCounter counter =
        count(
            List.of(row("a", "1", 1), row("b", "2", 2)),
            List.of(row("a", "1", 1), row("b", "2", 2)));

    assertThat(counter.missing() + counter.extra() + counter.different()).isZero();
    assertThat(counter.sample()).isEmpty();
  }

  @Test
  void countsRowsThatOneEndAloneHas() {
    DifferenceCounter counter =
        count(
            List.of(row("a", "1", 1), row("c", "3", 2)),
            List.of(row("b", "2", 1), row("d", "4", 3)));

    assertThat(counter.missing()).isEqualTo(3);
    assertThat(counter.extra()).isEqualTo(4);
    assertThat(counter.different()).isZero();
  }

  @Test
  void takesRowsOfOneKeyAsDifferentWhicheverHashIsFirst() {
    DifferenceCounter counter =
        count(
            List.of(row("a", "1", 1), row("b", "9", 1)),
            List.of(row("a", "2", 1), row("b", "5", 1)));

    assertThat(counter.different()).isEqualTo(2);
    assertThat(counter.missing() + counter.extra()).isZero();
    assertThat(counter.sample())
        .containsExactly(
            new RowDifference(RowDifference.Kind.DIFFERENT, "(a)"),
            new RowDifference(RowDifference.Kind.DIFFERENT, "(b)"));
  }

  @Test
  void countsDuplicates() {
    DifferenceCounter counter = count(List.of(row("a", "1", 5)), List.of(row("a", "1", 7)));

    assertThat(counter.extra()).isEqualTo(2);
    assertThat(counter.sample())
        .containsExactly(new RowDifference(RowDifference.Kind.EXTRA, "(a)"));
  }

  @Test
  void namesABoundedNumberAndCountsAll() {
    List<HashedRow> many =
        IntStream.range(0, 1000).mapToObj(i -> row(String.format("%04d", i), "1", 1)).toList();

    DifferenceCounter counter = count(many, List.of());

    assertThat(counter.missing()).isEqualTo(1000);
    assertThat(counter.sample()).hasSize(DifferenceCounter.SAMPLE_LIMIT);
  }

  private static HashedRow row(String key, String row, long count) {
    return new HashedRow(key, row, count, "(" + key + ")");
  }

  private static DifferenceCounter count(List<HashedRow> source, List<HashedRow> target) {
    DifferenceCounter counter = new DifferenceCounter();
    counter.count(cursor(source), cursor(target));
    return counter;
  }

  private static DifferenceCounter.RowCursor cursor(List<HashedRow> rows) {
    Iterator<HashedRow> iterator = rows.iterator();
    return () -> iterator.hasNext() ? iterator.next() : null;
  }
}
