package io.github.pg2adb.sink;

import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.RowChange;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The net effect of a batch of updates, and the COPY text of its rows. Times are per change. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NetEffectBenchmark {
  private static final int CHANGES = 10_000;
  private static final String[] COLUMNS = {
    "id", "customer_id", "status", "created_at", "amount", "note"
  };

  /** How many different rows the changes are of. */
  @Param({"100", "10000"})
  public int rows;

  private final Relation relation =
      new Relation(
          1,
          new TableName("public", "orders"),
          ReplicaIdentity.FULL,
          Stream.of(COLUMNS).map(name -> new Relation.Column(name, true, 25, -1)).toList());
  private final List<RowChange> changes = new ArrayList<>();
  private final CopyText text = new CopyText();
  private KeyedChanges gathered = new KeyedChanges(relation, new int[] {0});

  /** Makes the changes. */
  @Setup
  public void prepare() {
    for (int i = 0; i < CHANGES; i++) {
      changes.add(
          new RowChange(
              RowChange.Operation.UPDATE, relation, order(i, "10.00"), true, order(i, "11.00")));
    }
    gathered = netEffect();
  }

  private Tuple order(int number, String amount) {
    return Tuple.of(
        String.valueOf(number % rows),
        "7919",
        "shipped",
        "2024-03-04 05:06:07+00",
        amount,
        "0123456789abcdef0123456789abcdef");
  }

  /** Gathers the changes by key. */
  @Benchmark
  @OperationsPerInvocation(CHANGES)
  public Object gather() {
    return netEffect();
  }

  private KeyedChanges netEffect() {
    KeyedChanges result = new KeyedChanges(relation, new int[] {0});
    for (RowChange change : changes) {
      result.add(change, false);
    }
    return result;
  }

  /** Writes the rows that are left as COPY text; the time is that of all of them. */
  @Benchmark
  public Object encode() {
    text.clear();
    for (KeyedChanges.Row row : gathered.rows().values()) {
      Tuple image = row.image();
      if (image != null) {
        for (int column = 0; column < COLUMNS.length; column++) {
          text.value(image, column);
        }
        text.endRow();
      }
    }
    return text;
  }
}
