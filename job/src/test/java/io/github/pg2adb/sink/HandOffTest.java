package io.github.pg2adb.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.Transaction;
import io.github.pg2adb.model.TransactionSnapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandOffTest {

  private static Transaction transaction(int xid, long commit) {
    return new Transaction(xid, new Lsn(commit), new Lsn(commit + 40), 0, List.of(), true, true);
  }

  private static HandOff chunk(String snapshot, long lsn) {
    return HandOff.of(TransactionSnapshot.parse(snapshot), new Lsn(lsn));
  }

  @Test
  void oneChunkHasExactlyWhatItsSnapshotSaw() {
    HandOff handOff = chunk("95:101:95,98", 1000);

    assertThat(handOff.has(transaction(90, 900))).isTrue();
    assertThat(handOff.has(transaction(95, 900))).isFalse();
    assertThat(handOff.has(transaction(98, 900))).isFalse();
    assertThat(handOff.has(transaction(100, 900))).isTrue();
    assertThat(handOff.has(transaction(101, 900))).isFalse();
    assertThat(handOff.mayHavePartOf(transaction(101, 900))).isFalse();
  }

  @Test
  void severalChunksHaveWhatAllOfThemSaw() {
    HandOff handOff = chunk("95:101:95", 1000).and(chunk("97:110:97,105", 2000));

    assertThat(handOff.has(transaction(96, 900))).isTrue();
    // commits before 96 and is seen by all as well, although it is above the smallest xmin
    assertThat(handOff.has(transaction(100, 890))).isTrue();
    assertThat(handOff.has(transaction(95, 900))).isFalse();
    assertThat(handOff.has(transaction(97, 900))).isFalse();
    assertThat(handOff.has(transaction(104, 900))).isFalse();
    assertThat(handOff.mayHavePartOf(transaction(104, 1500))).isTrue();
    assertThat(handOff.mayHavePartOf(transaction(104, 2000))).isFalse();
  }

  @Test
  void idsThatComeRoundAgainAreNewTransactions() {
    HandOff handOff = chunk("4294967000:4294967290:", 1000);

    assertThat(handOff.has(transaction((int) 4294967100L, 900))).isTrue();
    assertThat(handOff.has(transaction((int) 4294967100L, 5000))).isFalse();
    assertThat(handOff.has(transaction(5, 900))).isFalse();
  }

  @Test
  void replayNeedsAKey() {
    HandOff chunks = chunk("95:101:95", 1000).and(chunk("97:110:97", 2000));
    SourceTable table = new SourceTable(Wal.full("t", "a"), new int[0], new int[] {0}, chunks);

    assertThat(table.judge(transaction(90, 900))).isEqualTo(SourceTable.Verdict.SKIP);
    assertThat(table.judge(transaction(120, 2500))).isEqualTo(SourceTable.Verdict.APPLY);
    assertThatThrownBy(() -> table.judge(transaction(104, 1500)))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith(
            "Cannot apply changes to table \"public.t\": it was loaded in several chunks and has no key");
  }
}
